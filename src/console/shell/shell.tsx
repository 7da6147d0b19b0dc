/** What is around every page: where one is, whose data it is, and how to leave. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useViewer } from '../api/viewer.tsx';
import { Navigation } from './navigation.tsx';
import { setSession, type Session } from '../api/session.ts';
import { ThemeChoice } from './theme.tsx';

export function Shell({ session, children }: { readonly session: Session; readonly children: ReactNode }) {
  const { organization } = useViewer();
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header>
        <Link href="/" className="brand">
          Hookcast
        </Link>
        <span className="whose" title={organization.id}>
          {organization.name}
        </span>
        <ThemeChoice />
        <button type="button" className="quiet" onClick={() => setSession(null)}>
          Sign out
        </button>
      </header>
      {session.organizationId !== undefined && (
        <p className="banner" role="status">
          You are looking at <strong>{organization.name}</strong>, not at your own organization.{' '}
          <button type="button" onClick={() => setSession({ apiKey: session.apiKey })}>
            Go back
          </button>
        </p>
      )}
      <div className="columns">
        <Navigation />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </div>
  );
}

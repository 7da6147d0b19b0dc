/** What is around every page: where one is, whose data it is, and how to leave. */
import { useEffect, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { ask, useService } from '../api/service.ts';
import { graphql } from '../generated/gql.ts';
import type { ViewerQuery } from '../generated/graphql.ts';
import { setSession, type Session } from './session.ts';
import { ThemeChoice } from './theme.tsx';

const VIEWER = graphql(`
  query Viewer {
    viewer {
      organization {
        id
        name
      }
      apiKey {
        name
        scopes
      }
    }
  }
`);

const PAGES = [{ path: '/deliveries', name: 'Deliveries' }] as const;

export function Shell({ session, children }: { readonly session: Session; readonly children: ReactNode }) {
  const viewer = useViewer();
  return (
    <div className="shell">
      <header>
        <Link href="/" className="brand">
          Hookcast
        </Link>
        <nav aria-label="Pages">
          {PAGES.map(({ path, name }) => (
            <Link key={path} href={path} className={(isActive) => (isActive ? 'active' : '')}>
              {name}
            </Link>
          ))}
        </nav>
        <span className="whose" title={viewer?.organization.id}>
          {viewer?.organization.name}
        </span>
        <ThemeChoice />
        <button type="button" className="quiet" onClick={() => setSession(null)}>
          Sign out
        </button>
      </header>
      {session.organizationId !== undefined && (
        <p className="banner" role="status">
          You are looking at <strong>{viewer?.organization.name ?? session.organizationId}</strong>, not at your own
          organization.{' '}
          <button type="button" onClick={() => setSession({ apiKey: session.apiKey })}>
            Go back
          </button>
        </p>
      )}
      <main>{children}</main>
    </div>
  );
}

function useViewer(): ViewerQuery['viewer'] | null {
  const access = useService();
  const [viewer, setViewer] = useState<ViewerQuery['viewer'] | null>(null);
  useEffect(() => {
    let isCurrent = true;
    ask(access, VIEWER, {}).then(
      (data) => isCurrent && setViewer(data.viewer),
      () => {}, // The page itself says why nothing can be read.
    );
    return () => void (isCurrent = false);
  }, [access]);
  return viewer;
}

/** The portal: the pages that a session allows, in the look of the site around it. */
import { useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Router } from 'wouter';
import { ServiceProvider } from '../api/service.ts';
import { PORTAL } from '../pages.ts';
import { Routes } from '../shell/routes.tsx';
import { Shell } from '../shell/shell.tsx';
import { SignedIn } from '../shell/signed-in.tsx';
import { Failure } from '../ui/failure.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { isFramed } from './host.ts';
import { readLook } from './look.ts';
import { keepPortalSession, type PortalKeeper } from './portal-session.ts';

export function Portal({ keeper }: { readonly keeper: PortalKeeper }) {
  useLook();
  const { state, renewals } = useSyncExternalStore(keeper.subscribe, keeper.getSnapshot);
  if (state === 'checking') return <Alone children={<Skeleton rows={12} />} />;
  if (state !== 'open' && state !== 'ended')
    return <Alone children={<NoSession state={state} onRetry={keeper.retry} />} />;
  return (
    <ServiceProvider value={keeper.access}>
      <Router base={PORTAL}>
        <SignedIn turn={renewals}>
          <Shell banner={state === 'ended' && <Ended onRetry={keeper.retry} />}>
            <Routes />
          </Shell>
        </SignedIn>
      </Router>
    </ServiceProvider>
  );
}

/** Before this component nothing has asked for a token, and nothing is drawn. */
export const startPortal = (): ReactNode => <Portal keeper={keepPortalSession()} />;

const Alone = ({ children }: { readonly children: ReactNode }) => <main>{children}</main>;

type NoSessionProps = { readonly state: 'missing' | 'refused' | 'unreachable'; readonly onRetry: () => void };

const NoSession = ({ state, onRetry }: NoSessionProps) =>
  state === 'unreachable' ? (
    <Failure what="This page" error={undefined} onRetry={onRetry} />
  ) : (
    <Notice title={state === 'missing' ? 'This page was opened without access' : 'Your access has ended'} isAlert>
      {isFramed() ? 'Load the page around this one again.' : 'Open it again from the site that led you here.'}
    </Notice>
  );

const Ended = ({ onRetry }: { readonly onRetry: () => void }) => (
  <p className="banner" role="alert">
    Your access has ended. What you see is no longer current.{' '}
    {isFramed() ? (
      <button type="button" onClick={onRetry}>
        Ask for access again
      </button>
    ) : (
      'Open this page again from the site that led you here.'
    )}
  </p>
);

/** Set by properties of the element, not by a style of the page: the policy allows no other. */
function useLook(): void {
  const [{ properties, theme }] = useState(() => readLook(location.search));
  useEffect(() => {
    const { style, dataset } = document.documentElement;
    for (const [name, value] of Object.entries(properties)) style.setProperty(name, value);
    if (theme !== undefined) dataset['theme'] = theme;
  }, [properties, theme]);
}

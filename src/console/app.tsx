/** The console: for whoever signs in with an API key. */
import { useMemo } from 'react';
import { ServiceProvider, type Access } from './api/service.ts';
import { setSession, useSession, type Session } from './api/session.ts';
import { useViewer } from './api/viewer.tsx';
import { Routes } from './shell/routes.tsx';
import { Shell } from './shell/shell.tsx';
import { SignIn } from './shell/sign-in.tsx';
import { SignedIn } from './shell/signed-in.tsx';
import { ThemeChoice } from './shell/theme.tsx';

export function App({ offered }: { readonly offered: string | null }) {
  const session = useSession();
  const access = useMemo(() => session && accessOf(session), [session]);
  if (!session || !access) return <SignIn offered={offered} onSignIn={setSession} />;
  return (
    <ServiceProvider value={access}>
      <SignedIn key={session.organizationId} onRefused={() => setSession(null)}>
        <Shell tools={<Tools />} banner={session.organizationId !== undefined && <Elsewhere session={session} />}>
          <Routes />
        </Shell>
      </SignedIn>
    </ServiceProvider>
  );
}

const accessOf = ({ apiKey, organizationId }: Session): Access => ({
  url: '/graphql',
  getApiKey: () => apiKey,
  organizationId,
});

const Tools = () => (
  <>
    <ThemeChoice />
    <button type="button" className="quiet" onClick={() => setSession(null)}>
      Sign out
    </button>
  </>
);

function Elsewhere({ session: { apiKey } }: { readonly session: Session }) {
  const { organization } = useViewer();
  return (
    <p className="banner" role="status">
      You are looking at <strong>{organization.name}</strong>, not at your own organization.{' '}
      <button type="button" onClick={() => setSession({ apiKey })}>
        Go back
      </button>
    </p>
  );
}

/** The console: for whoever signs in with an API key. */
import { useMemo } from 'react';
import { accessWith, ServiceProvider } from './api/service.ts';
import { apiKeyAtHand, askAgain, setSession, useIsRefused, useSession, type Session } from './api/session.ts';
import { useViewer } from './api/viewer.tsx';
import { Routes } from './shell/routes.tsx';
import { Shell } from './shell/shell.tsx';
import { SignIn, SignInForm } from './shell/sign-in.tsx';
import { SignedIn } from './shell/signed-in.tsx';
import { ThemeChoice } from './shell/theme.tsx';
import { Dialog } from './ui/forms/dialog.tsx';
import { Text } from './ui/text/text.tsx';

export function App({ offered }: { readonly offered: string | null }) {
  const session = useSession();
  const isRefused = useIsRefused();
  const organizationId = session?.organizationId;
  // The same for every API key, so that pages and streams go on when somebody signs in again.
  const access = useMemo(
    () => accessWith({ getKeyAtHand: apiKeyAtHand, renew: askAgain, organizationId }),
    [organizationId],
  );
  if (!session) return <SignIn offered={offered} onSignIn={setSession} />;
  return (
    <ServiceProvider value={access}>
      {isRefused && <SignInAgain session={session} />}
      <SignedIn key={organizationId} ways={<Ways session={session} />}>
        <Shell tools={<Tools />} banner={organizationId !== undefined && <Elsewhere session={session} />}>
          <Routes />
        </Shell>
      </SignedIn>
    </ServiceProvider>
  );
}

/** In the middle of work: the page behind it stays as it is. */
function SignInAgain({ session }: { readonly session: Session }) {
  const signIn = ({ apiKey, home }: Session): void => {
    if (session.home === home) return setSession({ ...session, apiKey });
    setSession(null); // Requests that wait for another API key end: they were not meant for another organization.
    setSession({ apiKey, ...(home !== undefined && { home }) });
    location.reload(); // What is on the page may be of another organization.
  };
  return (
    <Dialog title="Sign in again" onClose={() => setSession(null)}>
      <p>The service refuses your API key: it was revoked, or it has expired. What is on the page stays.</p>
      <SignInForm onSignIn={signIn} />
    </Dialog>
  );
}

const Tools = () => (
  <>
    <ThemeChoice />
    <SignOut />
  </>
);

const SignOut = () => (
  <button type="button" className="quiet" onClick={() => setSession(null)}>
    Sign out
  </button>
);

const GoBack = ({ session: { organizationId: _, ...own } }: { readonly session: Session }) => (
  <button type="button" onClick={() => setSession(own)}>
    Go back
  </button>
);

/** Ways out of a session that shows nothing: the organization may be gone, or the API key may not look into it. */
const Ways = ({ session }: { readonly session: Session }) => (
  <>
    {session.organizationId !== undefined && <GoBack session={session} />}
    <SignOut />
  </>
);

function Elsewhere({ session }: { readonly session: Session }) {
  const { organization } = useViewer();
  return (
    <p className="banner" role="status">
      You are looking at{' '}
      <strong>
        <Text value={organization.name} />
      </strong>
      , not at your own organization. <GoBack session={session} />
    </p>
  );
}

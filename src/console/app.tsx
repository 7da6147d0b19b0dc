import { useMemo } from 'react';
import { accessOf, ServiceProvider } from './api/service.ts';
import { Routes } from './shell/routes.tsx';
import { setSession, useSession } from './api/session.ts';
import { Shell } from './shell/shell.tsx';
import { SignIn } from './shell/sign-in.tsx';
import { SignedIn } from './shell/signed-in.tsx';

export function App() {
  const session = useSession();
  const access = useMemo(() => session && accessOf(session), [session]);
  if (!session || !access) return <SignIn onSignIn={setSession} />;
  return (
    <ServiceProvider value={access}>
      <SignedIn>
        <Shell session={session}>
          <Routes />
        </Shell>
      </SignedIn>
    </ServiceProvider>
  );
}

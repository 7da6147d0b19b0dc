import { lazy, Suspense, useMemo } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { accessOf, ServiceProvider } from './api/service.ts';
import { setSession, useSession } from './shell/session.ts';
import { Shell } from './shell/shell.tsx';
import { SignIn } from './shell/sign-in.tsx';
import { Notice } from './ui/notice.tsx';
import { Skeleton } from './ui/skeleton.tsx';

const DeliveriesPage = lazy(() => import('./deliveries/deliveries-page.tsx'));

export function App() {
  const session = useSession();
  const access = useMemo(() => session && accessOf(session), [session]);
  if (!session || !access) return <SignIn onSignIn={setSession} />;
  return (
    <ServiceProvider value={access}>
      <Shell session={session}>
        <Suspense fallback={<Skeleton rows={12} />}>
          <Switch>
            <Route path="/">
              <Redirect to="/deliveries" replace />
            </Route>
            <Route path="/deliveries" component={DeliveriesPage} />
            <Route>
              <Notice title="There is no such page">
                The address may be mistyped, or what it showed may have been deleted.
              </Notice>
            </Route>
          </Switch>
        </Suspense>
      </Shell>
    </ServiceProvider>
  );
}

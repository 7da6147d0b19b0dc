/** The page of the address, of those that the viewer may see. */
import { lazy, Suspense, useCallback, useEffect, useState, type ComponentType } from 'react';
import { Redirect, Route, Switch, useLocation, useParams } from 'wouter';
import { scopesOf, useViewer } from '../api/viewer.tsx';
import { loadPage } from '../page-components.ts';
import { isAllowed, PAGES, type Page } from '../pages.ts';
import { StartAgain } from '../ui/failure.tsx';
import { Notice } from '../ui/notice.tsx';
import { NeededScope } from '../ui/portal/needed-scope.tsx';
import { useIsPortal } from '../ui/portal/use-is-portal.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { Boundary } from './boundary.tsx';

/** One lazy component a page, whoever shows it. */
const COMPONENTS: ReadonlyMap<Page, ComponentType> = new Map(
  PAGES.map((page) => [page, lazy(async () => ({ default: await loadPage(page) }))]),
);

export function Routes() {
  const scopes = scopesOf(useViewer());
  const [location] = useLocation();
  const [home] = PAGES.filter((page) => page.isListed !== false && isAllowed(page, scopes));
  return (
    <Boundary at={location}>
      <Suspense fallback={<Skeleton rows={12} />}>
        <Switch>
          {home && (
            <Route path="/">
              <Redirect to={home.path} replace />
            </Route>
          )}
          {PAGES.map((page) => (
            <Route key={page.path} path={page.path}>
              {isAllowed(page, scopes) ? <Titled page={page} /> : <NotAllowed page={page} />}
            </Route>
          ))}
          <Route>
            <h1>Nothing here</h1>
            <Notice title="There is no such page">
              The address may be mistyped, or what it showed may have been deleted.
            </Notice>
          </Route>
        </Switch>
      </Suspense>
    </Boundary>
  );
}

/** Begins anew at each address: what was read or typed of one thing is never shown as of another. */
function Titled({ page }: { readonly page: Page }) {
  const Component = COMPONENTS.get(page)!;
  const address = JSON.stringify(useParams());
  const title = useIsPortal() ? page.name : `${page.name} · Hookcast`;
  useEffect(() => void (document.title = title), [title]);
  const [turn, setTurn] = useState(0);
  const startAgain = useCallback(() => setTurn((before) => before + 1), []);
  return (
    <StartAgain value={startAgain}>
      <Component key={`${turn} ${address}`} />
    </StartAgain>
  );
}

const NotAllowed = ({ page }: { readonly page: Page }) => (
  <>
    <h1>{page.name}</h1>
    <Notice title={`${page.name} is not open to you`}>
      <NeededScope scope={page.scope} />
    </Notice>
  </>
);

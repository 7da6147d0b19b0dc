/** The pages that the viewer may see, in their groups: beside the page, and above it, in a menu, where the screen is narrow. */
import { Link, useLocation } from 'wouter';
import { scopesOf, useViewer } from '../api/viewer.tsx';
import { isAllowed, PAGE_GROUPS } from '../pages.ts';

/** `onLeave`: another page was chosen. */
export function Navigation({ onLeave }: { readonly onLeave: () => void }) {
  const scopes = scopesOf(useViewer());
  const [location] = useLocation();
  const groups = PAGE_GROUPS.map(([name, pages]) => ({
    name,
    pages: pages.filter((page) => page.isListed !== false && isAllowed(page, scopes)),
  })).filter(({ pages }) => pages.length > 0);
  return (
    <nav aria-label="Pages" className="navigation">
      {groups.map(({ name, pages }) => (
        <section key={name} aria-label={name}>
          <h2>{name}</h2>
          {pages.map(({ path, name }) => (
            <Link key={path} href={path} aria-current={isWithin(location, path) ? 'page' : undefined} onClick={onLeave}>
              {name}
            </Link>
          ))}
        </section>
      ))}
    </nav>
  );
}

/** `/deliveries/…` belongs to Deliveries. */
const isWithin = (location: string, path: string): boolean => location === path || location.startsWith(`${path}/`);

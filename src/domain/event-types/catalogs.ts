/** The event types that a new deployment starts with: the catalogs of three published webhook APIs, and the service's own. */
import { daya } from './catalogs/daya.ts';
import { dakotaPayments } from './catalogs/dakota-payments.ts';
import { dakotaPeople } from './catalogs/dakota-people.ts';
import { dfns } from './catalogs/dfns.ts';
import { dfnsWallets } from './catalogs/dfns-wallets.ts';
import type { CatalogEntry } from './catalogs/entry.ts';
import { hookcast } from './catalogs/hookcast.ts';
import { isServiceEventType } from './service-event-types.ts';

/** What the service publishes itself. The types of Dakota are among them, whichever catalogs a deployment chose. */
export const OWN_CATALOG = 'hookcast';

const CATALOGS: ReadonlyMap<string, readonly CatalogEntry[]> = new Map([
  ['dakota', [...dakotaPeople, ...dakotaPayments]],
  ['dfns', [...dfns, ...dfnsWallets]],
  ['daya', daya],
  [OWN_CATALOG, [...hookcast, ...dakotaPeople.filter(({ name }) => isServiceEventType(name))]],
]);

/** The event types of the named catalogs, each name once: of two catalogs with the same name, the first one counts. */
export function loadCatalog(names: readonly string[]): CatalogEntry[] {
  const entries = new Map<string, CatalogEntry>();
  for (const name of names) {
    const catalog = CATALOGS.get(name);
    if (!catalog) throw new Error(`expected a catalog, one of ${[...CATALOGS.keys()].join(', ')}; got ${name}`);
    for (const entry of catalog) if (!entries.has(entry.name)) entries.set(entry.name, entry);
  }
  return [...entries.values()];
}

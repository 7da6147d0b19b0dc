/** The event types that a new deployment starts with: the catalogs of three published webhook APIs. */
import { daya } from './catalogs/daya.ts';
import { dakotaPayments } from './catalogs/dakota-payments.ts';
import { dakotaPeople } from './catalogs/dakota-people.ts';
import { dfns } from './catalogs/dfns.ts';
import { dfnsWallets } from './catalogs/dfns-wallets.ts';
import type { CatalogEntry } from './catalogs/entry.ts';

const CATALOGS: ReadonlyMap<string, readonly CatalogEntry[]> = new Map([
  ['dakota', [...dakotaPeople, ...dakotaPayments]],
  ['dfns', [...dfns, ...dfnsWallets]],
  ['daya', daya],
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

/** Whether the names of the service's own event types are free, before a release that publishes such events is installed. */
import { UnfitDatabase } from '../connect/fitness.ts';
import type { Sql } from '../statement.ts';

/**
 * Throws UnfitDatabase when the deployment has types of its own with these names. Types of the catalog of Dakota are the
 * service's own. Archived ones are taken over: nobody publishes them. Once the service has loaded its catalog, the names are
 * its own for good.
 */
export async function requireFreeNames(sql: Sql, names: readonly string[]): Promise<void> {
  const { rows: tables } = await sql.query(`select to_regclass('event_types') is not null as "isThere"`);
  if (!tables[0].isThere) return;
  const { rows } = await sql.query<{ name: string }>(TAKEN, [names]);
  if (rows.length === 0) return;
  const taken = rows.map(({ name }) => name).join(', ');
  throw new UnfitDatabase(
    `the service publishes events of the types ${taken} itself from this release on, and your catalog has types of your own ` +
      'with these names: archive them (archiveEventType), so that the service takes them over, or set SERVICE_EVENTS=false to ' +
      'go on publishing them yourself.',
  );
}

// A catalog is loaded in one transaction, and all its types have the date of that.
const TAKEN = `
  select name from event_types t
  where name = any($1) and archived_at is null
    and not exists (select from settings where name = 'catalog:hookcast')
    and not exists (select from settings s where s.name = 'catalog:dakota' and s.value::timestamptz = t.created_at)
  order by name`;

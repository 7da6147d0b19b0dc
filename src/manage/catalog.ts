/** The whole catalog of event types, exported to a file or imported from one. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import type { Sql } from '../database/statement.ts';
import type { CatalogFileEntry } from '../domain/event-types/catalog-file.ts';
import type { EventTypeFields } from '../domain/event-types/event-type-fields.ts';
import type { IdGenerator } from '../domain/ksuid.ts';
import { audit, type Authored } from './audit.ts';
import { eventTypeChange } from './event-types.ts';

/** Names of event types, grouped by what an import does to them. */
export type CatalogChange = {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  /** Types that are archived and not changed otherwise: by `archived` in the file, or missing in it with `archiveMissing`. */
  readonly archived: readonly string[];
  readonly unarchived: readonly string[];
  readonly unchanged: readonly string[];
};

export type ImportOptions = {
  /** Writes nothing. */
  readonly dryRun: boolean;
  /** Also archives types that are not in the file. Otherwise they stay as they are. */
  readonly archiveMissing: boolean;
};

export type Catalog = {
  /** All event types by name, archived ones too. */
  export(): Promise<CatalogFileEntry[]>;
  /** Makes the catalog equal to the entries, all or nothing; an equal type stays untouched. Safe to repeat. */
  import(caller: Authored, entries: readonly CatalogFileEntry[], options: ImportOptions): Promise<CatalogChange>;
};

type Options = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  /** Types that `archiveMissing` leaves alone, because the service publishes them itself. Default: none. */
  readonly reserved?: readonly string[];
};

export function createCatalog({ database, clock, ids, reserved = [] }: Options): Catalog {
  return {
    export: () => readEntries(database.pool),

    import: ({ author }, entries, { dryRun, archiveMissing }) =>
      database.transaction(async (tx) => {
        // Nobody else changes the catalog meanwhile; publishing and subscribing still read it.
        await tx.query('lock table event_types in share row exclusive mode');
        const present = new Map((await readEntries(tx)).map((entry) => [entry.name, entry]));
        const named = new Set(entries.map(({ name }) => name));
        const missing = [...present.values()].filter(({ name }) => !named.has(name) && !reserved.includes(name));
        const wanted = archiveMissing
          ? [...entries, ...missing.map((entry) => ({ ...entry, archived: true }))]
          : entries;
        const groups = Object.groupBy(wanted, (entry) => compare(present.get(entry.name), entry));
        if (!dryRun) {
          const changed = wanted.filter((entry) => !groups.unchanged?.includes(entry));
          const now = clock.now();
          await write(tx, changed, now);
          const changes = changed.map((entry) => eventTypeChange(entry.name, present.get(entry.name) ?? null, entry));
          await audit(tx, { author, ids, now }, changes);
        }
        const names = (group: keyof CatalogChange) => (groups[group] ?? []).map(({ name }) => name).sort();
        return {
          created: names('created'),
          updated: names('updated'),
          archived: names('archived'),
          unarchived: names('unarchived'),
          unchanged: names('unchanged'),
        };
      }),
  };
}

function compare(present: CatalogFileEntry | undefined, wanted: CatalogFileEntry): keyof CatalogChange {
  if (!present) return 'created';
  if (!isDeepStrictEqual(fieldsOf(present), fieldsOf(wanted))) return 'updated';
  if (present.archived === wanted.archived) return 'unchanged';
  return wanted.archived ? 'archived' : 'unarchived';
}

const fieldsOf = ({ category, displayName, description, schema, example }: CatalogFileEntry): EventTypeFields => ({
  category,
  displayName,
  description,
  schema,
  example,
});

async function readEntries(sql: Sql): Promise<CatalogFileEntry[]> {
  const { rows } = await sql.query<CatalogFileEntry>(
    `select name, category, display_name as "displayName", description, schema, example,
       archived_at is not null as archived
     from event_types order by name`,
  );
  return rows;
}

async function write(tx: Sql, entries: readonly CatalogFileEntry[], now: Date): Promise<void> {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  await tx.query(WRITE, [
    entries.map(({ name }) => name),
    entries.map(({ category }) => category),
    entries.map(({ displayName }) => displayName),
    entries.map(({ description }) => description),
    entries.map(({ schema }) => json(schema)),
    entries.map(({ example }) => json(example)),
    entries.map(({ archived }) => archived),
    now,
  ]);
}

const WRITE = `
  insert into event_types (name, category, display_name, description, schema, example, archived_at, created_at,
    updated_at)
  select name, category, display_name, description, schema, example, case when archived then $8::timestamptz end, $8, $8
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::jsonb[], $7::boolean[])
         as new (name, category, display_name, description, schema, example, archived)
  on conflict (name) do update
    set category = excluded.category, display_name = excluded.display_name, description = excluded.description,
        schema = excluded.schema, example = excluded.example, updated_at = excluded.updated_at,
        archived_at = case when excluded.archived_at is null then null
                           else coalesce(event_types.archived_at, excluded.archived_at) end`;

/** The catalog of event types, one for the whole deployment. The API checks who may change it. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import type { Sql } from '../database/statement.ts';
import { remember, type Effect } from '../database/effect.ts';
import { loadCatalog, OWN_CATALOG } from '../domain/event-types/catalogs.ts';
import { isEventTypeName } from '../domain/event-types/event-type.ts';
import {
  changeEventType,
  describeEventType,
  type EventTypeFields,
  type EventTypeInput,
} from '../domain/event-types/event-type-fields.ts';
import { createSchemaChecks, type SchemaChecks } from '../domain/schemas/checks.ts';
import { quote } from '../domain/text.ts';
import type { IdGenerator } from '../domain/ksuid.ts';
import { fail, succeed, userError, type Result, type UserError } from '../errors.ts';
import { audit, type Authored, type AuditEntry } from './audit.ts';

type Named = { readonly name: string };
type Changed = Promise<Result<{ name: string }>>;

export type EventTypes = {
  /** INVALID, REQUIRED, TOO_LONG, ALREADY_EXISTS (archived types keep their names). */
  create(caller: Authored, input: EventTypeInput & Named, effect?: Effect): Changed;
  /** Changes the fields that are not undefined, also of archived types. NOT_FOUND and the errors of create. */
  update(caller: Authored, input: EventTypeInput & Named, effect?: Effect): Changed;
  /** Closes the type to new events and new subscriptions. Archiving twice is fine. NOT_FOUND. */
  archive(caller: Authored, input: Named, effect?: Effect): Changed;
  /** Opens an archived type again. A type that is not archived stays as it is. NOT_FOUND. */
  unarchive(caller: Authored, input: Named, effect?: Effect): Changed;
  /**
   * Loads each named catalog when it is asked for the first time, and never again, so later edits stay. The types of the service
   * itself take over archived ones with their names (database/migrate/reserved-names.ts). Returns the names of the event types
   * that are new or taken over. Safe for several processes at once.
   */
  loadCatalogs(caller: Authored, catalogs: readonly string[]): Promise<string[]>;
};

type Options = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  /** Default: schema checks of its own. */
  readonly schemas?: SchemaChecks;
};

export function createEventTypes({ database, clock, ids, schemas = createSchemaChecks() }: Options): EventTypes {
  const setArchived = ({ author }: Authored, { name }: Named, archived: boolean, effect: Effect | undefined): Changed =>
    database.transaction<Result<{ name: string }>>(async (tx) => {
      const current = await read(tx, name, LOCK);
      if (!current) return fail(unknown(name));
      const now = clock.now();
      if (current.archived !== archived) await tx.query(SET_ARCHIVED, [name, archived ? now : null, now]);
      await audit(tx, { author, ids, now }, [eventTypeChange(name, current, { ...current, archived })]);
      return succeed(await remember(tx, effect, { name }));
    });

  return {
    async create({ author }, { name, ...input }, effect) {
      const described = await describeEventType(schemas, name, input);
      if (!described.ok) return described;
      const isNew = await database.transaction(async (tx) => {
        const now = clock.now();
        const inserted = await insert(tx, [{ name, ...described.value }], now);
        if (inserted.length === 0) return false;
        await audit(tx, { author, ids, now }, [eventTypeChange(name, null, { ...described.value, archived: false })]);
        await remember(tx, effect, { name });
        return true;
      });
      if (isNew) return succeed({ name });
      const hint = 'Change it with updateEventType, or choose another name.';
      return fail(userError('ALREADY_EXISTS', 'name', `There is an event type ${quote(name)} already. ${hint}`));
    },

    async update({ author }, { name, ...input }, effect) {
      for (;;) {
        // Before the transaction: a schema may take seconds, and would hold up everybody's live stream.
        const known = await read(database.pool, name, FIND);
        if (!known) return fail(unknown(name));
        const changed = await changeEventType(schemas, known, input);
        if (!changed.ok) return changed;

        const done = await database.transaction(async (tx) => {
          const current = await read(tx, name, LOCK);

          // Somebody else may have changed the type meanwhile: then the change is judged anew.
          if (JSON.stringify(current) !== JSON.stringify(known)) return undefined;
          const { category, displayName, description, schema, example } = changed.value;
          const values = [category, displayName, description, json(schema), json(example)];
          const now = clock.now();
          await tx.query(UPDATE, [name, ...values, now]);
          const after = { ...changed.value, archived: known.archived };
          await audit(tx, { author, ids, now }, [eventTypeChange(name, known, after)]);
          return succeed(await remember(tx, effect, { name }));
        });
        if (done) return done;
      }
    },

    archive: (caller, input, effect) => setArchived(caller, input, true, effect),
    unarchive: (caller, input, effect) => setArchived(caller, input, false, effect),

    loadCatalogs: ({ author }, catalogs) =>
      database.transaction(async (tx) => {
        const now = clock.now();
        const marks = catalogs.map((catalog) => `catalog:${catalog}`);
        const { rows } = await tx.query<Named>(MARK_LOADED, [marks, now.toISOString()]);
        const fresh = catalogs.filter((catalog) => rows.some(({ name }) => name === `catalog:${catalog}`));
        const entries = loadCatalog(fresh).map((entry) => ({ ...entry, schema: null }));
        const loaded = await insert(tx, entries, now);
        const added = entries.filter(({ name }) => loaded.includes(name));
        const own = loadCatalog(fresh.filter((catalog) => catalog === OWN_CATALOG));
        const present = own.filter(({ name }) => !loaded.includes(name)).map((entry) => ({ ...entry, schema: null }));
        const takenOver = await takeOver(tx, present, now);
        const changes = added.map((entry) => eventTypeChange(entry.name, null, { ...entry, archived: false }));
        await audit(tx, { author, ids, now }, [...changes, ...takenOver]);
        return [...loaded, ...takenOver.flatMap(({ id }) => id ?? [])];
      }),
  };
}

const unknown = (name: string): UserError =>
  userError('NOT_FOUND', 'name', `No event type has the name ${quote(name)}; the eventTypes query lists them.`);

type AuditedEventType = EventTypeFields & { readonly archived: boolean };

async function read(sql: Sql, name: string, query: string): Promise<AuditedEventType | undefined> {
  if (!isEventTypeName(name)) return undefined;
  return (await sql.query<AuditedEventType>(query, [name])).rows[0];
}

/** The audit entry of a change, which belongs to the deployment. Every field of an event type is public. */
export function eventTypeChange(name: string, before: AuditedEventType | null, after: AuditedEventType): AuditEntry {
  return { organizationId: null, type: 'EventType', id: name, before: before && shown(before), after: shown(after) };
}

const shown = ({ category, displayName, description, schema, example, archived }: AuditedEventType) => ({
  category,
  displayName,
  description,
  schema,
  example,
  archived,
});

/** Makes archived types with these names equal to the entries, and opens them. Returns the changes. */
async function takeOver(sql: Sql, entries: readonly (EventTypeFields & Named)[], now: Date): Promise<AuditEntry[]> {
  const changes: AuditEntry[] = [];
  for (const { name, ...fields } of entries) {
    const current = await read(sql, name, LOCK);
    if (!current?.archived) continue;
    const { category, displayName, description, schema, example } = fields;
    await sql.query(UPDATE, [name, category, displayName, description, json(schema), json(example), now]);
    await sql.query(SET_ARCHIVED, [name, null, now]);
    changes.push(eventTypeChange(name, current, { ...fields, archived: false }));
  }
  return changes;
}

/** Inserts the types whose names are free, and returns those names. */
async function insert(sql: Sql, types: readonly (EventTypeFields & Named)[], now: Date): Promise<string[]> {
  const { rows } = await sql.query<Named>(INSERT, [
    types.map(({ name }) => name),
    types.map(({ category }) => category),
    types.map(({ displayName }) => displayName),
    types.map(({ description }) => description),
    types.map(({ schema }) => json(schema)),
    types.map(({ example }) => json(example)),
    now,
  ]);
  return rows.map(({ name }) => name);
}

/** A null becomes SQL's null: a JSON null is never stored. */
const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

const FIND = `
  select category, display_name as "displayName", description, schema, example, archived_at is not null as archived
    from event_types where name = $1`;

const LOCK = `${FIND} for update`;

const INSERT = `
  insert into event_types (name, category, display_name, description, schema, example, created_at, updated_at)
  select name, category, display_name, description, schema, example, $7, $7
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::jsonb[])
         as new (name, category, display_name, description, schema, example)
  on conflict (name) do nothing
  returning name`;

const UPDATE = `
  update event_types
     set category = $2, display_name = $3, description = $4, schema = $5, example = $6, updated_at = $7
   where name = $1`;

const SET_ARCHIVED = 'update event_types set archived_at = $2, updated_at = $3 where name = $1';

const MARK_LOADED = `
  insert into settings (name, value) select name, $2 from unnest($1::text[]) as name order by name
  on conflict (name) do nothing
  returning name`;

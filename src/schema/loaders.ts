/**
 * How resolvers read rows: what many of them ask for in one tick is one statement. Loaders belong to the process and
 * remember nothing, for a mutation must see what the one before it did, and a subscription lasts for days.
 *
 * Rows of a tenant are asked for together with who may see them; parts of a row already seen by its id alone.
 */
import DataLoader from 'dataloader';
import { Prisma } from '../../prisma/generated/client.ts';
import type { EventType, TargetHealth } from '../../prisma/generated/client.ts';
import type { PrismaClient } from '../database/client.ts';
import type { Sql } from '../database/statement.ts';
import { createListLoaders, type ListLoaders } from './list-loaders.ts';
import { nodeTypes, type NodeType } from './node-types.ts';
import { ATTEMPT_COLUMNS, DELIVERY_COLUMNS, EVENT_COLUMNS, read, TARGET_COLUMNS } from './rows.ts';
import type { AttemptRow, DeliveryRow, EventRow, RowKey, TargetRow } from './rows.ts';

export type AttemptKey = { readonly deliveryId: string; readonly number: number };

export type AttemptResponse = AttemptKey & {
  /** JSON text. */
  readonly responseHeaders: string | null;
  readonly responseBody: string | null;
};

/** `load` answers null where there is no such row, or not for this organization. */
export type Loader<Key, Value> = { load(key: Key): Promise<Value | null> };

export type Loaders = ListLoaders & {
  readonly event: Loader<RowKey, EventRow>;
  readonly delivery: Loader<RowKey, DeliveryRow>;
  /** Deleted targets too: their old deliveries still name them. */
  readonly target: Loader<RowKey, TargetRow>;
  /** Which type of object an id is; null for an id of nothing, or of another organization. */
  readonly nodeType: Loader<RowKey, NodeType>;
  readonly eventType: Loader<string, EventType>;
  readonly eventBody: Loader<string, string>;
  readonly targetHealth: Loader<string, TargetHealth>;
  readonly attempt: Loader<AttemptKey, AttemptRow>;
  readonly attemptResponse: Loader<AttemptKey, AttemptResponse>;
};

type Sources = { readonly prisma: PrismaClient; readonly sql: Sql };

const MAX_BATCH = 1_000;
const known = new WeakMap<Sources, Loaders>();

/** The loaders of a process. */
export function loadersOf(sources: Sources): Loaders {
  let loaders = known.get(sources);
  if (!loaders) known.set(sources, (loaders = createLoaders(sources)));
  return loaders;
}

function createLoaders({ prisma, sql }: Sources): Loaders {
  return {
    ...createListLoaders(sql),
    event: rowsOf<EventRow>(sql, Prisma.sql`events`, EVENT_COLUMNS),
    delivery: rowsOf<DeliveryRow>(sql, Prisma.sql`deliveries`, DELIVERY_COLUMNS),
    target: rowsOf<TargetRow>(sql, Prisma.sql`webhook_targets`, TARGET_COLUMNS),
    nodeType: batched((keys: readonly RowKey[]) => nodeTypes(sql, keys)),
    eventType: partsOf((names) => prisma.eventType.findMany({ where: { name: { in: names } } }), 'name'),
    eventBody: bodies(sql),
    targetHealth: partsOf((ids) => prisma.targetHealth.findMany({ where: { targetId: { in: ids } } }), 'targetId'),
    attempt: attempts<AttemptRow>(sql, ATTEMPT_COLUMNS),
    attemptResponse: attempts<AttemptResponse>(sql, RESPONSE_COLUMNS),
  };
}

/** `read` gets the keys of one tick and answers in their order. */
function batched<Key, Value>(read: (keys: readonly Key[]) => Promise<(Value | null)[]>): Loader<Key, Value> {
  return new DataLoader(read, { cache: false, maxBatchSize: MAX_BATCH });
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

function rowsOf<Row extends { readonly id: string; readonly organizationId: string }>(
  sql: Sql,
  table: Prisma.Sql,
  columns: Prisma.Sql,
): Loader<RowKey, Row> {
  return batched(async (keys) => {
    const organizationIds = distinct(keys.map(({ organizationId }) => organizationId));
    const tenants = organizationIds.includes(null)
      ? Prisma.empty
      : Prisma.sql`and organization_id = any(${organizationIds})`;
    const ids = distinct(keys.map(({ id }) => id));
    const rows = await read<Row>(sql, Prisma.sql`select ${columns} from ${table} where id = any(${ids}) ${tenants}`);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return keys.map(({ id, organizationId }) => {
      const row = byId.get(id);
      // The statement served several callers: what one of them may see, another may not.
      return row && (organizationId === null || organizationId === row.organizationId) ? row : null;
    });
  });
}

function partsOf<Name extends string, Row extends { readonly [Key in Name]: string }>(
  find: (keys: string[]) => Promise<Row[]>,
  name: Name,
): Loader<string, Row> {
  return batched(async (keys) => {
    const byKey = new Map((await find(distinct(keys))).map((row) => [row[name] as string, row]));
    return keys.map((key) => byKey.get(key) ?? null);
  });
}

function bodies(sql: Sql): Loader<string, string> {
  return batched(async (ids) => {
    const statement = Prisma.sql`select id, body from events where id = any(${distinct(ids)})`;
    const byId = new Map((await read<{ id: string; body: string }>(sql, statement)).map(({ id, body }) => [id, body]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}

const RESPONSE_COLUMNS = Prisma.sql`delivery_id as "deliveryId", number, response_headers as "responseHeaders",
  response_body as "responseBody"`;

function attempts<Row extends AttemptKey>(sql: Sql, columns: Prisma.Sql): Loader<AttemptKey, Row> {
  const nameOf = ({ deliveryId, number }: AttemptKey) => `${deliveryId}:${number}`;
  return batched(async (keys) => {
    const deliveryIds = keys.map(({ deliveryId }) => deliveryId);
    const numbers = keys.map(({ number }) => number);
    const rows = await read<Row>(
      sql,
      Prisma.sql`select ${columns} from delivery_attempts
        where (delivery_id, number) in (select * from unnest(${deliveryIds}::text[], ${numbers}::int[]))`,
    );
    const byName = new Map(rows.map((row) => [nameOf(row), row]));
    return keys.map((key) => byName.get(nameOf(key)) ?? null);
  });
}

/**
 * How resolvers read rows. What many of them ask for in one tick becomes one statement, whichever operation they belong to.
 * Loaders belong to a reading (database/read/reading.ts), so everything that an operation is shown is of one moment.
 *
 * A row of an organization is asked for together with the organization that may see it; a part of a row that was already read,
 * by the id alone.
 */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { SharedReading } from '../../database/read/readings.ts';
import type { WaitFacts } from '../../domain/reasons/delivery-wait.ts';
import { batched, distinct, type Loader } from './batched.ts';
import { createCatalogLoaders, type CatalogLoaders } from './catalog-loaders.ts';
import { createCountLoaders, type CountLoaders } from './count-loaders.ts';
import { createEventTargetLoaders, type EventTargetLoaders } from './event-targets.ts';
import { createListLoaders, type ListLoaders } from './list-loaders.ts';
import { nodeTypes, type NodeType } from './node-types.ts';
import { partsOf, rowsOf } from './row-loaders.ts';
import { ATTEMPT_COLUMNS, DELIVERY_COLUMNS, EVENT_COLUMNS, read, REPLAY_COLUMNS, TARGET_COLUMNS } from './rows.ts';
import { TARGET_HEALTH_COLUMNS } from './rows.ts';
import type {
  AttemptRow,
  DeliveryRow,
  EventRow,
  ReplayRow,
  RowKey,
  SealedHeadersRow,
  TargetHealthRow,
  TargetRow,
} from './rows.ts';
import { waitFacts } from './waits.ts';

export type AttemptKey = { readonly deliveryId: string; readonly number: number };

export type AttemptResponse = AttemptKey & {
  /** JSON text. */
  readonly responseHeaders: string | null;
  readonly responseBody: string | null;
};

export type Loaders = ListLoaders &
  CatalogLoaders &
  CountLoaders &
  EventTargetLoaders & {
    readonly event: Loader<RowKey, EventRow>;
    readonly delivery: Loader<RowKey, DeliveryRow>;
    readonly replay: Loader<RowKey, ReplayRow>;
    /** Deleted targets too: their old deliveries still name them. */
    readonly target: Loader<RowKey, TargetRow>;
    /** Which type of object an id belongs to; null for an unknown id, and for an id of another organization. */
    readonly nodeType: Loader<RowKey, NodeType>;
    readonly eventBody: Loader<string, string>;
    readonly targetHealth: Loader<string, TargetHealthRow>;
    readonly sealedHeaders: Loader<string, SealedHeadersRow>;
    readonly waitFacts: Loader<string, WaitFacts>;
    readonly attempt: Loader<AttemptKey, AttemptRow>;
    readonly attemptResponse: Loader<AttemptKey, AttemptResponse>;
  };

const known = new WeakMap<SharedReading, Loaders>();

/** The loaders of a reading. */
export function loadersIn(reading: SharedReading): Loaders {
  let loaders = known.get(reading);
  if (!loaders) known.set(reading, (loaders = createLoaders(reading)));
  return loaders;
}

const createLoaders = (reading: SharedReading): Loaders => ({
  ...createListLoaders(reading),
  ...createCatalogLoaders(reading),
  ...createCountLoaders(reading),
  ...createEventTargetLoaders(reading),
  event: rowsOf<EventRow>(reading, Prisma.sql`events`, EVENT_COLUMNS),
  delivery: rowsOf<DeliveryRow>(reading, Prisma.sql`deliveries`, DELIVERY_COLUMNS),
  replay: rowsOf<ReplayRow>(reading, Prisma.sql`replays`, REPLAY_COLUMNS),
  target: rowsOf<TargetRow>(reading, Prisma.sql`webhook_targets`, TARGET_COLUMNS),
  nodeType: batched<RowKey, NodeType | null>(reading, (keys) => nodeTypes(reading, keys)),
  eventBody: bodies(reading),
  targetHealth: partsOf<TargetHealthRow>(reading, ({ targetId }) => targetId, HEALTH_OF),
  sealedHeaders: partsOf<SealedHeadersRow>(reading, ({ id }) => id, HEADERS_OF),
  waitFacts: waitFacts(reading),
  attempt: attempts<AttemptRow>(reading, ATTEMPT_COLUMNS),
  attemptResponse: attempts<AttemptResponse>(reading, RESPONSE_COLUMNS),
});

const HEALTH_OF = (targetIds: readonly string[]): Prisma.Sql =>
  Prisma.sql`select ${TARGET_HEALTH_COLUMNS} from target_health where target_id = any(${targetIds})`;

const HEADERS_OF = (targetIds: readonly string[]): Prisma.Sql =>
  Prisma.sql`select id, sealed_headers as "sealedHeaders" from webhook_targets where id = any(${targetIds})`;

function bodies(reading: SharedReading): Loader<string, string> {
  return batched<string, string | null>(reading, async (ids) => {
    const statement = Prisma.sql`select id, body from events where id = any(${distinct(ids)})`;
    const rows = await read<{ id: string; body: string }>(reading, statement);
    const byId = new Map(rows.map(({ id, body }) => [id, body]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}

const RESPONSE_COLUMNS = Prisma.sql`delivery_id as "deliveryId", number, response_headers as "responseHeaders",
  response_body as "responseBody"`;

function attempts<Row extends AttemptKey>(reading: SharedReading, columns: Prisma.Sql): Loader<AttemptKey, Row> {
  const nameOf = ({ deliveryId, number }: AttemptKey) => `${deliveryId}:${number}`;
  return batched<AttemptKey, Row | null>(reading, async (keys) => {
    const deliveryIds = keys.map(({ deliveryId }) => deliveryId);
    const numbers = keys.map(({ number }) => number);
    const rows = await read<Row>(
      reading,
      Prisma.sql`select ${columns} from delivery_attempts
        where (delivery_id, number) in (select * from unnest(${deliveryIds}::text[], ${numbers}::int[]))`,
    );
    const byName = new Map(rows.map((row) => [nameOf(row), row]));
    return keys.map((key) => byName.get(nameOf(key)) ?? null);
  });
}

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
import { createAttemptLoaders, type AttemptLoaders } from './attempts.ts';
import { batched, distinct, type Loader } from './batched.ts';
import { createCatalogLoaders, type CatalogLoaders } from './catalog-loaders.ts';
import { createCountLoaders, type CountLoaders } from './count-loaders.ts';
import { createEventTargetLoaders, type EventTargetLoaders } from './event-targets.ts';
import { createListLoaders, type ListLoaders } from './list-loaders.ts';
import { nodeTypes, type NodeType } from './node-types.ts';
import { partsOf, rowsOf } from './row-loaders.ts';
import { DELIVERY_COLUMNS, EVENT_COLUMNS, read, REPLAY_COLUMNS, TARGET_COLUMNS } from './rows.ts';
import { CLIENT_CERTIFICATE_COLUMNS, TARGET_HEALTH_COLUMNS } from './rows.ts';
import type {
  ClientCertificateRow,
  DeliveryRow,
  EventRow,
  ReplayRow,
  RowKey,
  SealedHeadersRow,
  TargetHealthRow,
  TargetRow,
} from './rows.ts';
import { waitFacts } from './waits.ts';

export type Loaders = ListLoaders &
  AttemptLoaders &
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
    readonly orderingKey: Loader<string, OrderingKeyRow>;
    readonly targetHealth: Loader<string, TargetHealthRow>;
    readonly sealedHeaders: Loader<string, SealedHeadersRow>;
    readonly clientCertificate: Loader<string, ClientCertificateRow>;
    readonly waitFacts: Loader<string, WaitFacts>;
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
  ...createAttemptLoaders(reading),
  event: rowsOf<EventRow>(reading, Prisma.sql`events`, EVENT_COLUMNS),
  delivery: rowsOf<DeliveryRow>(reading, Prisma.sql`deliveries`, DELIVERY_COLUMNS),
  replay: rowsOf<ReplayRow>(reading, Prisma.sql`replays`, REPLAY_COLUMNS),
  target: rowsOf<TargetRow>(reading, Prisma.sql`webhook_targets`, TARGET_COLUMNS),
  nodeType: batched<RowKey, NodeType | null>(reading, (keys) => nodeTypes(reading, keys)),
  eventBody: bodies(reading),
  orderingKey: partsOf<OrderingKeyRow>(reading, ({ id }) => id, ORDERING_KEY_OF),
  targetHealth: partsOf<TargetHealthRow>(reading, ({ targetId }) => targetId, HEALTH_OF),
  sealedHeaders: partsOf<SealedHeadersRow>(reading, ({ id }) => id, HEADERS_OF),
  clientCertificate: partsOf<ClientCertificateRow>(reading, ({ targetId }) => targetId, CERTIFICATE_OF),
  waitFacts: waitFacts(reading),
});

type OrderingKeyRow = { readonly id: string; readonly orderingKey: string | null };

// Apart from the rows of events: lists by tag read a copy of these rows, which lacks it.
const ORDERING_KEY_OF = (ids: readonly string[]): Prisma.Sql =>
  Prisma.sql`select id, ordering_key as "orderingKey" from events where id = any(${ids})`;

const HEALTH_OF = (targetIds: readonly string[]): Prisma.Sql =>
  Prisma.sql`select ${TARGET_HEALTH_COLUMNS} from target_health where target_id = any(${targetIds})`;

const HEADERS_OF = (targetIds: readonly string[]): Prisma.Sql =>
  Prisma.sql`select id, sealed_headers as "sealedHeaders" from webhook_targets where id = any(${targetIds})`;

const CERTIFICATE_OF = (targetIds: readonly string[]): Prisma.Sql =>
  Prisma.sql`select ${CLIENT_CERTIFICATE_COLUMNS} from target_certificates where target_id = any(${targetIds})`;

function bodies(reading: SharedReading): Loader<string, string> {
  return batched<string, string | null>(reading, async (ids) => {
    const statement = Prisma.sql`select id, body from events where id = any(${distinct(ids)})`;
    const rows = await read<{ id: string; body: string }>(reading, statement);
    const byId = new Map(rows.map(({ id, body }) => [id, body]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}

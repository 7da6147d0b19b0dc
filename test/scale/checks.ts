/** What each part of the product may read, however much there is: by which index, and how many pages. */
import { ORIGIN, type StreamPosition } from '../../src/live/cursors/cursor.ts';
import { BATCH_CHANGES } from '../../src/live/history.ts';
import { encodeCursor } from '../../src/schema/read/list-cursor.ts';
import { EVENT_STREAM_READS } from './event-stream-checks.ts';
import { ofTarget, pageOfTarget, STATISTICS_READS } from './statistics-checks.ts';
import { TAG_READS } from './tag-checks.ts';
import { firstIdAt } from '../../src/domain/ksuid.ts';
import type { Claim } from '../../src/pipeline/deliver/claim.ts';
import type { World } from './world.ts';

export type Check = {
  readonly name: string;
  /** Every read of a table that grows, as "table by index"; of several, each is right. */
  readonly reads: readonly (string | readonly string[])[];
  /** Most pages that one statement touches. Default: 3,000. */
  readonly pages?: number;
  /** Most rows that one statement looks at in one table. Default: any number, as long as the pages are few. */
  readonly rows?: number;
  readonly run: (world: World) => Promise<unknown>;
};

export const MOST_PAGES = 3_000;
/** Counting to 10,000 looks at as many rows. */
const COUNT_PAGES = 25_000;

// pg-boss looks for groups among the active jobs (none has one), then takes the due ones in their order.
const JOB_ID = 'job_common by job_common_pkey';
/** Both find a claimed job by its id. */
const CLAIMED_ID = [JOB_ID, 'job_common by job_common_claimed'];
const JOBS = ['job_common by job_common_i7', 'job_common by job_common_i11'];
const ID = 'deliveries by deliveries_pkey';
const OF_ORGANIZATION = 'deliveries by deliveries_of_organization_straight';
const OF_TARGET = 'deliveries by deliveries_of_target_straight';
const WHOLE = [OF_ORGANIZATION, 'deliveries by deliveries_of_organization_aside'];
const WHOLE_OF_TARGET = [OF_TARGET, 'deliveries by deliveries_of_target_aside'];
const OF_EVENT = 'deliveries by deliveries_event_id_id_idx';
/** What was made since the pending floor is little, be it an organization's or everybody's. */
const SINCE_FLOOR = [OF_ORGANIZATION, ID];
const BY_STATUS = 'deliveries by deliveries_of_organization_by_status';
const OF_TARGET_BY_STATUS = 'deliveries by deliveries_of_target_by_status';
/** Where nearly all that is aside is open, both say so. */
const CANCELLABLE = [OF_TARGET_BY_STATUS, WHOLE_OF_TARGET[1]!];
const HELD = 'deliveries by deliveries_held';
const EVENT_ID = 'events by events_pkey';
const EVENT_LIST = 'events by events_organization_id_id_idx';
/** A row of a list has an owner too: both indexes find it. */
const EVENT_ROW = [EVENT_ID, EVENT_LIST];
const ATTEMPT_ID = 'delivery_attempts by delivery_attempts_pkey';
const STREAM = 'delivery_changes by delivery_changes_pkey';
const TARGET_STREAM = 'target_changes by target_changes_pkey';
const TARGET_STREAM_OF_ORGANIZATION = 'target_changes by target_changes_organization_id_xid_seq_idx';
const STREAM_OF_ORGANIZATION = 'delivery_changes by delivery_changes_organization_id_xid_seq_idx';
// A page, and whether the change that it goes on from is still there.
const STREAM_PAGE = [STREAM_OF_ORGANIZATION, STREAM];
const TARGET_STREAM_PAGE = [TARGET_STREAM_OF_ORGANIZATION, TARGET_STREAM];

const DAY_MS = 86_400_000;
const CLAIMS = 64;

/** The part of an operation that asks for a list. */
const deliveries = (filter: string, rest = 'nodes { id status attemptCount } pageInfo { hasNextPage }', more = '') =>
  `{ deliveries(first: 20 ${more} ${filter && `filter: { ${filter} }`}) { ${rest} } }`;

const list = (name: string, filter: string, ...reads: Check['reads']): Check => ({
  name: `deliveries: ${name}`,
  reads,
  run: (world) => world.query(deliveries(filter)),
});

/** `of` reads the world: a filter by an id. */
const listOf = (name: string, of: (world: World) => string | Promise<string>, ...reads: Check['reads']): Check => ({
  name: `deliveries: ${name}`,
  reads,
  run: async (world) => world.query(deliveries(await of(world))),
});

const target = ({ large }: World): string => `targetId: "${large.targetIds[1]}"`;

async function anEvent(world: World): Promise<string> {
  const { events } = (await world.read('{ events(first: 1) { nodes { id } } }')) as {
    events: { nodes: [{ id: string }] };
  };
  return events.nodes[0].id;
}

const DELIVERY_LISTS: readonly Check[] = [
  list('the first page', '', ...WHOLE),
  {
    name: 'deliveries: a page of half a month ago',
    reads: WHOLE,
    run: (world) => {
      const after = encodeCursor('deliveries', firstIdAt(new Date(world.clock.now().getTime() - 15 * DAY_MS)));
      const rest = 'nodes { id } pageInfo { hasNextPage hasPreviousPage }';
      return world.query(deliveries('', rest, `after: "${after}"`));
    },
  },
  list('of a day', 'createdAt: { gte: "2000-01-01T00:00:00Z", lt: "2100-01-01T00:00:00Z" }', ...WHOLE),
  list('PENDING', 'status: [PENDING]', BY_STATUS, SINCE_FLOOR),
  list('RETRYING', 'status: [RETRYING]', BY_STATUS),
  list('DELIVERED', 'status: [DELIVERED]', OF_ORGANIZATION),
  list('FAILED', 'status: [FAILED]', BY_STATUS),
  list('CANCELLED', 'status: [CANCELLED]', BY_STATUS),
  list('of all states but DELIVERED', 'status: [PENDING, RETRYING, FAILED, CANCELLED]', BY_STATUS, SINCE_FLOOR),
  listOf('of a target', target, ...WHOLE_OF_TARGET),
  listOf('of a target, PENDING', (world) => `${target(world)}, status: [PENDING]`, OF_TARGET, OF_TARGET_BY_STATUS),
  listOf('of a target, RETRYING', (world) => `${target(world)}, status: [RETRYING]`, OF_TARGET_BY_STATUS),
  listOf('of a target, DELIVERED', (world) => `${target(world)}, status: [DELIVERED]`, OF_TARGET),
  listOf('of a target, FAILED', (world) => `${target(world)}, status: [FAILED]`, OF_TARGET_BY_STATUS),
  listOf('of a target, CANCELLED', (world) => `${target(world)}, status: [CANCELLED]`, OF_TARGET_BY_STATUS),
  listOf('of an event', async (world) => `eventId: "${await anEvent(world)}"`, EVENT_ROW, OF_EVENT),
  listOf('of an event, FAILED', async (w) => `eventId: "${await anEvent(w)}", status: [FAILED]`, EVENT_ROW, OF_EVENT),
  {
    name: 'deliveries: how many',
    reads: WHOLE,
    pages: COUNT_PAGES,
    run: (world) => world.query(deliveries('', 'totalCount')),
  },
  {
    name: 'deliveries: how many FAILED',
    reads: [BY_STATUS],
    pages: COUNT_PAGES,
    run: (world) => world.query(deliveries('status: [FAILED]', 'totalCount')),
  },
  {
    name: 'deliveries: with events, targets and attempts',
    reads: [...WHOLE, EVENT_ROW, ATTEMPT_ID],
    run: (world) =>
      world.query(deliveries('', 'nodes { event { createdAt } target { url } attempts { nodes { outcome } } }')),
  },
  {
    name: 'deliveries: with their changes',
    reads: [...WHOLE, 'delivery_changes by changes_of_delivery'],
    run: (world) => world.query(deliveries('', 'nodes { changes { nodes { status } } }')),
  },
  {
    name: 'deliveries: of every target, some states',
    reads: [OF_TARGET, OF_TARGET_BY_STATUS],
    pages: 5_000,
    run: (world) =>
      world.query(
        '{ webhookTargets { nodes { deliveries(first: 2, filter: { status: [PENDING, FAILED] }) { nodes { id } } } } }',
      ),
  },
];

const EVENT_LISTS: readonly Check[] = [
  {
    name: 'events: the first page',
    reads: [EVENT_LIST],
    run: (world) => world.query('{ events(first: 20) { nodes { id } pageInfo { hasNextPage } } }'),
  },
  {
    name: 'events: with their data and deliveries',
    reads: [EVENT_LIST, EVENT_ID, OF_EVENT],
    run: (world) => world.query('{ events(first: 20) { nodes { body deliveries(first: 5) { nodes { id } } } } }'),
  },
];

let claims: Claim[] = [];

const PIPELINE: readonly Check[] = [
  // Its placed are read from tables that do not grow, and by the idempotency key.
  { name: 'publish and fan-out', reads: ['events by events_idempotency_key'], run: (world) => world.publish() },
  { name: 'claim', reads: [...JOBS, JOB_ID, ID, EVENT_ID], run: async (world) => (claims = await world.claim(CLAIMS)) },
  { name: 'settle', reads: [ID, CLAIMED_ID], rows: CLAIMS, run: (world) => world.settle(claims) },
  {
    name: 'hold',
    reads: [...JOBS, CLAIMED_ID, ID, EVENT_ID],
    run: async (world) => world.holder.hold((await world.claim(1)).map(({ job }) => job)),
  },
  { name: 'sweep: targets with held deliveries', reads: [HELD], run: (world) => world.holder.held() },
  {
    name: 'take held deliveries',
    reads: [HELD, ID],
    run: (world) => world.holder.take([{ targetId: world.heldTargetId, room: 16 }]),
  },
  { name: 'raise the pending floor', reads: [ID], run: (world) => world.raisePendingFloor() },
  {
    name: 'cancel the deliveries of a target',
    reads: [OF_TARGET, CANCELLABLE, ID, JOB_ID],
    pages: 60_000,
    run: (world) => world.cancelOfTarget(world.heldTargetId),
  },
];

/** A place in the stream half way between its ends. */
async function middle(world: World): Promise<StreamPosition> {
  const { rows } = await world.plain.pool.query(`
    select c.xid, c.seq from delivery_changes c where c.xid >= (
      select ((min(xid)::text::numeric + max(xid)::text::numeric) / 2)::bigint::text::xid8 from delivery_changes)
    order by c.xid, c.seq limit 1`);
  return { xid: BigInt(rows[0].xid), seq: BigInt(rows[0].seq) };
}

async function newest({ history }: World): Promise<StreamPosition> {
  const { before, placed } = await history.latest(1);
  return placed[0]?.position ?? before;
}

const STREAM_READS: readonly Check[] = [
  { name: 'stream: the newest changes', reads: [STREAM], run: ({ history }) => history.latest(1_000) },
  {
    name: 'stream: the tail',
    reads: [STREAM],
    run: async (world) => world.history.readAfter(await newest(world), BATCH_CHANGES),
  },
  {
    name: 'stream: the tail, far behind',
    reads: [STREAM],
    run: async (world) => world.history.readAfter(await middle(world), BATCH_CHANGES),
  },
  {
    name: 'stream: whether a cursor is kept',
    reads: [STREAM],
    run: async (world) => world.history.confirm(await middle(world)),
  },
  {
    name: 'stream: whether the newest changes are still there',
    reads: [STREAM],
    pages: 500,
    run: async ({ history }) => history.hasAll((await history.latest(4_096)).placed),
  },
  // Each page reads a window of 4,096 changes at most, and of those of its organization only.
  ...[
    ['a page', {}],
    ['a page of FAILED', { status: ['FAILED'] }],
    ['a page of one target', { targetId: 'none' }],
  ].map(([name, filter]): Check => ({
    name: `stream: ${name as string}`,
    reads: STREAM_PAGE,
    pages: 5_000,
    run: async (world) => {
      const upTo = { xid: 2n ** 62n, seq: 0n };
      const after = await middle(world);
      return world.history.readPage({ organizationId: world.small.id, ...(filter as object) }, after, upTo);
    },
  })),
  {
    name: 'stream: a page from the beginning',
    reads: STREAM_PAGE,
    pages: 5_000,
    run: (world) => world.history.readPage({ organizationId: world.large.id }, ORIGIN, { xid: 2n ** 62n, seq: 0n }),
  },
  {
    name: 'target stream: the tail',
    reads: [TARGET_STREAM],
    run: async ({ targetHistory }) => targetHistory.readAfter((await targetHistory.latest(1)).before, BATCH_CHANGES),
  },
  {
    name: 'target stream: a page of DISABLED',
    reads: TARGET_STREAM_PAGE,
    pages: 5_000,
    run: ({ targetHistory, small }) =>
      targetHistory.readPage({ organizationId: small.id, status: ['DISABLED'] }, ORIGIN, { xid: 2n ** 62n, seq: 0n }),
  },
];

// Changes go by their place, once the first ones are found.
const FORGOTTEN = [
  ...[STREAM, 'delivery_changes by Tid Scan', TARGET_STREAM, 'target_changes by Tid Scan'],
  ...['event_changes by event_changes_pkey', 'event_changes by Tid Scan'],
];

/** By tag: their places are looked up in the index. */
const UNLISTED = [
  'event_tags by event_tags_pkey',
  'event_tags by Tid Scan',
  'delivery_tags by delivery_tags_pkey',
  'delivery_tags by Tid Scan',
];

const RETENTION: readonly Check[] = [
  {
    name: 'retention',
    reads: [...FORGOTTEN, EVENT_ID, OF_EVENT, ID, ATTEMPT_ID, ...UNLISTED],
    pages: 30_000,
    run: (world) => world.retain(),
  },
];

/** For measuring: lists that people look at. */
export const LISTS: readonly {
  readonly name: string;
  readonly document: (world: World) => string | Promise<string>;
}[] = [
  { name: 'deliveries', document: () => deliveries('') },
  { name: 'deliveries, PENDING', document: () => deliveries('status: [PENDING]') },
  { name: 'deliveries, FAILED', document: () => deliveries('status: [FAILED]') },
  { name: 'deliveries, DELIVERED', document: () => deliveries('status: [DELIVERED]') },
  { name: 'deliveries of a target', document: (world) => deliveries(target(world)) },
  { name: 'deliveries of a target, FAILED', document: (world) => deliveries(`${target(world)}, status: [FAILED]`) },
  { name: 'deliveries of an event', document: async (world) => deliveries(`eventId: "${await anEvent(world)}"`) },
  { name: 'a page of 100 deliveries of a target', document: pageOfTarget },
  { name: 'statistics of a target, 30 days by the hour', document: ofTarget },
  { name: 'events', document: () => '{ events(first: 20) { nodes { id } pageInfo { hasNextPage } } }' },
];

/** In this order: the later ones change what they find. */
export const CHECKS = [
  ...STREAM_READS,
  ...EVENT_STREAM_READS,
  ...DELIVERY_LISTS,
  ...EVENT_LISTS,
  ...TAG_READS,
  ...STATISTICS_READS,
  ...PIPELINE,
  ...RETENTION,
];

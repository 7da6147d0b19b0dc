/** Pages by tag, compared with what a list without any index would give. */
import { expect, test } from 'vitest';
import type { DeliveryStatus } from '../../../src/domain/delivery.ts';
import { setup } from '../setup.ts';

const STATUSES: readonly DeliveryStatus[] = ['PENDING', 'RETRYING', 'DELIVERED', 'FAILED', 'CANCELLED'];
const TYPES = ['transaction.auto.updated', 'customer.created'];

type Row = {
  readonly id: string;
  readonly tags: readonly string[];
  readonly status: DeliveryStatus;
  readonly targetId: string;
  readonly eventType: string;
};

/**
 * 400 events: every second one is `common`, every fifth `fifth` too, ten are `rare`, and the first 150 are `old`. Each has a
 * delivery, every seventh a second one that was made at the end. Of the deliveries, the last 50 are not FAILED.
 */
async function populated() {
  const t = await setup();
  const { fixtures, own: organizationId } = t;
  const targets = [await fixtures.target({ organizationId }), await fixtures.target({ organizationId })];
  const events = Array.from({ length: 400 }, (_, nth) => {
    const is = { common: nth % 2 === 0, fifth: nth % 5 === 0, rare: nth % 40 === 7, old: nth < 150 };
    const tags = Object.keys(is).filter((tag) => is[tag as keyof typeof is]);
    return { id: fixtures.ids.next(), tags, eventType: TYPES[nth % 2]!, customerId: `customer-${nth % 4}` };
  });
  const deliveryOf = (nth: number, status: DeliveryStatus): Row & { readonly eventId: string } => {
    const { id: eventId, tags, eventType } = events[nth]!;
    return { id: fixtures.ids.next(), tags, eventType, status, eventId, targetId: targets[nth % 3 === 0 ? 0 : 1]!.id };
  };
  const deliveries = events.map((_, nth) => deliveryOf(nth, nth > 350 ? 'DELIVERED' : STATUSES[nth % 5]!));
  for (let nth = 0; nth < events.length; nth += 7) deliveries.push(deliveryOf(nth, 'PENDING'));
  const rows = [organizationId, JSON.stringify(events), JSON.stringify(deliveries)];
  await t.database.pool.query(INSERT, rows);
  return Object.assign(t, { allEvents: events.toReversed(), allDeliveries: deliveries.toReversed(), targets });
}

const INSERT = `
  with event as (
    insert into events (id, organization_id, event_type, customer_id, body, created_at, tags)
    select id, $1, "eventType", "customerId", '{}', now(), case when tags <> '{}' then tags end
    from json_to_recordset($2) as e (id text, "eventType" text, "customerId" text, tags text[])
    returning *
  ), tagged_event as (
    insert into event_tags (organization_id, tag, id, event_type, customer_id, created_at, tags)
    select organization_id, tag, id, event_type, customer_id, created_at, tags from event cross join unnest(tags) as tag
  ), delivery as (
    insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, created_at, updated_at)
    select id, $1, "eventId", "targetId", "eventType", status, 10, now(), now()
    from json_to_recordset($3)
      as d (id text, "eventId" text, "targetId" text, "eventType" text, status delivery_status)
    returning *
  )
  insert into delivery_tags (organization_id, tag, delivery_id)
  select $1, tag, id from json_to_recordset($3) as d (id text, tags text[]) cross join unnest(tags) as tag`;

type Page = { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean } } & {
  pageInfo: { startCursor: string; endCursor: string };
  totalCount: number;
};

/** Walks the list from both ends; returns the ids, newest first. */
async function walk(
  t: Awaited<ReturnType<typeof populated>>,
  list: 'events' | 'deliveries',
  filter: object,
  size: number,
) {
  const type = list === 'events' ? 'EventFilter' : 'DeliveryFilter';
  const page = async (args: object): Promise<Page> =>
    (
      await t.query(
        `query ($first: Int, $after: String, $last: Int, $before: String, $filter: ${type}) {
          ${list}(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
            nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
        { ...args, filter },
      )
    )[list];
  const forward: string[] = [];
  for (let after: string | null = null; ;) {
    const { nodes, pageInfo, totalCount } = await page({ first: size, after });
    expect(pageInfo.hasPreviousPage).toBe(forward.length > 0);
    forward.push(...nodes.map(({ id }) => id));
    expect(pageInfo.hasNextPage).toBe(forward.length < totalCount);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  const backward: string[] = [];
  for (let before: string | null = null; ;) {
    const { nodes, pageInfo } = await page({ last: size, before });
    expect(pageInfo.hasNextPage).toBe(backward.length > 0);
    backward.unshift(...nodes.map(({ id }) => id));
    if (!pageInfo.hasPreviousPage) break;
    before = pageInfo.startCursor;
  }
  expect(backward).toEqual(forward);
  return forward;
}

const TAGS = [['common'], ['rare'], ['old'], ['none'], ['common', 'fifth'], ['rare', 'old', 'none', 'rare']];
const hasAny = (tags: readonly string[], wanted: readonly string[]) => tags.some((tag) => wanted.includes(tag));

test('pages of events by any of some tags, in both directions, have each event once and in the order of the list', async () => {
  await using t = await populated();
  for (const tags of TAGS) {
    for (const filter of [{}, { eventType: [TYPES[0]!] }, { customerId: 'customer-2' }]) {
      const wanted = t.allEvents.filter(
        (event) =>
          hasAny(event.tags, tags) &&
          (!('eventType' in filter) || event.eventType === TYPES[0]) &&
          (!('customerId' in filter) || event.customerId === 'customer-2'),
      );
      expect(await walk(t, 'events', { ...filter, tags }, 45)).toEqual(wanted.map(({ id }) => id));
    }
  }
});

test('pages of deliveries by tags and any other filter have each delivery once, later ones of an old event too', async () => {
  await using t = await populated();
  const filters: { status?: DeliveryStatus[]; targetId?: string; eventType?: string[] }[] = [
    {},
    { status: ['FAILED'] },
    { status: ['DELIVERED'] },
    { status: ['PENDING', 'CANCELLED'] },
    { targetId: t.targets[0]!.id },
    { targetId: t.targets[0]!.id, status: ['FAILED', 'PENDING'] },
    { eventType: [TYPES[1]!] },
  ];
  for (const tags of TAGS) {
    for (const filter of filters) {
      const wanted = t.allDeliveries.filter(
        (row) =>
          hasAny(row.tags, tags) &&
          (filter.status?.includes(row.status) ?? true) &&
          (filter.targetId ?? row.targetId) === row.targetId &&
          (filter.eventType?.includes(row.eventType) ?? true),
      );
      expect(await walk(t, 'deliveries', { ...filter, tags }, 35), JSON.stringify([tags, filter])).toEqual(
        wanted.map(({ id }) => id),
      );
    }
  }
});

test('an empty list of tags, and a tag that no row can have, match nothing', async () => {
  await using t = await populated();
  for (const tags of [[], ['nul \0'], ['COMMON']]) {
    expect(await walk(t, 'events', { tags }, 10)).toEqual([]);
    expect(await walk(t, 'deliveries', { tags }, 10)).toEqual([]);
    expect(await walk(t, 'deliveries', { tags, status: ['FAILED'] }, 10)).toEqual([]);
  }
  expect(await walk(t, 'events', { tags: null }, 100)).toHaveLength(400);
});

test('the deliveries of several targets, and of a replay, are listed by tag in one statement each', async () => {
  await using t = await setup();
  const { fixtures, own: organizationId } = t;
  const targets: Record<string, string[]> = {};
  const replay = await fixtures.replay({ organizationId });
  const replayed: string[] = [];
  for (const targetId of [
    (await fixtures.target({ organizationId })).id,
    (await fixtures.target({ organizationId })).id,
  ]) {
    targets[targetId] = [];
    for (const tags of [['a'], [], ['b'], ['a', 'b']]) {
      const { id } = await t.delivery({ targetId, tags, status: 'FAILED' });
      if (tags.includes('a')) targets[targetId].unshift(id);
      if (tags.length === 0) continue;
      await t.database.pool.query('insert into replay_deliveries values ($1, $2)', [replay.id, id]);
      if (tags.includes('a')) replayed.unshift(id);
    }
  }
  for (const filter of ['tags: ["a"]', 'tags: ["a", "none"], status: [FAILED, PENDING]']) {
    const deliveries = `deliveries(first: 5, filter: { ${filter} }) { nodes { id } totalCount pageInfo { hasPreviousPage } }`;
    const { webhookTargets, replay: one } = await t.query(
      `{ webhookTargets { nodes { id ${deliveries} } } replay(id: "${replay.id}") { ${deliveries} } }`,
    );
    const page = (ids: readonly string[]) => ({
      nodes: ids.map((id) => ({ id })),
      totalCount: ids.length,
      pageInfo: { hasPreviousPage: false },
    });
    for (const { id, deliveries: listed } of webhookTargets.nodes) expect(listed).toEqual(page(targets[id]!));
    expect(one.deliveries).toEqual(page(replayed));
  }
});

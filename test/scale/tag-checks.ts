/**
 * What lists and streams by tag may read, however much there is: for each tag, a page touches at most twice the pages of PostgreSQL
 * that one without a filter touches. The rows of a rare tag lie far apart: each of them is a look-up beside.
 */
import type pg from 'pg';
import { ORIGIN } from '../../src/live/cursors/cursor.ts';
import { encodeCursor } from '../../src/schema/read/list-cursor.ts';
import { firstIdAt } from '../../src/domain/ksuid.ts';
import type { Check } from './checks.ts';
import type { World } from './world.ts';

export const COMMON_TAG = 'every-second';
export const RARE_TAG = 'ten';

/** Of ten rows: three or four pages of an index each, and one of the table. */
const RARE_LOOK_UPS = 10 * 5;

/** PostgreSQL before 17 looks up each id of a page of 21 by itself: three or four pages of an index each. */
const LOOK_UPS = 21 * 4;

const DAY_MS = 86_400_000;
const END = { xid: 2n ** 62n, seq: 0n };

/** SQL of the tags of the event with number `n`: one that no other event has, and on every second event COMMON_TAG. */
export const tagsOf = (n: string): string =>
  `array_remove(array['own-' || md5(random()::text), case when ${n} % 2 = 0 then '${COMMON_TAG}' end], null)`;

/** Lists the rows that a statement has inserted as `event` and `delivery` by the tags of the events. `time`: its parameter. */
export const listByTags = (time: string): string => `
  tagged_event as (
    insert into event_tags (organization_id, tag, id, event_type, created_at, tags)
    select organization_id, tag, id, event_type, ${time}, tags from event cross join unnest(tags) as tag
  ), tagged_delivery as (
    insert into delivery_tags (organization_id, tag, delivery_id)
    select delivery.organization_id, tag, delivery.id
    from delivery join event on event.id = delivery.event_id cross join unnest(event.tags) as tag
  )`;

/** Gives ten events of an organization RARE_TAG, far from each other. */
export async function tagTen(pool: pg.Pool, organizationId: string): Promise<void> {
  await pool.query(TAG_TEN, [organizationId, RARE_TAG]);
}

const TAG_TEN = `
  with numbered as (
    select id, row_number() over (order by id) as n, count(*) over () as of from events where organization_id = $1
  ), ten as (
    update events e set tags = tags || $2::text from numbered
    where numbered.id = e.id and n % (of / 10) = of / 20 and n <= of / 10 * 10
    returning e.id, e.event_type, e.created_at, e.tags
  ), listed as (
    insert into event_tags (organization_id, tag, id, event_type, created_at, tags)
    select $1, $2, id, event_type, created_at, tags from ten
  )
  insert into delivery_tags (organization_id, tag, delivery_id)
  select $1, $2, d.id from deliveries d join ten on ten.id = d.event_id`;

type Direction = 'first' | 'last';

const SELECTED = {
  events: 'nodes { id tags createdAt } pageInfo { hasNextPage }',
  deliveries: 'nodes { id status createdAt } pageInfo { hasNextPage }',
} as const;

/** A page of a list, from an end or from half a month ago. */
const page = (list: keyof typeof SELECTED, direction: Direction, filter = '', from = ''): string => {
  const place = from && `${direction === 'first' ? 'after' : 'before'}: "${from}"`;
  return `{ ${list}(${direction}: 20 ${place} filter: { ${filter} }) { ${SELECTED[list]} } }`;
};

const pagesOf = async (world: World, document: string): Promise<number> => {
  const plans = await world.plansOf(() => world.query(document));
  return plans.reduce((sum, { pages }) => sum + pages, 0);
};

const middleOf = (world: World, list: 'events' | 'deliveries'): string =>
  encodeCursor(list, firstIdAt(new Date(world.clock.now().getTime() - 15 * DAY_MS)));

export type Cost = {
  readonly name: string;
  readonly document: string;
  readonly pages: number;
  readonly unfiltered: number;
  /** What it may touch. */
  readonly most: number;
};

/** What pages by tag cost beside pages without a filter. */
export async function compareTagPages(world: World): Promise<Cost[]> {
  const costs: Cost[] = [];
  const looksUpEach = (await world.serverVersion()) < 170_000;
  for (const list of ['events', 'deliveries'] as const) {
    const apart = looksUpEach && list === 'deliveries' ? LOOK_UPS : 0;
    for (const direction of ['first', 'last'] as const) {
      for (const from of ['', middleOf(world, list)]) {
        const unfiltered = await pagesOf(world, page(list, direction, '', from));
        for (const tags of [[COMMON_TAG], [RARE_TAG], [COMMON_TAG, RARE_TAG]]) {
          const document = page(list, direction, `tags: ${JSON.stringify(tags)}`, from);
          const name = `${list}, ${direction} 20${from && ' of half a month ago'}, ${tags.join(' or ')}`;
          const most = (2 * unfiltered + apart) * tags.length + (tags.includes(RARE_TAG) ? RARE_LOOK_UPS : 0);
          costs.push({ name, document, pages: await pagesOf(world, document), unfiltered, most });
        }
      }
    }
  }
  return costs;
}

const TAGGED_EVENTS = 'event_tags by event_tags_pkey';
const TAGGED_DELIVERIES = 'delivery_tags by delivery_tags_pkey';
const ID = 'deliveries by deliveries_pkey';
const EVENT_ID = 'events by events_pkey';

const listed = (
  name: string,
  list: keyof typeof SELECTED,
  filter: string | ((world: World) => string),
  pages: number,
  ...reads: Check['reads']
): Check => ({
  name: `${list} by tag: ${name}`,
  reads,
  pages,
  run: (world) => world.query(page(list, 'first', typeof filter === 'string' ? filter : filter(world))),
});

const common = `tags: ["${COMMON_TAG}"]`;
const rare = `tags: ["${RARE_TAG}"]`;
const ofTarget = (tags: string) => (world: World) => `${tags}, targetId: "${world.large.targetIds[1]}"`;
const BY_STATUS = 'deliveries by deliveries_of_organization_by_status';
const OF_TARGET = ['deliveries by deliveries_of_target_straight', 'deliveries by deliveries_of_target_aside'];
const ASIDE = 'deliveries by deliveries_of_organization_aside';
const FOUND = [ID, BY_STATUS, ASIDE];
const FOUND_OF_TARGET = [ID, ...OF_TARGET];

export const TAG_READS: readonly Check[] = [
  listed('common', 'events', common, 100, TAGGED_EVENTS),
  listed('ten', 'events', rare, 100, TAGGED_EVENTS),
  listed('common, of one type', 'events', `${common}, eventType: ["wallet.created"]`, 300, TAGGED_EVENTS),
  listed('common', 'deliveries', common, 150, TAGGED_DELIVERIES, ID),
  listed('ten', 'deliveries', rare, 1_000, TAGGED_DELIVERIES, ID),
  // PostgreSQL before 17 looks up each id by itself: there these touch two and four times the pages of a later one.
  listed('common, FAILED', 'deliveries', `${common}, status: [FAILED]`, 10_000, TAGGED_DELIVERIES, FOUND, BY_STATUS),
  listed('ten, FAILED', 'deliveries', `${rare}, status: [FAILED]`, 5_000, TAGGED_DELIVERIES, FOUND),
  listed('common, of a target', 'deliveries', ofTarget(common), 40_000, TAGGED_DELIVERIES, FOUND_OF_TARGET),
  listed('ten, of a target', 'deliveries', ofTarget(rare), 40_000, TAGGED_DELIVERIES, FOUND_OF_TARGET),
  ...[
    ['common', COMMON_TAG],
    ['ten', RARE_TAG],
  ].map(([name, tag]): Check => ({
    name: `stream by tag: a page, ${name}`,
    reads: [
      'delivery_changes by delivery_changes_organization_id_xid_seq_idx',
      'delivery_changes by delivery_changes_pkey',
      EVENT_ID,
    ],
    pages: 30_000,
    run: ({ history, large }) => history.readPage({ organizationId: large.id, tags: [tag!] }, ORIGIN, END),
  })),
];

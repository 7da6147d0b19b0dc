/**
 * Lists by tag. A row with several of the wanted tags is listed once.
 *
 * Events by tag are read from `event_tags` alone, in the order of the list. Deliveries by tag are found in `delivery_tags`. Another
 * filter of deliveries may have an index of its own, and either the tag or the filter may be rare. So both are asked in turns:
 *
 *     tags      the next ids with one of the tags       those that pass the filter are listed
 *     filter    if none of them passes: the next id in the index of the filter. The tags go on from there.
 *
 * So a page looks at about as many rows as the rarer of the two has, whichever it is.
 */
import { Prisma } from '../../../prisma/generated/client.ts';
import { deliveryList, eventList, type List, type ParentSql, type Selection, type Stretch } from './list.ts';
import type { DeliveryRow, EventRow } from './rows.ts';

/** The columns of the list, under the names that they have in `events`. The events of sendTestEvent have no tags. */
const TAGGED_EVENTS = Prisma.sql`(select *, false as is_test from event_tags) as tagged`;

const taggedEventList: List<EventRow> = {
  ...eventList,
  table: TAGGED_EVENTS,
  ascending: Prisma.sql`asc`,
  descending: Prisma.sql`desc`,
};

/** The events of an organization with one of the tags. `where`: what else they must satisfy. */
export function taggedEvents(
  selection: Omit<Selection<EventRow>, 'list' | 'rows'>,
  tags: readonly string[],
): Selection<EventRow> {
  const rows: Selection<EventRow>['rows'] = (parent, stretch, columns) => {
    const [where] = selection.where(parent);
    const ofTag = (tag: Prisma.Sql) => Prisma.sql`(
      select ${columns} from ${TAGGED_EVENTS} where ${where} and tag = ${tag} and ${stretch.within(Prisma.sql`id`)}
      order by id ${stretch.direction} limit ${stretch.limit})`;
    return ofAny(tags, ofTag, Prisma.sql`id`, stretch);
  };
  return { ...selection, list: taggedEventList, rows };
}

/** A condition on deliveries. `indexed`: the part of it that an index finds in the order of the list. */
export type IndexedCondition = { readonly whole: Prisma.Sql; readonly indexed: Prisma.Sql };

/** The deliveries of the list with one of the tags. `filter`: what else they must satisfy, in disjoint parts; null: nothing. */
export function taggedDeliveries(
  selection: Omit<Selection<DeliveryRow>, 'rows'>,
  tags: readonly string[],
  filter: ((parent: ParentSql) => readonly IndexedCondition[]) | null,
): Selection<DeliveryRow> {
  const { list } = selection;
  const rows: Selection<DeliveryRow>['rows'] = (parent, stretch, columns) => {
    const asked = { organizationId: parent.organizationId, tags, stretch };
    const withIds = (ids: Prisma.Sql, condition: Prisma.Sql) => Prisma.sql`(
      select ${columns} from ${rowsById(list, ids, condition)}
      order by id ${stretch.direction} limit ${stretch.limit})`;
    if (!filter) return withIds(nextIds(asked, stretch.within(DELIVERY_ID), stretch.limit), Prisma.sql`true`);
    const branches = filter(parent).map((part) => withIds(passingIds(list, asked, part), part.whole));
    return Prisma.sql`(
      select * from (${Prisma.join(branches, ' union all ')}) as branch
      order by id ${stretch.direction} limit ${stretch.limit})`;
  };
  return { ...selection, rows };
}

type Asked = {
  readonly organizationId: Prisma.Sql;
  readonly tags: readonly string[];
  readonly stretch: Stretch;
};

const DELIVERY_ID = Prisma.sql`delivery_id`;

/** How many ids are looked at in a turn after the first. */
const TURN_IDS = 128;

/** The next ids of deliveries with one of the tags, as an array in the order of the list. */
function nextIds({ organizationId, tags, stretch }: Asked, within: Prisma.Sql, limit: number): Prisma.Sql {
  const direction = stretch.isAscending ? Prisma.sql`asc` : Prisma.sql`desc`;
  const ofTag = (tag: Prisma.Sql) => Prisma.sql`(
    select delivery_id from delivery_tags where organization_id = ${organizationId} and tag = ${tag} and ${within}
    order by delivery_id ${direction} limit ${limit})`;
  return Prisma.sql`array(select delivery_id from ${ofAny(tags, ofTag, DELIVERY_ID, { direction, limit })} as tagged)`;
}

/**
 * The next ids with one of the tags whose deliveries pass the condition. A turn ends with its last id, which is null when the
 * tags have no more. "offset 0" lets PostgreSQL work out each step once.
 */
function passingIds(list: List<DeliveryRow>, asked: Asked, { whole, indexed }: IndexedCondition): Prisma.Sql {
  const { table } = list;
  const { beyond, direction, within, limit } = asked.stretch;
  const looked = Prisma.sql`looked.ids`;
  const passing = Prisma.sql`array(select id from ${rowsById(list, looked, whole)} order by id ${direction})`;
  const goingOn = Prisma.sql`delivery_id ${beyond} turn.last and delivery_id ${beyond}= reached.id`;
  return Prisma.sql`array(
    with recursive turn (last, passed) as (
      select looked.ids[${limit}::int], ${passing}
      from (select ${nextIds(asked, within(DELIVERY_ID), limit)} as ids offset 0) as looked
      union all
      select looked.ids[${TURN_IDS}::int], ${passing}
      from turn
      cross join lateral (
        select case when turn.passed <> '{}' then turn.last else (
          select id from ${table} where (${indexed}) and id ${beyond} turn.last order by id ${direction} limit 1
        ) end as id offset 0) as reached
      cross join lateral (select ${nextIds(asked, goingOn, TURN_IDS)} as ids offset 0) as looked
      where reached.id is not null
    )
    select id from turn cross join unnest(turn.passed) as id limit ${limit})`;
}

/**
 * The rows with these ids that satisfy the condition, for a `from`. Deliveries are looked up by their primary key alone, which
 * "offset 0" sees to: PostgreSQL 15 would rather read all of a target's deliveries in another index. Those of a replay have an
 * index by replay and id.
 */
const rowsById = (list: List<DeliveryRow>, ids: Prisma.Sql, condition: Prisma.Sql): Prisma.Sql =>
  list === deliveryList
    ? Prisma.sql`(select * from ${list.table} where id = any(${ids}) offset 0) as found_by_id where (${condition})`
    : Prisma.sql`${list.table} where (${condition}) and id = any(${ids})`;

/** Rows with any of the tags, each once, in the order of the key. `ofTag` gives those of one tag. */
function ofAny(
  tags: readonly string[],
  ofTag: (tag: Prisma.Sql) => Prisma.Sql,
  key: Prisma.Sql,
  { direction, limit }: Pick<Stretch, 'direction' | 'limit'>,
): Prisma.Sql {
  if (tags.length === 1) return ofTag(Prisma.sql`${tags[0]}`);
  return Prisma.sql`(
    select distinct on (${key}) found.* from unnest(${tags}::text[]) as asked (tag)
    cross join lateral ${ofTag(Prisma.sql`asked.tag`)} as found
    order by ${key} ${direction} limit ${limit})`;
}

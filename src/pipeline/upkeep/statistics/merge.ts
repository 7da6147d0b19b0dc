/**
 * Merges fresh counts into those of minutes, hours and days: of each target and event type, of each target, of each event
 * type, and of the organization. All steps of all sums are written at once, so that any range is read from few rows; fresh
 * counts are merged every MERGE_MS only, so that a row is written a few times a minute and not with every count.
 */
import type { PoolClient } from 'pg';
import { withListsWritten } from '../../../database/statement.ts';
import {
  addCounts,
  addStored,
  createCounts,
  type AttemptCounts,
  type StoredCounts,
} from '../../../domain/statistics/counts.ts';
import { GRANULARITIES, keptFrom, stepStart, type Granularity } from '../../../domain/statistics/granularity.ts';
import { tallyText } from '../../../domain/statistics/tally.ts';

/** The rows of one transaction: each becomes twelve rows at most. To add up three times as many holds the event loop for 25 ms. */
const STEP_FRESH = 100;

type Place = {
  readonly organizationId: string;
  readonly stepSeconds: number;
  readonly at: Date;
  readonly targetId: string;
  readonly eventType: string;
};
type FreshRow = StoredCounts & { readonly id: string } & Omit<Place, 'stepSeconds'>;
type Cell = { readonly place: Place; readonly counts: AttemptCounts };

/** A place in the order of merging: organization, target, event type and id of a row. */
export type MergePosition = readonly [organizationId: string, targetId: string, eventType: string, id: string];

/**
 * Merges the next rows after a position. Returns the position of the last one; undefined when none come after it. A round walks
 * on through all organizations: what one of them adds meanwhile waits for the next round.
 */
export async function mergeFresh(
  tx: PoolClient,
  now: Date,
  after: MergePosition | undefined,
): Promise<MergePosition | undefined> {
  const { rows: fresh } = await tx.query<FreshRow>(NEXT, [...(after ?? ['', '', '', '0'])]);
  if (fresh.length === 0) return undefined;
  const minutes = createCells();
  for (const row of fresh) addStored(minutes.at({ ...row, stepSeconds: 60 }).counts, row);
  const cells = createCells();
  for (const minute of minutes.all()) {
    for (const place of placesOf(minute.place, now)) addCounts(cells.at(place).counts, minute.counts);
  }
  const places = columnsOf(cells.all().map(({ place }) => place));
  const found = withListsWritten({ name: 'find_statistics', text: FIND, values: places });
  const { rows: stored } = await tx.query<Place & StoredCounts>(found);
  for (const row of stored) addStored(cells.at(row).counts, row);
  const counts = countColumnsOf(cells.all().map((cell) => cell.counts));
  // Everything is read: from here on the transaction has an id.
  await tx.query(withListsWritten({ name: 'store_statistics', text: STORE, values: [...places, ...counts] }));
  const merged = { name: 'delete_fresh_statistics', text: DELETE, values: [fresh.map(({ id }) => id)] };
  await tx.query(withListsWritten(merged));
  const { organizationId, targetId, eventType, id } = fresh.at(-1)!;
  return fresh.length < STEP_FRESH ? undefined : [organizationId, targetId, eventType, id];
}

function createCells() {
  const cells = new Map<string, Cell>();
  return {
    /** The cell at a place; an empty one where there was none. */
    at(place: Place): Cell {
      const name = nameOf(place);
      let cell = cells.get(name);
      if (!cell) cells.set(name, (cell = { place, counts: createCounts() }));
      return cell;
    },
    all: (): Cell[] => [...cells.values()],
  };
}

/** The rows that the counts of a minute belong to. A step that is too old to be kept is left out. */
function placesOf({ organizationId, targetId, eventType, at }: Place, now: Date): Place[] {
  const granularities = Object.keys(GRANULARITIES) as Granularity[];
  return granularities
    .filter((granularity) => at.getTime() >= keptFrom(now.getTime(), granularity))
    .flatMap((granularity) => {
      const step = {
        organizationId,
        stepSeconds: GRANULARITIES[granularity].stepMs / 1_000,
        at: new Date(stepStart(at.getTime(), granularity)),
      };
      return [
        { ...step, targetId, eventType },
        { ...step, targetId, eventType: '' },
        { ...step, targetId: '', eventType },
        { ...step, targetId: '', eventType: '' },
      ];
    });
}

const nameOf = ({ organizationId, stepSeconds, at, targetId, eventType }: Place): string =>
  [organizationId, stepSeconds, at.getTime(), targetId, eventType].join();

const columnsOf = (places: readonly Place[]): unknown[] => [
  places.map(({ organizationId }) => organizationId),
  places.map(({ stepSeconds }) => stepSeconds),
  places.map(({ at }) => at),
  places.map(({ targetId }) => targetId),
  places.map(({ eventType }) => eventType),
];

const countColumnsOf = (counts: readonly AttemptCounts[]): unknown[] => [
  counts.map(({ attempts }) => attempts),
  counts.map(({ delivered }) => delivered),
  counts.map(({ retries }) => retries),
  counts.map(({ manual }) => manual),
  counts.map(({ exhausted }) => exhausted),
  counts.map(({ outcomes }) => tallyText(outcomes)),
  counts.map(({ durations }) => tallyText(durations)),
  counts.map(({ latencies }) => tallyText(latencies)),
];

const COUNTS = 'attempts, delivered, retries, manual, exhausted, outcomes, durations, latencies';
const PLACE_ARRAYS = '$1::text[], $2::int[], $3::timestamptz[], $4::text[], $5::text[]';

const NEXT = `
  select id, organization_id as "organizationId", target_id as "targetId", event_type as "eventType", at, ${COUNTS}
  from fresh_statistics where (organization_id, target_id, event_type, id) > ($1, $2, $3, $4::bigint)
  order by organization_id, target_id, event_type, id limit ${STEP_FRESH}`;

const KEY = 'organization_id, step_seconds, target_id, event_type, at';
const KEY_OF_PLACE = KEY.replaceAll(/\w+/g, 'place.$&');

// Each by the first key that is not below its own, which only the primary key can find. To ask for equal columns would let
// PostgreSQL take the index of the times where the table is young, and read all targets of a minute for each of them.
const FIND = `
  select s.organization_id as "organizationId", s.step_seconds as "stepSeconds", s.at, s.target_id as "targetId",
    s.event_type as "eventType", ${COUNTS}
  from unnest(${PLACE_ARRAYS}) as place (organization_id, step_seconds, at, target_id, event_type)
  cross join lateral (select * from delivery_statistics where (${KEY}) >= (${KEY_OF_PLACE}) order by ${KEY} limit 1) as s
  where (${KEY.replaceAll(/\w+/g, 's.$&')}) = (${KEY_OF_PLACE})`;

const STORE = `
  insert into delivery_statistics as s (organization_id, step_seconds, at, target_id, event_type, ${COUNTS})
  select * from unnest(${PLACE_ARRAYS}, $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::json[],
    $12::json[], $13::json[])
  on conflict (organization_id, step_seconds, at, target_id, event_type) do update
  set ${COUNTS.split(', ')
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`;

const DELETE = 'delete from fresh_statistics where id = any($1::bigint[])';

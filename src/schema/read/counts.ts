/**
 * Reads the counts of a range: those that are merged, and those of the last seconds, which are not yet. Both in one statement,
 * so that nothing is missing between them.
 */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Reader } from '../../database/statement.ts';
import { addStored, createCounts, type AttemptCounts, type StoredCounts } from '../../domain/statistics/counts.ts';
import { GRANULARITIES, stepStart, type Granularity, type StepRange } from '../../domain/statistics/granularity.ts';
import { ofTypes } from './conditions.ts';
import { read } from './rows.ts';

/** Which attempts of one organization. A field that is null does not filter; an empty list matches nothing. */
export type CountSelection = StepRange & {
  readonly organizationId: string;
  readonly targetId: string | null;
  /** Names and patterns. */
  readonly eventTypes: readonly string[] | null;
};

const COUNTS = Prisma.sql`attempts, delivered, retries, manual, exhausted, outcomes, durations, latencies`;

/** The beginnings of all steps, oldest first. */
export function stepsOf({ granularity, fromMs, untilMs }: StepRange): number[] {
  const { stepMs } = GRANULARITIES[granularity];
  return Array.from({ length: Math.max(0, (untilMs - fromMs) / stepMs) }, (_, nth) => fromMs + nth * stepMs);
}

/** What stands for all targets, and for all event types, in a row of delivery_statistics. */
export const ALL = '';

/** The counts of a target, or of all, in one step or in a part of it. */
export type CountRow = StoredCounts & { readonly targetId: string; readonly at: Date };

/**
 * The rows of a selection, for each of the targets instead of its own one. `targetIds` null: all together, as the target ALL.
 * `parts`: what the range is read in.
 */
export async function readCounts(
  sql: Reader,
  selection: CountSelection,
  targetIds: readonly string[] | null,
  parts: readonly StepRange[],
): Promise<CountRow[]> {
  const { organizationId, eventTypes } = selection;
  const merged = parts.map(
    (part) => Prisma.sql`
      select target_id as "targetId", at, ${COUNTS} from delivery_statistics
      where ${within(organizationId, part)} and target_id = any(${targetIds ?? [ALL]}) and ${ofTypes(eventTypes ?? [ALL])}`,
  );
  const fresh = Prisma.sql`
      select ${targetIds === null ? ALL : Prisma.sql`target_id`}, at, ${COUNTS} from fresh_statistics
      where ${freshOf(selection, targetIds)}`;
  return read<CountRow>(sql, Prisma.join([...merged, fresh], ' union all '));
}

/** By what attempts are ranked. */
export type RankedBy = 'target_id' | 'event_type';

export type Ranked = { readonly key: string; readonly counts: AttemptCounts };

/** Those with the most failed attempts, then with the most attempts. Those without attempts are left out. */
export async function readRanking(
  sql: Reader,
  selection: CountSelection,
  by: RankedBy,
  first: number,
): Promise<Ranked[]> {
  if (coverOf(selection).length === 0) return [];
  const top = await read<{ key: string }>(
    sql,
    Prisma.sql`
      select key from (${rowsOf(selection, by, allKeys(selection, by), Prisma.sql`attempts, delivered`)}) as part
      group by key having sum(attempts) > 0
      order by sum(attempts - delivered) desc, sum(attempts) desc, key limit ${first}`,
  );
  if (top.length === 0) return [];
  const keys = top.map((row) => row.key);
  const counts = new Map(keys.map((name) => [name, createCounts()]));
  const rows = await read<StoredCounts & { key: string }>(
    sql,
    rowsOf(selection, by, Prisma.sql`select unnest(${keys}::text[])`, COUNTS),
  );
  for (const row of rows) addStored(counts.get(row.key)!, row);
  return [...counts].map(([name, sum]) => ({ key: name, counts: sum }));
}

const secondsOf = (granularity: Granularity): number => GRANULARITIES[granularity].stepMs / 1_000;

const freshOf = (
  { organizationId, fromMs, untilMs, eventTypes }: CountSelection,
  targetIds: readonly string[] | null,
): Prisma.Sql => Prisma.sql`
  organization_id = ${organizationId} and at >= ${new Date(fromMs)} and at < ${new Date(untilMs)}
  ${targetIds === null ? Prisma.empty : Prisma.sql`and target_id = any(${targetIds})`}
  ${eventTypes === null ? Prisma.empty : Prisma.sql`and ${ofTypes(eventTypes)}`}`;

const within = (organizationId: string, { granularity, fromMs, untilMs }: StepRange): Prisma.Sql => Prisma.sql`
  organization_id = ${organizationId} and step_seconds = ${secondsOf(granularity)}
    and at >= ${new Date(fromMs)} and at < ${new Date(untilMs)}`;

/** What may be in the ranking. Deleted targets have their row too. */
const allKeys = ({ organizationId, targetId, eventTypes }: CountSelection, by: RankedBy): Prisma.Sql =>
  by === 'target_id'
    ? Prisma.sql`select id from webhook_targets
        where organization_id = ${organizationId} and ${targetId === null ? Prisma.sql`true` : Prisma.sql`id = ${targetId}`}`
    : Prisma.sql`select name from event_types where ${ofTypes(eventTypes, Prisma.sql`name`) ?? Prisma.sql`true`}`;

/** The rows of all keys: for each key a look-up in each part of the range, and what is not merged yet. */
function rowsOf(selection: CountSelection, by: RankedBy, keys: Prisma.Sql, columns: Prisma.Sql): Prisma.Sql {
  const { organizationId, targetId, eventTypes } = selection;
  const key = Prisma.raw(by);
  const other = by === 'target_id' ? ofTypes(eventTypes ?? [ALL])! : Prisma.sql`target_id = ${targetId ?? ALL}`;
  const parts = coverOf(selection).map(
    (part) => Prisma.sql`
    select ${columns} from delivery_statistics
    where ${within(organizationId, part)} and ${key} = ranked.key and ${other}`,
  );
  return Prisma.sql`
    with ranked (key) as (select key collate "C" from (${keys}) as found (key))
    select ranked.key, counted.* from ranked cross join lateral (${Prisma.join(parts, ' union all ')}) as counted
    union all
    select ${key}, ${columns} from fresh_statistics
    where ${freshOf(selection, targetId === null ? null : [targetId])} and ${key} in (select ranked.key from ranked)`;
}

/** The same range in the fewest steps: whole days where it has some, then whole hours, then the rest. */
export function coverOf({ granularity, fromMs, untilMs }: StepRange): StepRange[] {
  if (fromMs >= untilMs) return [];
  const { coarser } = GRANULARITIES[granularity];
  if (coarser === null) return [{ granularity, fromMs, untilMs }];
  const { stepMs } = GRANULARITIES[coarser];
  const [firstMs, lastMs] = [stepStart(fromMs + stepMs - 1, coarser), stepStart(untilMs, coarser)];
  if (firstMs >= lastMs) return [{ granularity, fromMs, untilMs }];
  return [
    { granularity, fromMs, untilMs: firstMs },
    ...coverOf({ granularity: coarser, fromMs: firstMs, untilMs: lastMs }),
    { granularity, fromMs: lastMs, untilMs },
  ].filter((part) => part.fromMs < part.untilMs);
}

/** A change that is not counted yet. */
export type Uncounted = { readonly at: Date };

/** The oldest change that is not counted, or none. */
export const readUncounted = (sql: Reader): Promise<Uncounted[]> => read<Uncounted>(sql, UNCOUNTED);

const UNCOUNTED = Prisma.sql`
  select c.occurred_at as at from delivery_changes c
  where (c.xid, c.seq) > (
    coalesce((select xid from statistics_progress where part = 'live'), '0'),
    coalesce((select seq from statistics_progress where part = 'live'), 0))
  order by c.xid, c.seq limit 1`;

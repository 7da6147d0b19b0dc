/** Loaders of statistics. Those of a list of targets differ in their target only, and become one statement. */
import type { SharedReading } from '../../database/read/readings.ts';
import { addStored, createCounts, type AttemptCounts } from '../../domain/statistics/counts.ts';
import { stepStart, type StepRange } from '../../domain/statistics/granularity.ts';
import { batched, distinct, whole } from './batched.ts';
import {
  ALL,
  coverOf,
  readCounts,
  readUncounted,
  stepsOf,
  type CountRow,
  type CountSelection,
  type Uncounted,
} from './counts.ts';

type CountLoader<Counts> = { load(selection: CountSelection): Promise<Counts> };

export type CountLoaders = {
  /** The counts of each step, oldest first, by its beginning; of empty ones too. */
  readonly stepCounts: CountLoader<ReadonlyMap<number, AttemptCounts>>;
  /** The counts of the whole range. */
  readonly totalCounts: CountLoader<AttemptCounts>;
  readonly uncounted: () => Promise<readonly Uncounted[]>;
};

/** Rows of one statement, without those of single event types: some 20 ms of the event loop. */
const MOST_ROWS = 2_000;

export const createCountLoaders = (reading: SharedReading): CountLoaders => ({
  stepCounts: countsOf(reading, (range) => (range.fromMs < range.untilMs ? [range] : []), stepsFrom),
  totalCounts: countsOf(reading, coverOf, (_, rows) => {
    const total = createCounts();
    for (const row of rows) addStored(total, row);
    return total;
  }),
  uncounted: whole(reading, () => readUncounted(reading)),
});

function stepsFrom(selection: CountSelection, rows: readonly CountRow[]): Map<number, AttemptCounts> {
  const steps = new Map(stepsOf(selection).map((atMs) => [atMs, createCounts()]));
  for (const row of rows) addStored(steps.get(stepStart(row.at.getTime(), selection.granularity))!, row);
  return steps;
}

/** `partsOf`: what a range is read in. `sumUp` gets the rows of the selection. */
function countsOf<Counts>(
  reading: SharedReading,
  partsOf: (range: StepRange) => readonly StepRange[],
  sumUp: (selection: CountSelection, rows: readonly CountRow[]) => Counts,
): CountLoader<Counts> {
  return batched<CountSelection, Counts>(reading, async (selections) => {
    const counted = new Map<CountSelection, Counts>();
    for (const alike of Map.groupBy(selections, butTarget).values()) {
      const [first] = alike as [CountSelection];
      const parts = partsOf(first);
      const steps = parts.reduce((sum, part) => sum + stepsOf(part).length, 0);
      const atOnce = Math.max(1, Math.floor(MOST_ROWS / Math.max(steps, 1)));
      for (let start = 0; start < alike.length; start += atOnce) {
        const some = alike.slice(start, start + atOnce);
        const targetIds = first.targetId === null ? null : distinct(some.map(({ targetId }) => targetId!));
        const rows = parts.length > 0 ? await readCounts(reading, first, targetIds, parts) : [];
        const byTarget = Map.groupBy(rows, ({ targetId }) => targetId);
        for (const each of some) counted.set(each, sumUp(each, byTarget.get(each.targetId ?? ALL) ?? []));
      }
    }
    return selections.map((selection) => counted.get(selection)!);
  });
}

const butTarget = ({ organizationId, granularity, fromMs, untilMs, targetId, eventTypes }: CountSelection): string =>
  JSON.stringify([organizationId, granularity, fromMs, untilMs, eventTypes, targetId === null]);

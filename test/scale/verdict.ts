/** Runs a check and judges its plans. */
import { MOST_PAGES, type Check } from './checks.ts';
import type { World } from './world.ts';

export type Finding = {
  readonly name: string;
  /** Every read of a table that grows. */
  readonly reads: readonly string[];
  /** Of its slowest statement. */
  readonly milliseconds: number;
  /** Of the statement that touched most. */
  readonly pages: number;
  /** What is not as it should be. */
  readonly faults: readonly string[];
};

/** Tables that grow with the traffic; a look through any other one is short. */
const GROWING = new Set([
  'events',
  'event_tags',
  'delivery_tags',
  'deliveries',
  'delivery_attempts',
  'delivery_changes',
  'delivery_statistics',
  'target_changes',
  'event_changes',
  'job_common',
]);

export async function check(
  world: World,
  { name, reads: expected, pages: most = MOST_PAGES, rows: mostRows = Infinity, run }: Check,
): Promise<Finding> {
  const plans = await world.plansOf(() => run(world));
  const readsOf = (all: typeof plans) =>
    [...new Set(all.flatMap(({ reads }) => [...reads]))].filter((read) => GROWING.has(read.split(' ')[0]!)).sort();
  const reads = readsOf(plans);
  const unwanted = plans.flatMap((plan) =>
    readsOf([plan])
      .filter((read) => !expected.flat().includes(read))
      .map((read) => `reads ${read} (${plan.statement}, planned ${plan.planned})`),
  );
  const missing = expected
    .filter((read) => ![read].flat().some((one) => reads.includes(one)))
    .map((read) => `does not read ${[read].flat().join(' or ')}`);
  const wide = plans
    .filter(({ pages }) => pages > most)
    .map(({ statement, planned, pages }) => `touches ${pages} pages, not ${most} (${statement}, planned ${planned})`);
  const long = plans
    .filter(({ rows }) => rows > mostRows)
    .map(({ statement, planned, rows }) => `looks at ${rows} rows, not ${mostRows} (${statement}, planned ${planned})`);
  return {
    name,
    reads,
    faults: [...new Set([...unwanted, ...missing, ...wide, ...long])],
    milliseconds: Math.max(...plans.map(({ milliseconds }) => milliseconds)),
    pages: Math.max(...plans.map(({ pages }) => pages)),
  };
}

/** Counts what a replay would replay, by looking at the same rows in the same way. */
import type { Clock } from '../../clock.ts';
import type { Sql } from '../../database/statement.ts';
import { firstIdAt } from '../../domain/ksuid.ts';
import { isOfFailed, MAX_EXACT_COUNT, type ReplayCount, type ReplayScope } from '../../domain/replay/scope.ts';
import type { Candidate, Window } from './candidate.ts';
import { lookAtFailed } from './failed-deliveries.ts';
import { lookAtEvents, type ReceivingTarget } from './missed-events.ts';

/** Counts the scope in an organization. `target` is that of the scope; null: every target. */
export type CountReplay = (
  organizationId: string,
  scope: ReplayScope,
  target: ReceivingTarget | null,
) => Promise<ReplayCount>;

type Options = {
  /** Reads, each for a few seconds at most. */
  readonly reads: Sql;
  readonly clock: Clock;
  readonly retentionDays: number;
  /** Whether the service publishes events of its own. Default: false. */
  readonly serviceEvents?: boolean;
  /** After this time, what was looked at so far is the base of an estimate. */
  readonly patienceMs?: number;
};

const PATIENCE_MS = 3_000;
/** Rows of one look. An event of 10,000 targets has as many deliveries to look at. */
const LIMIT = 200;
const DAY_MS = 86_400_000;

export function createReplayCount({
  reads,
  clock,
  retentionDays,
  serviceEvents = false,
  patienceMs = PATIENCE_MS,
}: Options): CountReplay {
  return async (organizationId, scope, target) => {
    const now = clock.now();
    const end = new Date(now.getTime() + DAY_MS); // All that is committed counts.
    const keptFrom = new Date(now.getTime() - retentionDays * DAY_MS);
    const look = (after: string, newestFirst = false): Promise<Window> => {
      const part = { scope, after, limit: LIMIT, newestFirst };
      return isOfFailed(scope) || target === null
        ? lookAtFailed(reads, { ...part, organizationId, before: firstIdAt(end) })
        : lookAtEvents(reads, { ...part, target, serviceEvents, settledBefore: end, keptFrom });
    };
    const startedMs = clock.monotonicMs();
    const found: Candidate[] = [];
    let looked = 0;
    let last = '';
    let isFull = true;
    while (isFull && found.length <= MAX_EXACT_COUNT && clock.monotonicMs() - startedMs < patienceMs) {
      const window = await look(last);
      found.push(...window.candidates.filter(isReplayed));
      looked += window.candidates.length;
      last = window.candidates.at(-1)?.id ?? last;
      isFull = window.isFull;
    }
    const oldestAt = found[0]?.publishedAt ?? null;
    if (!isFull && found.length <= MAX_EXACT_COUNT) {
      return { count: found.length, estimate: null, oldestAt, newestAt: found.at(-1)?.publishedAt ?? null };
    }
    const rest = await planRows(reads, organizationId, scope, last);
    const estimate = found.length + Math.round((rest * found.length) / looked);
    const newestAt = (await look('', true)).candidates.find(isReplayed)?.publishedAt ?? null;
    return { count: null, estimate, oldestAt, newestAt };
  };
}

const isReplayed = ({ verdict }: Candidate): boolean => verdict === 'replay';

/** How many rows the planner expects in the rest of the range: after an id. */
async function planRows(sql: Sql, organizationId: string, scope: ReplayScope, after: string): Promise<number> {
  const isFailed = isOfFailed(scope);
  const owner = isFailed && scope.targetId !== null ? 'target_id' : 'organization_id';
  const table = isFailed ? `deliveries where indexed_status = 'FAILED' and` : 'events where';
  const { rows } = await sql.query<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    `explain (format json) select from ${table} ${owner} = $1 and id > $2 and id < $3`,
    [owner === 'target_id' ? scope.targetId : organizationId, after, firstIdAt(scope.until)],
  );
  return rows[0]!['QUERY PLAN'][0].Plan['Plan Rows'];
}

/**
 * Settle: verdicts become rows. One transaction per batch records the attempts, moves the deliveries, appends the
 * changes, updates the targets' health, disables those that fail for long, defers those that ask for time, removes the
 * jobs that are done and inserts the next ones.
 *
 * A verdict moves its delivery only if the delivery is as it was claimed: same status, same job, attempt not recorded
 * yet. A delivery that a person cancelled or retried meanwhile, or that another worker settled because this worker was
 * taken for dead, goes to settle-overlapped.ts, one by one.
 *
 * Verdicts of ordered deliveries have batches of their own (ordered-verdicts.ts), which lock their chains first and release the
 * next deliveries last (live/order). Other verdicts have no statement more, and wait for no lock of a chain.
 */
import type { Clock } from '../../../clock.ts';
import { createBatch } from '../../../database/batch.ts';
import { BY_JOB_ID, sqlState, type Statement } from '../../../database/statement.ts';
import type { NewJob } from '../../../database/job.ts';
import {
  areChainsBusy,
  findBusyDeliveries,
  lockPatiently,
  type ChainLocking,
} from '../../../live/order/lock-chains.ts';
import type { Released } from '../../../live/order/release.ts';
import { deferring } from './defer.ts';
import { auditIds, UNTOLD } from './health-sql.ts';
import { createOrderedSettlement, type OrderedSettlement } from './settle-ordered.ts';
import type { Verdict } from '../judge.ts';
import { latencyOf } from './latency.ts';
import { BATCH_VERDICTS, failingAfter, repeatsAfter, serviceTypes, type SettlerOptions } from './settle-options.ts';
import { settleOverlapped } from './settle-overlapped.ts';
import { createOrderedVerdicts } from './ordered-verdicts.ts';
import { ChainsAreBusy, settlePieces, type Settled } from './settle-pieces.ts';
import { SETTLE_OUTCOMES, SETTLE_SUCCESSES } from './settle-sql.ts';
import { tellOfTargets, type ToldOfTarget } from './tell-of-targets.ts';

export type Settler = {
  /**
   * Tries until Postgres takes the verdict, and resolves once it is committed. Rejects only when Postgres refuses even
   * the verdict alone, without what its target answered; its job is then put back for later.
   */
  settle(verdict: Verdict): Promise<void>;
};

export function createSettler(options: SettlerOptions): Settler {
  const unordered = createBatch<Verdict, Settled>({
    parallel: 1, // Outcomes of one target count in the order in which they ended, apart from those with and without a key.
    maxWeight: BATCH_VERDICTS,
    weigh: () => 1,
    gather: options.gather,
    run: (verdicts) => settlePieces(options, (piece) => settleBatch(options, piece, lockPatiently), verdicts),
  });
  const ordered = createOrderedVerdicts({
    settlerOptions: options,
    settleUnchanged: (verdicts, locking) => settleUnchanged(options, verdicts, locking).catch(rethrow),
    settleAll: (verdicts, locking) => settleBatch(options, verdicts, locking).catch(rethrow),
    findBusy: (deliveryIds) => findBusyDeliveries(options.database.pool, deliveryIds),
  });
  return {
    async settle(verdict) {
      const refusal = await (verdict.claim.isOrdered ? ordered.settle(verdict) : unordered.add(verdict));
      if (refusal) throw refusal;
    },
  };
}

function rethrow(error: unknown): never {
  throw areChainsBusy(error) ? new ChainsAreBusy('Others hold locks of chains', { cause: error }) : error;
}

/** Settles verdicts that are all of ordered deliveries, or none of them. */
async function settleBatch(
  options: SettlerOptions,
  verdicts: readonly Verdict[],
  locking: ChainLocking,
): Promise<void> {
  for (const changed of await settleUnchanged(options, verdicts, locking)) {
    const current = await settleOverlapped(options, changed, locking);
    if (current) await settleBatch(options, [current], locking);
  }
}

/** Settles those whose deliveries are as they were claimed. Returns the others. */
async function settleUnchanged(
  options: SettlerOptions,
  verdicts: readonly Verdict[],
  locking: ChainLocking,
): Promise<readonly Verdict[]> {
  const { queue, clock, destinations } = options;
  const now = clock.now();
  const nextJobs = verdicts.map((verdict) => nextJobOf(verdict, clock));
  const jobs = nextJobs.filter((job) => job !== null);
  const values = [...settleValues(verdicts, nextJobs, now), verdicts.map(destinations.requestOf)];
  const statements: Statement[] = [
    BY_JOB_ID,
    await queue.removal(verdicts.map(({ claim }) => claim.job)),
    ...(jobs.length > 0 ? [queue.insertion(jobs)] : []),
  ];
  const deferral = deferring(verdicts);
  if (deferral) statements.push(deferral);
  const recording = destinations.recording(verdicts, now);
  if (recording) statements.push(recording.statement);
  const ordered = verdicts[0]!.claim.isOrdered ? createOrderedSettlement(options, verdicts, locking) : undefined;
  const { rows, released } = await commitSettled(options, verdicts, values, { others: statements, ordered });
  recording?.done();
  if (deferral) options.onDeferred();
  ordered?.heed(released);
  const disabledTargets = rows[0]?.disabledTargets;
  if (disabledTargets) options.onDisabled(disabledTargets);
  if (rows.length === verdicts.length) return [];
  const settledIds = new Set(rows.map(({ id }) => id));
  // The next jobs of these verdicts, if any, belong to no delivery: they are dropped when they come due.
  return verdicts.filter(({ claim }) => !settledIds.has(claim.deliveryId));
}

/** A row for each delivery that moved. Both other columns are the same in all rows. */
type SettledRow = {
  readonly id: string;
  readonly disabledTargets?: string[] | null;
  readonly told: ToldOfTarget[] | null;
};

type Beside = { readonly others: readonly Statement[]; readonly ordered: OrderedSettlement | undefined };
type Committed = { readonly rows: readonly SettledRow[]; readonly released: readonly Released[] };

/**
 * Commits the settle statement with the others after it, in one round trip. When targets have to be told of, Postgres ends that
 * transaction. Then it is made again step by step, with the events in it. Locks of chains come first, and releases last.
 */
async function commitSettled(
  options: SettlerOptions,
  verdicts: readonly Verdict[],
  values: unknown[],
  { others, ordered }: Beside,
): Promise<Committed> {
  const { database, tellingTransaction } = options;
  const settle = settling(options, verdicts, values);
  try {
    if (!ordered) {
      const [settled] = await database.transact([settle, ...others]);
      return { rows: settled!.rows, released: [] };
    }
    const results = await database.transact([...ordered.locking, settle, ...others, ordered.releasing]);
    return { rows: results[ordered.locking.length]!.rows, released: results.at(-1)!.rows };
  } catch (error) {
    if (sqlState(error) !== UNTOLD || !tellingTransaction) throw error;
  }
  return tellingTransaction(
    async (tx, tell) => {
      for (const locking of ordered?.locking ?? []) await tx.query(locking);
      const { rows } = await tx.query<SettledRow>(settlingOutcomes(options, verdicts, values, true));
      const moved = new Set(rows.map(({ id }) => id));
      const movedOnes = verdicts.filter(({ claim }) => moved.has(claim.deliveryId));
      await tellOfTargets(tx, tell, rows[0]?.told ?? [], movedOnes);
      await Promise.all(others.map((statement) => tx.query(statement)));
      const released = ordered ? (await tx.query<Released>(ordered.releasing)).rows : [];
      return { rows, released };
    },
    { repeatsAfter: repeatsAfter(verdicts) },
  );
}

function settling(options: SettlerOptions, verdicts: readonly Verdict[], values: unknown[]): Statement {
  if (verdicts.some(({ outcome }) => outcome !== 'DELIVERED'))
    return settlingOutcomes(options, verdicts, values, false);
  return { name: 'settle_successes', text: SETTLE_SUCCESSES, values: [...values, serviceTypes(options)] };
}

function settlingOutcomes(
  options: SettlerOptions,
  verdicts: readonly Verdict[],
  values: unknown[],
  isTelling: boolean,
): Statement {
  const { disable, ids } = options;
  const failed = verdicts.filter(({ outcome }) => outcome !== 'DELIVERED').map(({ claim }) => claim.targetId);
  const rule = [disable.afterMs, disable.afterFailures, ...auditIds(failed, ids)];
  const telling = [serviceTypes(options), failingAfter(disable), isTelling];
  return { name: 'settle_outcomes', text: SETTLE_OUTCOMES, values: [...values, ...rule, ...telling] };
}

function nextJobOf({ claim, transition }: Verdict, clock: Clock): NewJob | null {
  const { nextAttemptAt } = transition;
  return nextAttemptAt && { id: clock.uuid(), deliveryId: claim.deliveryId, startAfter: nextAttemptAt };
}

/** Returns the columns of the settle statement, in the order of its parameters. */
function settleValues(verdicts: readonly Verdict[], nextJobs: readonly (NewJob | null)[], now: Date): unknown[] {
  const column = <T>(pick: (verdict: Verdict, index: number) => T): T[] => verdicts.map(pick);
  const response = ({ result }: Verdict) => (result.kind === 'response' ? result : undefined);
  return [
    column(({ claim }) => claim.deliveryId),
    column(({ claim }) => claim.number),
    column(({ claim }) => claim.job.id),
    column(({ claim }) => claim.status),
    column(({ transition }) => transition.status),
    column(({ transition }) => transition.scheduleStep),
    column(({ transition }) => transition.nextAttemptAt),
    column((_, index) => nextJobs[index]?.id ?? null),
    column(({ claim }) => claim.progress.trigger),
    column(({ outcome }) => outcome),
    column((verdict) => response(verdict)?.status ?? null),
    column((verdict) => (response(verdict) ? JSON.stringify(response(verdict)!.headers) : null)),
    column((verdict) => response(verdict)?.body ?? null),
    column((verdict) => response(verdict)?.bodyTruncated ?? false),
    column(({ error }) => error),
    column(({ result }) => result.durationMs),
    column(({ result }) => result.startedAt),
    column(({ result }) => result.resent),
    now,
    column(latencyOf),
  ];
}

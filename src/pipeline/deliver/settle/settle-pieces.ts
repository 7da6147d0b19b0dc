/**
 * Settles verdicts until Postgres has taken them:
 *
 *     Postgres is away, or its COMMIT is unconfirmed   all are tried again, once the last try has ended
 *     it takes too long                                they are tried again, in halves
 *     it refuses one of the verdicts                   in halves, until that verdict is alone; then without what its target
 *                                                      answered, so that its delivery moves on after this one request
 *     it refuses even that                             that verdict is given up, and its attempt is made again much later
 *     ChainsAreBusy                                    the caller is told, and tries again
 *
 * Each try writes only what is not written yet (settle.ts), so a commit whose answer was lost does no harm.
 */
import { OutcomeUnknown } from '../../../database/commit.ts';
import { isRefusal, isTooMuch } from '../../../database/refusal.ts';
import { DEADLOCK } from '../../../database/sql-state.ts';
import { sqlState } from '../../../database/statement.ts';
import type { Verdict } from '../judge.ts';
import type { SettlerOptions } from './settle-options.ts';

/** Undefined when the verdict is committed; otherwise why it was given up. */
export type Settled = Error | undefined;

/** Not all were settled: others hold the locks of some chains. */
export class ChainsAreBusy extends Error {
  override readonly name = 'ChainsAreBusy';
}

type Settle = (verdicts: readonly Verdict[]) => Promise<void>;

/** How long the attempt of a refused verdict is put off, so that its request is not sent every few seconds. */
const POSTPONED_MS = 300_000;

/**
 * Settles verdicts; returns one result for each, in their order. `settle` commits all of its verdicts or none. Throws only
 * ChainsAreBusy.
 */
export async function settlePieces(
  options: SettlerOptions,
  settle: Settle,
  verdicts: readonly Verdict[],
): Promise<Settled[]> {
  const refusal = await untilTaken(options, settle, verdicts);
  if (refusal === undefined) return verdicts.map(() => undefined);
  if (verdicts.length === 1) return [await settleRefused(options, settle, verdicts[0]!, refusal.reason)];
  // One after the other: outcomes of one target count in the order in which they are settled.
  const half = Math.ceil(verdicts.length / 2);
  const first = await settlePieces(options, settle, verdicts.slice(0, half));
  return [...first, ...(await settlePieces(options, settle, verdicts.slice(half)))];
}

/** Tries until the verdicts are committed. Returns the reason when only fewer verdicts at once may help. */
async function untilTaken(
  { onCommit, onError, backOff }: SettlerOptions,
  settle: Settle,
  verdicts: readonly Verdict[],
): Promise<{ readonly reason: unknown } | undefined> {
  for (let failures = 0; ; failures++) {
    try {
      await settle(verdicts);
      onCommit();
      return undefined;
    } catch (error) {
      if (error instanceof ChainsAreBusy) throw error;
      if (isRefusal(error)) return { reason: error };
      // Another process removing a target locks the same rows in another order: harmless, and over at once.
      const isDeadlock = sqlState(error) === DEADLOCK;
      if (!isDeadlock) onError(error);
      if (isTooMuch(error) && verdicts.length > 1) return { reason: error };
      if (error instanceof OutcomeUnknown) await error.ended;
      await backOff(isDeadlock ? 0 : failures);
    }
  }
}

async function settleRefused(
  options: SettlerOptions,
  settle: Settle,
  verdict: Verdict,
  cause: unknown,
): Promise<Settled> {
  const { job, deliveryId, targetId, number } = verdict.claim;
  const what = `PostgreSQL refuses attempt ${number} of delivery ${deliveryId} to target ${targetId}`;
  options.onError(new Error(`${what}: it is recorded without what the target answered`, { cause }));
  const refusal = await untilTaken(options, settle, [withoutAnswer(verdict)]);
  if (refusal === undefined) return undefined;
  const until = new Date(options.clock.now().getTime() + POSTPONED_MS);
  // Where this fails too, the job is claimed again when its heartbeat has stopped.
  await options.queue.postpone(job, until).catch(options.onError);
  const message = `${what} even without what the target answered: it is made again after ${until.toISOString()}`;
  return new Error(message, { cause: refusal.reason });
}

/** Returns the verdict without anything that came from outside, except the status. */
function withoutAnswer(verdict: Verdict): Verdict {
  const { result, outcome } = verdict;
  if (result.kind === 'failure') {
    const error = `The attempt failed: ${outcome}. The details could not be stored.`;
    return { ...verdict, result: { ...result, error }, error };
  }
  const error = verdict.error && `The target answered ${result.status}. Its response could not be stored.`;
  return { ...verdict, result: { ...result, headers: {}, body: '', bodyTruncated: result.body !== '' }, error };
}

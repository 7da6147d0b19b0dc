/**
 * The roll-up of the statistics: from changes to counts.
 *
 *     delivery_changes ──count-changes──▶ fresh_statistics ──merge──▶ delivery_statistics ──expire──▶ (gone)
 *          once a second, in order            every 20 s                minutes, hours, days
 *
 * Each arrow is a step: one transaction that takes from the left and gives to the right, so each attempt counts exactly once,
 * whenever a process is killed. One worker at a time makes a step: it holds a lock that ends with the transaction.
 *
 * None of these transactions waits for the disk when it commits. If PostgreSQL crashes, the last ones are lost as a whole, and
 * their steps are made again.
 */
import type { PoolClient } from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../../clock.ts';
import { createCaretaker, type Caretaker } from '../../../database/caretaker.ts';
import type { Database } from '../../../database/client.ts';
import { lockNumber, type LockName } from '../../../database/locks.ts';
import { FORGETTABLE, IN_INDEX_ORDER } from '../../../database/statement.ts';
import { countChanges, STEP_CHANGES } from './count-changes.ts';
import { deleteExpired, STEP_EXPIRED } from './expire.ts';
import { mergeFresh, type MergePosition } from './merge.ts';
import { endHistory, readProgress } from './progress.ts';

type Options = {
  readonly database: Pick<Database, 'transaction' | 'connector'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

const COUNT_MS = 1_000;
const MERGE_MS = 20_000;
/** Counting what is new rests as long as each full step took: a backlog is worked off with half of one CPU at most. */
const REST_FACTOR = 1;
/** Nobody waits for the rest: it uses a fifth of one CPU at most, as retention does. */
const PATIENT_REST_FACTOR = 4;

/** One step. It returns whether it was the last one for now. */
type Step = (tx: PoolClient) => Promise<boolean>;

export type RollUp = {
  /** Counts the changes of now. */
  readonly counting: Caretaker;
  /** Counts the changes of before the upgrade to the first release that has statistics. */
  readonly history: Caretaker;
  /** Merges what was counted, and deletes what is too old. */
  readonly merging: Caretaker;
};

export function createRollUp({ database, clock, onError }: Options): RollUp {
  /** Repeats a step while it is this worker's turn. */
  async function repeat(lockName: LockName, restFactor: number, step: Step, signal: AbortSignal): Promise<void> {
    const lock = lockNumber(lockName, database.connector.schema);
    for (let isLast = false; !isLast && !signal.aborted;) {
      const startedMs = clock.monotonicMs();
      isLast = await database.transaction(async (tx) => {
        await tx.query(FORGETTABLE);
        await tx.query(IN_INDEX_ORDER);
        const { rows } = await tx.query<{ isOurs: boolean }>('select pg_try_advisory_xact_lock($1) as "isOurs"', [
          lock,
        ]);
        return !rows[0]!.isOurs || step(tx);
      });
      const restMs = (clock.monotonicMs() - startedMs) * restFactor;
      if (!isLast) await delay(restMs, undefined, { signal }).catch(() => {});
    }
  }

  const countLive: Step = async (tx) => {
    const progress = await readProgress(tx, 'live');
    return (await countChanges(tx, 'live', progress!)) < STEP_CHANGES;
  };

  const countHistory: Step = async (tx) => {
    const progress = await readProgress(tx, 'history');
    if (!progress) return true;
    const isLast = (await countChanges(tx, 'history', progress)) < STEP_CHANGES;
    if (isLast) await endHistory(tx);
    return isLast;
  };

  /** The step of one round. A step that fails ends its round. */
  function createMerge(): Step {
    let position: MergePosition | undefined;
    return async (tx) => {
      position = await mergeFresh(tx, clock.now(), position);
      return position === undefined;
    };
  }

  const expire: Step = async (tx) => (await deleteExpired(tx, clock.now())) < STEP_EXPIRED;

  const caretaker = (everyMs: number, round: (signal: AbortSignal) => Promise<void>) =>
    createCaretaker({ everyMs, round, onError });
  return {
    counting: caretaker(COUNT_MS, (signal) => repeat('statistics', REST_FACTOR, countLive, signal)),
    history: caretaker(COUNT_MS, (signal) => repeat('statisticsHistory', PATIENT_REST_FACTOR, countHistory, signal)),
    merging: caretaker(MERGE_MS, async (signal) => {
      await repeat('statisticsMerge', PATIENT_REST_FACTOR, createMerge(), signal);
      await repeat('statisticsMerge', PATIENT_REST_FACTOR, expire, signal);
    }),
  };
}

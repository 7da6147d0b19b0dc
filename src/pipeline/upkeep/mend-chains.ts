/**
 * Mends chains: walks over the heads of all chains, and releases the next delivery where the head is none any more.
 *
 *     a FAILED head, and its target says SKIP now    the chain goes on (for few of them, updateWebhookTarget sees to it itself)
 *     a head that has ended, or waits for nobody     must never be: `onLost` tells of it, and the chain goes on
 *
 * Only a process of the release before, or a person with SQL, can cause the second: they end deliveries and release nobody.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import { createCaretaker, type Caretaker } from '../../database/caretaker.ts';
import { LOCK_NOT_AVAILABLE } from '../../database/sql-state.ts';
import { sqlState } from '../../database/statement.ts';
import type { Queue } from '../../database/queue.ts';
import { FIRST_CHAIN, lookAtHeads, mendChain, type ChainName, type Head } from '../../live/order/heads.ts';
import { countQueued } from '../../live/order/release.ts';

type Options = {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly queue: Pick<Queue, 'insertingFrom'>;
  readonly clock: Clock;
  /** Called with a head that was lost, after the commit that mended its chain. */
  readonly onLost: (head: Head) => void;
  /** Called after a commit that released deliveries: with how many of them have a job. */
  readonly onReleased: (queued: number) => void;
  readonly onError: (error: unknown) => void;
};

const MEND_MS = 10_000;
const STEP_CHAINS = 1_000;
/** A round looks at so many chains; the next one goes on after them. */
const ROUND_STEPS = 10;

export function createChainMender({ database, queue, clock, onLost, onReleased, onError }: Options): Caretaker {
  let after: ChainName = FIRST_CHAIN;

  async function mend(head: Head): Promise<void> {
    const { state, released } = await database.transaction((tx) => mendChain(tx, head, { queue, now: clock.now() }));
    if (state === 'lost') onLost(head);
    if (released.length > 0) onReleased(countQueued(released));
  }

  /** The others go on. A chain whose lock others hold is looked at in a later round. */
  function goOn(error: unknown): void {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) onError(error);
  }

  async function round(signal: AbortSignal): Promise<void> {
    for (let step = 0; step < ROUND_STEPS && !signal.aborted; step++) {
      const heads = await lookAtHeads(database.pool, after, STEP_CHAINS);
      for (const head of heads) if (head.state !== null && !signal.aborted) await mend(head).catch(goOn);
      after = heads.length === STEP_CHAINS ? heads.at(-1)! : FIRST_CHAIN;
      if (after === FIRST_CHAIN) return;
    }
  }

  return createCaretaker({ everyMs: MEND_MS, round, onError });
}

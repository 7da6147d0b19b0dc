/**
 * Sweep: once a second, looks for work that nothing else wakes. Jobs of crashed workers are put first, so that no backlog
 * delays the repeat of an attempt. Held deliveries of targets that are active again are offered to their lanes. Of a deleted target
 * that has some, the next open ones are cancelled: a process may have died that deleted it.
 */
import { createCaretaker, type Caretaker } from '../../database/caretaker.ts';
import type { Queue } from '../../database/queue.ts';
import type { Holder } from '../dispatch/hold.ts';
import type { Lanes } from '../dispatch/lanes/lanes.ts';

type Options = {
  readonly holder: Holder;
  readonly lanes: Lanes;
  readonly queue: Pick<Queue, 'rescue'>;
  /** Called when there are rescued jobs, or lanes with held deliveries: the dispatcher should look. */
  readonly onReleased: () => void;
  readonly onError: (error: unknown) => void;
};

const SWEEP_MS = 1_000;

export function createSweeper({ holder, lanes, queue, onReleased, onError }: Options): Caretaker {
  async function sweep(): Promise<void> {
    let isWaiting = (await queue.rescue()) > 0;
    for (const { targetId, status, deleted, ...limits } of await holder.held()) {
      if (deleted) await holder.cancelNextOf(targetId);
      else if (status === 'ACTIVE') {
        lanes.markHeld(targetId, limits);
        isWaiting = true;
      }
    }
    if (isWaiting) onReleased();
  }

  return createCaretaker({ everyMs: SWEEP_MS, round: sweep, onError });
}

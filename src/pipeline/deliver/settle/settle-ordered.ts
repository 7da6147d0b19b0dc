/**
 * What settling ordered deliveries needs besides: the locks of their chains before all other statements, and the release of the
 * next deliveries after them.
 */
import type { Statement } from '../../../database/statement.ts';
import { lockingOf } from '../../../live/order/lock-chains.ts';
import { releasing, type Released } from '../../../live/order/release.ts';
import type { Verdict } from '../judge.ts';
import type { SettlerOptions } from './settle-options.ts';

export type OrderedSettlement = {
  /** Goes before all other statements. */
  readonly locking: Statement;
  /** Goes after them. Its rows are Released. */
  readonly releasing: Statement;
  /** Takes these rows once they are committed. */
  heed(released: readonly Released[]): void;
};

export function createOrderedSettlement(options: SettlerOptions, verdicts: readonly Verdict[]): OrderedSettlement {
  const { queue, clock } = options;
  // A delivery that was sent was the head of its chain.
  const heads = verdicts
    .filter(({ transition }) => transition.nextAttemptAt === null)
    .map(({ claim }) => claim.deliveryId);
  const areTaken = options.takesReleased();
  return {
    locking: lockingOf(verdicts.map(({ claim }) => claim.deliveryId)),
    releasing: releasing({ ids: heads, heads }, { queue, now: clock.now(), areTaken }),
    heed(released) {
      if (released.length === 0) return;
      const jobs = released.flatMap(({ deliveryId, jobId }) =>
        jobId === null ? [] : { id: jobId, deliveryId, retryCount: 0 },
      );
      options.onReleased(areTaken ? jobs : []);
    },
  };
}

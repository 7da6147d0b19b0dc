/**
 * What settling ordered deliveries needs besides: the locks of their chains before all other statements, and the release of the
 * next deliveries after them.
 */
import type { Statement } from '../../../database/statement.ts';
import type { ChainLocking } from '../../../live/order/lock-chains.ts';
import { countQueued, releasing, releasingClaimed, type Released } from '../../../live/order/release.ts';
import { CLAIMED, READ_AHEAD_BYTES, type SuccessorRow } from '../claimed-rows.ts';
import type { Verdict } from '../judge.ts';
import { BATCH_VERDICTS, type SettlerOptions } from './settle-options.ts';

export type OrderedSettlement = {
  /** Go before all other statements. */
  readonly locking: readonly Statement[];
  /** Goes after them. Its rows are Released, and SuccessorRow where this process takes them. */
  readonly releasing: Statement;
  /** Takes these rows once they are committed. */
  heed(released: readonly Released[]): void;
};

export function createOrderedSettlement(
  options: SettlerOptions,
  verdicts: readonly Verdict[],
  lockChains: ChainLocking,
): OrderedSettlement {
  const { queue, clock, onReleased } = options;
  const claims = verdicts.map(({ claim }) => claim);
  const heads = verdicts
    .filter(({ transition }) => transition.nextAttemptAt === null)
    .map(({ claim }) => claim.deliveryId);
  const ended = { ids: heads, heads }; // A delivery that was sent was the head of its chain.
  const release = { queue, now: clock.now() };
  const locking = lockChains(claims.map(({ deliveryId }) => deliveryId));
  if (!options.takesReleased()) {
    return {
      locking,
      releasing: releasing(ended, release),
      heed: (released) => void (countQueued(released) > 0 && onReleased([])),
    };
  }
  return {
    locking,
    releasing: releasingClaimed(ended, SUCCESSOR, release),
    heed(released) {
      const beforeOf = new Map(claims.map((claim) => [claim.targetId, claim]));
      const isTaken = (row: Released): row is SuccessorRow => row.jobId !== null;
      const taken = released.filter(isTaken).map((row) => ({ row, before: beforeOf.get(row.targetId)! }));
      if (taken.length > 0) onReleased(taken);
    },
  };
}

/** Each verdict releases one delivery at most. */
const SUCCESSOR_BODY_BYTES = READ_AHEAD_BYTES / BATCH_VERDICTS;

/** What `takeOver` needs: the columns of a SuccessorRow. */
const SUCCESSOR = {
  columns: `${CLAIMED}, octet_length(e.body) as "bodyBytes",
    case when octet_length(e.body) <= ${SUCCESSOR_BODY_BYTES} then e.body end as body, e.traceparent`,
  join: 'left join events e on e.id = d.event_id',
};

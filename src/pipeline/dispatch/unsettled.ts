/**
 * Counts attempts whose request is over and whose verdict is not committed yet. They take no slot, so that many verdicts
 * share a transaction. Their number is bounded, because a crash repeats all of them.
 *
 * Ordered verdicts of one organization are at most three quarters: they may wait for a lock (deliver/settle/ordered-verdicts.ts),
 * and other organizations go on meanwhile.
 */
import type { Clock } from '../../clock.ts';
import type { Claim } from '../deliver/claim.ts';

type Owned = Pick<Claim, 'organizationId' | 'isOrdered'>;

export type Unsettled = {
  /** Counts a request that ended. */
  add(claim: Owned): void;
  /** Counts a verdict that was committed or given up. Returns whether there was no room before, for all or for its organization. */
  remove(claim: Owned): boolean;
  /** Whether there is no room: nothing more is sent now. */
  readonly isFull: boolean;
  /** Whether there is no room for more of this organization. */
  isFullOf(organizationId: string): boolean;
  /** Whether verdicts wait and none was committed for `ms`. Ordered ones do not count: one organization's lock may hold them up. */
  isStuckFor(ms: number): boolean;
};

export function createUnsettled(most: number, clock: Clock): Unsettled {
  const mostOfOne = Math.ceil((most * 3) / 4);
  const ordered = new Map<string, number>();
  let count = 0;
  let orderedCount = 0;
  /** When the last verdict was committed, or the first one that waits without order came. */
  let movedMs = 0;

  const orderedOf = (organizationId: string): number => ordered.get(organizationId) ?? 0;

  function addOrdered({ organizationId, isOrdered }: Owned, change: 1 | -1): void {
    if (!isOrdered) return;
    orderedCount += change;
    const next = orderedOf(organizationId) + change;
    if (next === 0) ordered.delete(organizationId);
    else ordered.set(organizationId, next);
  }

  return {
    add(claim) {
      addOrdered(claim, 1);
      count++;
      if (!claim.isOrdered && count - orderedCount === 1) movedMs = clock.monotonicMs();
    },
    remove(claim) {
      movedMs = clock.monotonicMs();
      const wasFull = count === most || orderedOf(claim.organizationId) === mostOfOne;
      addOrdered(claim, -1);
      count--;
      return wasFull;
    },
    get isFull() {
      return count >= most;
    },
    isFullOf: (organizationId) => orderedOf(organizationId) >= mostOfOne,
    isStuckFor: (ms) => count > orderedCount && clock.monotonicMs() - movedMs >= ms,
  };
}

/**
 * Live subscribers whose cursor is ahead of this process, because a process that had read further gave it to them. The
 * change that the cursor names was there when they came. It must still be there when the tail gets to its place.
 */
import type { PlacedChange, ChangeFilter, Recorded } from '../change.ts';
import { isAfter, isSame, type StreamPosition } from '../cursors/cursor.ts';
import type { Subscription } from './subscription.ts';

export type Ahead<R extends Recorded, F extends ChangeFilter> = {
  /** Call it for every subscriber that becomes live; `end` is the tail's position. */
  add(subscription: Subscription<R, F>, end: StreamPosition): void;
  remove(subscription: Subscription<R, F>): void;
  /** Returns the subscribers whose position the tail has passed with these changes without finding the change it names. */
  lost(placed: readonly PlacedChange<R>[]): Subscription<R, F>[];
};

export function createAhead<R extends Recorded, F extends ChangeFilter>(): Ahead<R, F> {
  const waiting = new Set<Subscription<R, F>>();

  return {
    add(subscription, end) {
      if (isAfter(subscription.taken(), end)) waiting.add(subscription);
    },
    remove: (subscription) => void waiting.delete(subscription),
    lost(placed) {
      if (waiting.size === 0) return [];
      const end = placed.at(-1)!.position;
      const reached = [...waiting].filter((subscription) => !isAfter(subscription.taken(), end));
      reached.forEach((subscription) => waiting.delete(subscription));
      return reached.filter((subscription) => {
        const from = subscription.taken();
        return !placed.some(({ position }) => isSame(position, from));
      });
    },
  };
}

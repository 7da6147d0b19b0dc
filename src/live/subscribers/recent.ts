/**
 * The newest changes, in memory. A subscriber reads what it missed in the last seconds from here instead of from the
 * table. Only from here can it join the live stream: in one tick, so that it misses nothing in between.
 *
 * The object that subscribers share is made when the first of them wants the change. Only subscribers keep it alive: data
 * remembered on it is freed when they are done with it.
 */
import type { Change, ChangeTable, PlacedChange, ChangeFilter, Recorded } from '../change.ts';
import { isAfter, isSame, later, ORIGIN, type StreamPosition } from '../cursors/cursor.ts';
import type { Cursors } from '../cursors/cursors.ts';

export type RecentPage<R extends Recorded> = {
  readonly changes: Change<R>[];
  /** The position up to which `changes` has all that the filter wants. */
  readonly through: StreamPosition;
  /** True when nothing is known beyond `through` yet: from now on the subscriber is live. */
  readonly isLive: boolean;
};

export type Recent<R extends Recorded, F extends ChangeFilter> = {
  /** Replaces everything by `placed`, the changes that follow `before`. */
  reset(before: StreamPosition, placed: readonly PlacedChange<R>[]): void;
  append(placed: readonly PlacedChange<R>[]): void;
  /** Returns the object that all subscribers share for this change. */
  share(placed: PlacedChange<R>): Change<R>;
  /** Whether memory has the change at this position, and so all changes after it. */
  has(position: StreamPosition): boolean;
  /** Returns all changes in memory, in order. */
  held(): readonly PlacedChange<R>[];
  /** Reads a page; undefined when changes after `after` are missing in memory, or memory has another change at its place. */
  read(filter: F, after: StreamPosition, limit: number): RecentPage<R> | undefined;
};

export function createRecent<R extends Recorded, F extends ChangeFilter>(
  { matches }: Pick<ChangeTable<R, F>, 'matches'>,
  cursors: Pick<Cursors, 'encode'>,
  capacity: number,
): Recent<R, F> {
  let start = ORIGIN;
  let held: PlacedChange<R>[] = [];
  const shared = new WeakMap<PlacedChange<R>, WeakRef<Change<R>>>();

  const share = (placed: PlacedChange<R>): Change<R> => {
    const known = shared.get(placed)?.deref();
    if (known) return known;
    const change = toChange(placed, cursors);
    shared.set(placed, new WeakRef(change));
    return change;
  };

  /** Returns the index of the first change after a position. */
  const indexAfter = (position: StreamPosition): number => {
    let [low, high] = [0, held.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAfter(held[middle]!.position, position)) high = middle;
      else low = middle + 1;
    }
    return low;
  };

  const has = (position: StreamPosition): boolean =>
    isSame(held[indexAfter(position) - 1]?.position ?? start, position);

  const end = (): StreamPosition => held.at(-1)?.position ?? start;

  return {
    share,
    has,
    held: () => held,
    reset(before, placed) {
      start = before;
      held = [...placed];
    },
    append(placed) {
      held.push(...placed);
      if (held.length <= capacity * 1.25) return; // Only at times, because it copies.
      const dropped = held.length - capacity;
      start = held[dropped - 1]!.position;
      held = held.slice(dropped);
    },
    read(filter, after, limit) {
      if (isAfter(start, after) || !(isAfter(after, end()) || has(after))) return undefined;
      const changes: Change<R>[] = [];
      for (let index = indexAfter(after); index < held.length; index++) {
        const placed = held[index]!;
        if (!matches(filter, placed)) continue;
        changes.push(share(placed));
        if (changes.length === limit) return { changes, through: placed.position, isLive: false };
      }
      return { changes, through: later(after, end()), isLive: true };
    },
  };
}

export const toChange = <R extends Recorded>(placed: PlacedChange<R>, cursors: Pick<Cursors, 'encode'>): Change<R> => ({
  ...placed,
  cursor: cursors.encode(placed.position, placed.organizationId),
});

/**
 * The newest changes, in memory: what a subscriber missed in the last seconds comes from here instead of from the table,
 * and a subscriber joins the live stream only here, in one tick, so that nothing falls between the two.
 *
 * A change is made into the object that subscribers share when the first of them wants it. Only they keep it alive: what
 * is remembered on it goes when they are done with it.
 */
import type { Change, ChangeTable, PlacedChange, ChangeFilter, Recorded } from './change.ts';
import { isAfter, isSame, later, ORIGIN, type StreamPosition } from './cursors/cursor.ts';
import type { Cursors } from './cursors/cursors.ts';

export type RecentPage<R extends Recorded> = {
  readonly changes: Change<R>[];
  /** `changes` are all that the filter wants after the position that was asked for, up to here. */
  readonly through: StreamPosition;
  /** Nothing is known beyond `through` yet: from here on the subscriber is live. */
  readonly isLive: boolean;
};

export type Recent<R extends Recorded, F extends ChangeFilter> = {
  /** Forgets everything, and holds `placed`, the changes that follow `before`. */
  reset(before: StreamPosition, placed: readonly PlacedChange<R>[]): void;
  append(placed: readonly PlacedChange<R>[]): void;
  /** The object that stands for this change to every subscriber. */
  share(placed: PlacedChange<R>): Change<R>;
  /** Whether a position is that of a change which all followed here. */
  has(position: StreamPosition): boolean;
  /** All that is held, in order. */
  held(): readonly PlacedChange<R>[];
  /** Undefined when not all that follows `after` is in memory, or memory has another change at its place. */
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

  /** Index of the first change after a position. */
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
      if (held.length <= capacity * 1.25) return; // Seldom, because it copies.
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

/**
 * Pages for subscribers that are behind: from memory when the recent changes reach back far enough, else from the table,
 * a few readers at a time, so that thousands that resume at once leave Postgres to the others. Organizations take turns.
 */
import { createTurnQueue } from '../domain/turn-queue.ts';
import { RequestError } from '../errors.ts';
import type { ChangeFilter, Recorded } from './change.ts';
import { expired, type StreamPosition } from './cursors/cursor.ts';
import { UNKNOWN_PLACE, type Cursors, type GivenPosition } from './cursors/cursors.ts';
import type { History } from './history.ts';
import { PAGE_CHANGES } from './change-page.ts';
import { toChange, type Recent, type RecentPage } from './recent.ts';
import { backoffMs, pause } from './timing.ts';

export type CatchUp<R extends Recorded, F extends ChangeFilter> = {
  /**
   * What the filter wants after a position: at once when it is in memory. Else a promise that waits for Postgres as long
   * as `isWanted` says so, and rejects only with CURSOR_EXPIRED.
   */
  read(filter: F, after: StreamPosition, isWanted: () => boolean): RecentPage<R> | Promise<RecentPage<R>>;
  /** Rejects with CURSOR_EXPIRED unless all that followed this position can be read. */
  confirm(given: GivenPosition, organizationId: string): Promise<void>;
};

type Options<R extends Recorded, F extends ChangeFilter> = {
  readonly cursors: Cursors;
  readonly history: History<R, F>;
  readonly recent: Recent<R, F>;
  /** Unsealed cursors are taken of changes from before this; of none, where it is left out. */
  readonly unsealedUntil: Date | undefined;
  /** How far the history may be read now: the tail's position. */
  readonly end: () => StreamPosition;
  readonly onError: (error: Error) => void;
};

const READERS = 4;

export function createCatchUp<R extends Recorded, F extends ChangeFilter>(options: Options<R, F>): CatchUp<R, F> {
  const { cursors, history, recent, unsealedUntil, end, onError } = options;
  const inTurn = createBarrier(READERS);

  const readPage = async (filter: F, after: StreamPosition): Promise<RecentPage<R>> => {
    const { placed, through } = await history.readPage(filter, after, end());
    // Never live from here: what came while the page was read is in memory, and is read from there.
    return { changes: placed.map((each) => toChange(each, cursors)), through, isLive: false };
  };

  const readPatiently = async (filter: F, after: StreamPosition, isWanted: () => boolean): Promise<RecentPage<R>> => {
    const nothing: RecentPage<R> = { changes: [], through: after, isLive: false };
    for (let failures = 0; isWanted(); failures++) {
      try {
        return await inTurn(filter.organizationId, async () => (isWanted() ? readPage(filter, after) : nothing));
      } catch (error) {
        if (error instanceof RequestError) throw error;
        onError(error as Error);
        await pause(backoffMs(failures));
      }
    }
    return nothing;
  };

  return {
    read: (filter, after, isWanted) =>
      recent.read(filter, after, PAGE_CHANGES) ?? readPatiently(filter, after, isWanted),
    async confirm({ position, isUnsealed }, organizationId) {
      if (isUnsealed) {
        const isTaken = unsealedUntil && (await inTurn(organizationId, () => history.hasFrom(position, unsealedUntil)));
        if (!isTaken) throw expired(cursors.kind, UNKNOWN_PLACE);
      } else if (!recent.has(position)) await inTurn(organizationId, () => history.confirm(position));
    },
  };
}

/** Runs at most `limit` works at a time; owners take turns, and each owner's works come in their order. */
function createBarrier(limit: number): <T>(owner: string, work: () => Promise<T>) => Promise<T> {
  const queue = createTurnQueue<() => void>();
  let free = limit;
  return async (owner, work) => {
    if (free > 0) free--;
    else await new Promise<void>((enter) => queue.add(owner, enter));
    try {
      return await work();
    } finally {
      const enter = queue.take();
      if (enter) enter();
      else free++;
    }
  };
}

/**
 * Reads pages for subscribers that are behind: from memory when the recent changes reach back far enough, otherwise from
 * the table. Only READERS of them read the table at once, so thousands of resuming subscribers do not keep others from
 * Postgres. Organizations take turns.
 */
import { createTurnQueue } from '../../domain/turn-queue.ts';
import { RequestError } from '../../errors.ts';
import type { ChangeFilter, Recorded } from '../change.ts';
import { expired, type StreamPosition } from '../cursors/cursor.ts';
import { UNKNOWN_PLACE, type Cursors, type GivenPosition } from '../cursors/cursors.ts';
import type { History } from '../history.ts';
import { PAGE_CHANGES } from './change-page.ts';
import { toChange, type Recent, type RecentPage } from './recent.ts';
import { backoffMs, mapInTurns, pause } from '../timing.ts';

export type CatchUp<R extends Recorded, F extends ChangeFilter> = {
  /**
   * Returns the changes that the filter wants after a position: at once when they are in memory. Otherwise a promise that
   * waits for Postgres for as long as `isWanted` returns true; it rejects only with CURSOR_EXPIRED.
   */
  read(filter: F, after: StreamPosition, isWanted: () => boolean): RecentPage<R> | Promise<RecentPage<R>>;
  /** Rejects with CURSOR_EXPIRED unless all changes after this position can be read. */
  confirm(given: GivenPosition, organizationId: string): Promise<void>;
};

type Options<R extends Recorded, F extends ChangeFilter> = {
  readonly cursors: Cursors;
  readonly history: History<R, F>;
  readonly recent: Recent<R, F>;
  /** Unsealed cursors are accepted for changes from before this time; without it, none is accepted. */
  readonly unsealedUntil: Date | undefined;
  /** How far the history may be read now: the tail's position. */
  readonly end: () => StreamPosition;
  readonly onError: (error: Error) => void;
  readonly turnOf?: TurnOf | undefined;
};

/** Waits until the organization may read a page from the table. Undefined: now. */
export type TurnOf = (organizationId: string) => Promise<void> | undefined;

const READERS = 4;

export function createCatchUp<R extends Recorded, F extends ChangeFilter>(options: Options<R, F>): CatchUp<R, F> {
  const { cursors, history, recent, unsealedUntil, end, onError, turnOf } = options;
  const inTurn = createBarrier(READERS);

  const readPage = async (filter: F, after: StreamPosition): Promise<RecentPage<R>> => {
    const { placed, through } = await history.readPage(filter, after, end());
    // A page from the table never makes a subscriber live: what was committed during the read is read from memory next.
    const changes = await mapInTurns(placed, (each) => toChange(each, cursors));
    return { changes, through, isLive: false };
  };

  const readPatiently = async (filter: F, after: StreamPosition, isWanted: () => boolean): Promise<RecentPage<R>> => {
    const nothing: RecentPage<R> = { changes: [], through: after, isLive: false };
    for (let failures = 0; isWanted(); failures++) {
      try {
        await turnOf?.(filter.organizationId); // Before it takes a reader, which others wait for.
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

/** Runs at most `limit` pieces of work at a time. Owners take turns; the work of one owner keeps its order. */
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

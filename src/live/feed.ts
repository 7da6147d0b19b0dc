/**
 * A live stream of this process: subscriptions on one tail of one history.
 *
 *     table of changes ──▶ tail ──▶ recent ──▶ audience ──▶ subscriptions that are live
 *            │                        └──────────────────▶ subscriptions a moment behind
 *            └───────────────────────────────────────────▶ subscriptions far behind
 *
 *   - A subscriber is given every final change that its filter wants after its cursor, once, in order, or an error.
 *   - Every read that goes on from a position also compares its change: in the tail, in memory (recent), in pages from
 *     the table, and where the tail reaches a cursor that was ahead of it. So after a failover that lost commits a
 *     subscriber ends instead of going on over a hole. Until the tail has read from the new server, memory may give out
 *     changes that are lost; then the subscribers that received them end.
 *   - Memory is bounded: a live subscriber holds at most `bufferChanges`, one that is behind two pages. What does not fit is
 *     read again when it asks, and a buffer that it does not empty is taken back.
 *   - The tail runs while somebody subscribes and a minute longer; a process that nobody watches reads nothing.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import type { Reader } from '../database/statement.ts';
import { RequestError } from '../errors.ts';
import { createAhead } from './subscribers/ahead.ts';
import { createAudience } from './subscribers/audience.ts';
import { createCatchUp, type TurnOf } from './subscribers/catch-up.ts';
import { PAGE_CHANGES } from './subscribers/change-page.ts';
import {
  requireStorable,
  type Change,
  type ChangeTable,
  type PlacedChange,
  type ChangeFilter,
  type PositionRow,
  type Recorded,
} from './change.ts';
import { expired, markOf, type StreamPosition } from './cursors/cursor.ts';
import { createCursors, UNKNOWN_PLACE } from './cursors/cursors.ts';
import type { CursorSince } from './cursors/since.ts';
import type { DeliveryChange, DeliveryChangeFilter } from './changes/delivery-changes.ts';
import type { Doorbell } from './doorbell.ts';
import type { EventChange, EventChangeFilter } from './changes/event-changes.ts';
import { createHistory } from './history.ts';
import { createNewest } from './newest.ts';
import { createSlowCheck, type SlowLimits } from './subscribers/slow-subscribers.ts';
import { createRecent, toChange } from './subscribers/recent.ts';
import type { ReplayChange, ReplayChangeFilter } from './changes/replay-changes.ts';
import { createStanding } from './cursors/standing.ts';
import { createSubscription, type ChangeStream, type Subscription } from './subscribers/subscription.ts';
import type { SelectEvents } from './selection/selected-stream.ts';
import { createTail } from './tail.ts';
import type { TargetChange, TargetChangeFilter } from './changes/target-changes.ts';
import { createWatch } from './watch.ts';

export type {
  Change,
  ChangeStream,
  DeliveryChange,
  DeliveryChangeFilter,
  ChangeFilter,
  CursorSince,
  EventChange,
  EventChangeFilter,
  SelectEvents,
  ReplayChange,
  ReplayChangeFilter,
  TargetChange,
  TargetChangeFilter,
};

export type DeliveryFeed = Feed<DeliveryChange, DeliveryChangeFilter>;
export type TargetFeed = Feed<TargetChange, TargetChangeFilter>;
export type EventFeed = Feed<EventChange, EventChangeFilter>;
export type ReplayFeed = Feed<ReplayChange, ReplayChangeFilter>;

export type Feed<R extends Recorded, F extends ChangeFilter> = {
  start(): Promise<void>;
  /** Ends every subscription after its buffered changes, and stops the tail. */
  stop(): Promise<void>;
  /**
   * Streams the changes after the cursor `after`, or from now on. Rejects with BAD_USER_INPUT or CURSOR_EXPIRED when the
   * cursor cannot be resumed, and with SERVICE_UNAVAILABLE while Postgres is away or the feed stops. The stream itself
   * may end with CURSOR_EXPIRED or SLOW_CONSUMER; `onSlow` hears of SLOW_CONSUMER even when nobody waits for the next
   * change.
   */
  subscribe(filter: F, after: string | null, onSlow?: (error: RequestError) => void): Promise<ChangeStream<R>>;
  /** Returns the later of two cursors that a client sent, null when both are: where its stream goes on (cursors.ts). */
  later(after: string | null, lastEventId: string | null, organizationId: string): string | null;
  /**
   * Returns a cursor for readers of this organization: every change committed from now on comes after it. It expires when
   * its change is lost in a failover right after this.
   */
  currentCursor(organizationId: string): Promise<string>;
  /**
   * Returns a cursor: every change that the snapshot does not show comes after it. Some that it shows may come after it
   * too, if an older transaction is still under way.
   */
  cursorIn(snapshot: Reader, organizationId: string): Promise<string>;
  /** Makes a change of what a row of the table has, and of its place. The change must be final. */
  place(recorded: R, row: PositionRow): Change<R>;
  /** Returns the place in a cursor. Throws BAD_USER_INPUT or CURSOR_EXPIRED, with the name of the argument that brought it. */
  placeIn(cursor: string, organizationId: string, argument: string): StreamPosition;
  stats(): FeedStats;
};

export type FeedStats = {
  readonly subscriptions: number;
  /** Subscriptions that read what they missed, or have stopped reading. */
  readonly behind: number;
  /** Changes that wait in memory for their subscribers. */
  readonly buffered: number;
  /** How far subscribers are behind, in milliseconds, of each that knows it. */
  readonly lagsMs: readonly number[];
  /** The position up to which all final changes were passed on; null while nobody subscribes. */
  readonly position: StreamPosition | null;
};

export type FeedLimits = SlowLimits & {
  /** The most changes that wait for one live subscriber; beyond, it reads from memory or the table. */
  readonly bufferChanges: number;
  /** Newest changes kept in memory, about 0.5 KB each. The default covers one event to 10,000 targets. */
  readonly recentChanges: number;
  /** How often stalled subscribers are looked for. A subscriber that took nothing since the last look loses its buffer. */
  readonly slowCheckMs: number;
  /** How long the tail runs after the last subscriber has left. */
  readonly lingerMs: number;
  /** How often the tail looks at the table when the doorbell does not ring. */
  readonly pollMs: number;
};

const LIMITS: FeedLimits = {
  bufferChanges: 1_024,
  recentChanges: 16_384,
  slowCheckMs: 5_000,
  lingerMs: 60_000,
  pollMs: 500,
  slowAfterMs: 60_000,
  slowBehindChanges: 100_000,
  abandonedAfterMs: 600_000,
};

type Options<R extends Recorded, F extends ChangeFilter> = {
  readonly table: ChangeTable<R, F>;
  readonly database: Database;
  readonly doorbell: Pick<Doorbell, 'on'>;
  readonly clock: Clock;
  /** The epoch from loadEpoch; cursors of another epoch are refused. */
  readonly epoch: string;
  /** The first master key seals cursors; each of them opens them. */
  readonly masterKeys: readonly Buffer[];
  /** The time from loadUnsealedUntil. Default: no unsealed cursors are accepted. */
  readonly unsealedUntil?: Date | undefined;
  readonly onError: (error: Error) => void;
  readonly turnOf?: TurnOf | undefined;
  readonly limits?: Partial<FeedLimits>;
};

export function createFeed<R extends Recorded, F extends ChangeFilter>(options: Options<R, F>): Feed<R, F> {
  const { table, database, doorbell, clock, epoch, unsealedUntil, onError, turnOf } = options;
  const limits = { ...LIMITS, ...options.limits };
  const history = createHistory(database, table, epoch);
  const cursors = createCursors(table.cursors, options);
  const recent = createRecent(table, cursors, limits.recentChanges);
  const audience = createAudience(table);
  const ahead = createAhead<R, F>();
  const newest = createNewest(history);
  const standing = createStanding(history, clock);
  const subscriptions = new Map<Subscription<R, F>, ((error: RequestError) => void) | undefined>();

  const startAnew = (gone: Iterable<Subscription<R, F>>): void => {
    const reason = 'The database has gone back to an older state and lacks changes that were streamed';
    for (const subscription of gone) subscription.fail(expired(table.cursors, reason));
  };
  const anchored = (before: StreamPosition, placed: readonly PlacedChange<R>[]): void => {
    recent.reset(before, placed);
    startAnew(subscriptions.keys());
  };
  const appended = (before: StreamPosition, placed: readonly PlacedChange<R>[]): void => {
    recent.append(placed);
    startAnew(ahead.lost(placed));
    for (const each of placed) {
      let change: Change<R> | undefined;
      audience.forEach(each, (subscription) => subscription.push((change ??= recent.share(each)), before));
    }
  };
  const tail = createTail({
    history,
    doorbell,
    channel: table.channel,
    clock,
    onError,
    listener: { anchored, appended, held: recent.held },
    pollMs: limits.pollMs,
    lookBack: Math.floor(limits.recentChanges / 4),
  });
  const watch = createWatch(tail, limits.lingerMs);
  const catchUp = createCatchUp({ cursors, history, recent, unsealedUntil, end: tail.position, onError, turnOf });

  let isRunning = false;
  let slowCheckTimer: NodeJS.Timeout | undefined;

  const requireRunning = (): void => {
    if (!isRunning) throw new RequestError('SERVICE_UNAVAILABLE', 'The server is stopping. Connect again.');
  };

  const unavailable = (error: Error): never => {
    if (error instanceof RequestError) throw error;
    onError(error);
    throw new RequestError('SERVICE_UNAVAILABLE', 'The stream cannot be read at the moment. Try again.');
  };

  const leave = (subscription: Subscription<R, F>): void => {
    audience.remove(subscription);
    ahead.remove(subscription);
  };

  const open = (filter: F, after: StreamPosition, onSlow?: (error: RequestError) => void): ChangeStream<R> => {
    const subscription = createSubscription({
      clock,
      filter,
      after,
      bufferLimit: limits.bufferChanges,
      readAheadBelow: PAGE_CHANGES,
      read: (position, isWanted) => catchUp.read(filter, position, isWanted),
      onLive(live) {
        audience.add(live);
        ahead.add(live, tail.position());
      },
      onBehind: leave,
      onEnd(ended) {
        leave(ended);
        if (subscriptions.delete(ended)) watch.leave();
      },
    });
    subscriptions.set(subscription, onSlow);
    return subscription.stream;
  };

  const checkSlow = createSlowCheck({ subscriptions, clock, limits, cursors, end: tail.position });

  return {
    async start() {
      if (isRunning) return;
      isRunning = true;
      slowCheckTimer = setInterval(checkSlow, limits.slowCheckMs);
    },
    async stop() {
      isRunning = false;
      clearInterval(slowCheckTimer);
      for (const subscription of subscriptions.keys()) subscription.finish();
      await watch.stop();
    },
    async subscribe(filter, after, onSlow) {
      requireStorable(filter);
      const resumed = after === null ? null : cursors.decode(after, filter.organizationId);
      requireRunning();
      await watch.enter().catch(unavailable);
      try {
        if (resumed) await catchUp.confirm(resumed, filter.organizationId).catch(unavailable);
        const from = resumed?.position ?? (await newest().catch(unavailable));
        requireRunning();
        return open(filter, from, onSlow);
      } catch (error) {
        watch.leave();
        throw error;
      }
    },
    later: cursors.later,
    place(recorded, { xid, seq }) {
      const position = { xid: BigInt(xid), seq: BigInt(seq), mark: markOf(table.content(recorded), epoch) };
      return toChange({ ...recorded, position }, cursors);
    },
    placeIn(cursor, organizationId, argument) {
      const { position, isUnsealed } = cursors.decode(cursor, organizationId, argument);
      // A cursor of 0.1.0 may be a guess, and the answer would tell where the changes of others stand.
      if (isUnsealed) throw expired(table.cursors, UNKNOWN_PLACE, argument);
      return position;
    },
    currentCursor: async (organizationId) => cursors.encode(await newest(), organizationId),
    cursorIn: async (snapshot, organizationId) =>
      cursors.encode(await standing(snapshot, organizationId), organizationId),
    stats() {
      const all = [...subscriptions.keys()];
      return {
        subscriptions: all.length,
        behind: all.filter((subscription) => !subscription.isLive()).length,
        lagsMs: all.flatMap((subscription) => subscription.lagMs(clock.now()) ?? []),
        buffered: all.reduce((sum, subscription) => sum + subscription.buffered(), 0),
        position: all.length > 0 ? tail.position() : null,
      };
    },
  };
}

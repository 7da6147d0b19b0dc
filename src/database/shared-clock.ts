/**
 * One time for all processes: that of Postgres. Jobs are due by its clock, so every process that dates them must mean the
 * same time. Otherwise a host whose clock is an hour off, or jumps by one, would retry an hour late, or at once.
 *
 * The time is asked for every SYNC_MS and counted on in between by the monotonic clock, which no setting of the time of day
 * moves. While Postgres is away, the counting goes on.
 */
import type { Clock } from '../clock.ts';
import type { Database } from './client.ts';

export type SharedClock = {
  /** Until `start` has resolved, its `now` is that of this host. */
  readonly clock: Clock;
  /** Asks for the time. `onSetBack` is called whenever the clock of Postgres was set back by more than SET_BACK_MS. */
  start(onSetBack: () => Promise<void>): Promise<void>;
  /** Asks again now, unless that is under way. */
  sync(): Promise<void>;
  stop(): void;
};

type Options = {
  readonly database: { readonly pool: Pick<Database['pool'], 'query'> };
  /** The clock of this host. */
  readonly clock: Clock;
  readonly onError: (error: Error) => void;
};

const SYNC_MS = 5_000;
const SET_BACK_MS = 1_000;
const NOW = 'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms';

export function createSharedClock({ database, clock, onError }: Options): SharedClock {
  /** What is added to monotonicMs to get the time of day. */
  let offsetMs: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  /** Whether the clock was set back and `onSetBack` has yet to be called for it. */
  let isSetBack = false;
  let onSetBack = async () => {};

  async function ask(): Promise<void> {
    const askedMs = clock.monotonicMs();
    const { rows } = await database.pool.query<{ ms: number }>(NOW);
    const answeredMs = clock.monotonicMs();
    // The time was read at some moment in between. The offset is corrected only as far as that proves it wrong. Half the
    // difference would not do: under load, most of it is the wait for a connection, or for the event loop.
    const [leastMs, mostMs] = [rows[0]!.ms - answeredMs, rows[0]!.ms - askedMs];
    const before = offsetMs ?? (leastMs + mostMs) / 2;
    offsetMs = Math.min(Math.max(before, leastMs), mostMs);
    if (before - offsetMs > SET_BACK_MS) isSetBack = true;
    if (isSetBack) await onSetBack();
    isSetBack = false;
  }

  function sync(): Promise<void> {
    running ??= ask().finally(() => (running = undefined));
    return running;
  }

  return {
    clock: {
      ...clock,
      now: () => (offsetMs === undefined ? clock.now() : new Date(offsetMs + clock.monotonicMs())),
    },
    async start(onSetBackNow) {
      onSetBack = onSetBackNow;
      await sync();
      timer = setInterval(() => sync().catch(onError), SYNC_MS);
    },
    sync,
    stop: () => clearInterval(timer),
  };
}

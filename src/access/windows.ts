/**
 * Windows: how many operations a holder (an API key, an organization) has begun in the present minute, over all API processes
 * and transports.
 *
 * The count is in Postgres, so it is exact: of a window, as many operations pass as the limit says, whichever processes they
 * reach. A window begins with the holder's first operation and lasts 60 s; the next begins with the first operation after
 * that. So a client that saves its operations for the end of one window and the start of the next passes at most one less
 * than twice its limit within a minute, and no timing gains it more.
 *
 * A window need not outlive a crash of Postgres, so counting waits neither for the disk nor for a standby.
 *
 * The time is that of Postgres: one clock for all processes, whose own need not agree.
 *
 * What arrives while a statement is under way shares the next one, all holders together, so a busy one does not cost a round trip
 * for each operation. When the window is used up, the rest of it is refused from memory.
 */
import type { Clock } from '../clock.ts';
import { createBatch } from '../database/batch.ts';
import type { Database } from '../database/client.ts';
import { FORGETTABLE } from '../database/statement.ts';

export const WINDOW_SECONDS = 60;

/** Where a holder stands after an operation was counted. */
export type Count = {
  /** Whether the operation may run. */
  readonly allowed: boolean;
  readonly limit: number;
  /** Operations that the window has left. */
  readonly remaining: number;
  /** When the window is surely over: rounded up, at least 1. */
  readonly renewsInSeconds: number;
};

export type Windows = {
  /** Counts one operation of the holder, whose id it is. Rejects when the database does: nothing is known then. */
  count(id: string, limit: number): Promise<Count>;
  /** Where the holder stands when this process knows that its window is used up; then nothing need be counted. */
  recall(id: string, limit: number): Count | null;
};

export type WindowOptions = { readonly database: Pick<Database, 'transact'>; readonly clock: Clock };

/**
 * The window of a holder as it was right after an operation was counted. Its end lies between two moments of this process,
 * because the answer of Postgres took time: refusals end with the earlier one, and tell the later one.
 */
type Window = { readonly used: number; readonly endsFromMs: number; readonly endsByMs: number };

/** Holders whose used-up windows are remembered. The others cost their refusals a share of a statement, and are as exact. */
const MAX_REMEMBERED = 10_000;
/** Bounds a statement; more than can be waiting in one process. */
const MAX_OPERATIONS = 10_000;

/** Counts for one process. */
export function createWindows({ database, clock }: WindowOptions): Windows {
  const usedUp = new Map<string, Window>();

  // One batch at a time: a statement waits for those of other processes that count the same holder, and a second would only wait with it.
  const batch = createBatch<string, Window>({ parallel: 1, maxWeight: MAX_OPERATIONS, weigh: () => 1, run: countAll });

  async function countAll(holderIds: readonly string[]): Promise<Window[]> {
    const asked = new Map<string, number>();
    for (const id of holderIds) asked.set(id, (asked.get(id) ?? 0) + 1);
    // Rows are locked in the same order everywhere: statements that share holders wait for each other, never in a circle.
    const ids = [...asked.keys()].sort();
    const sentMs = clock.monotonicMs();
    const counting = { ...COUNT, values: [ids, ids.map((id) => asked.get(id))] };
    const [, found] = await database.transact([FORGETTABLE, counting]);
    const receivedMs = clock.monotonicMs();
    const counted = new Map(
      (found!.rows as Row[]).map((row) => [row.id, { ...row, used: row.used - asked.get(row.id)! }]),
    );
    return holderIds.map((id) => {
      const row = counted.get(id)!;
      return { used: ++row.used, endsFromMs: sentMs + row.leftMs, endsByMs: receivedMs + row.leftMs };
    });
  }

  function remember(id: string, window: Window): void {
    usedUp.delete(id); // So that the first of the map is the oldest.
    usedUp.set(id, window);
    if (usedUp.size > MAX_REMEMBERED) usedUp.delete(usedUp.keys().next().value!);
  }

  const standing = ({ used, endsByMs }: Window, limit: number): Count => ({
    allowed: used <= limit,
    limit,
    remaining: Math.max(0, limit - used),
    renewsInSeconds: Math.max(1, Math.ceil((endsByMs - clock.monotonicMs()) / 1_000)),
  });

  function recall(id: string, limit: number): Count | null {
    const known = usedUp.get(id);
    const isKnown = known && known.used >= limit && clock.monotonicMs() < known.endsFromMs;
    return isKnown ? standing({ ...known, used: known.used + 1 }, limit) : null;
  }

  return {
    recall,
    async count(id, limit) {
      const known = recall(id, limit);
      if (known) return known;
      const window = await batch.add(id);
      if (window.used >= limit) remember(id, window);
      return standing(window, limit);
    },
  };
}

/** `used` includes what the statement counted. */
type Row = { readonly id: string; readonly used: number; readonly leftMs: number };

// Of a statement that waited for another one, the time is that before it waited: the window may be younger. One that is much
// younger was begun by a clock that has been set back since, and is over.
const IS_CURRENT = `
  excluded.started_at < w.started_at + interval '${WINDOW_SECONDS} s'
  and excluded.started_at > w.started_at - interval '${WINDOW_SECONDS} s'`;

const COUNT = {
  name: 'count_operations',
  text: `
  insert into rate_limit_windows as w (api_key_id, started_at, used)
  select id, clock_timestamp(), asked from unnest($1::text[], $2::int[]) as operations (id, asked)
      on conflict (api_key_id) do update
     set started_at = case when ${IS_CURRENT} then w.started_at else excluded.started_at end,
         used = excluded.used + case when ${IS_CURRENT} then w.used else 0 end
  returning api_key_id as id, used,
            extract(epoch from started_at + interval '${WINDOW_SECONDS} s' - clock_timestamp())::float8 * 1000 as "leftMs"`,
};

/**
 * Counts how many operations a holder (an API key, an organization) has begun in the present minute, over all API
 * processes and transports.
 *
 * The count is in Postgres, so it is exact: in one window, as many operations pass as the limit says, whichever processes
 * they reach. A window begins with the holder's first operation and lasts 60 s; the next begins with the first operation
 * after that. A client may save its operations for the end of one window and the start of the next: then at most one less
 * than twice its limit pass within a minute. No timing gains more.
 *
 * A window need not outlive a crash of Postgres, so counting waits neither for the disk nor for a standby.
 *
 * The time is that of Postgres, because the clocks of the processes may differ.
 *
 * Operations of all holders that arrive while a statement runs share the next statement, so a busy holder does not cost a
 * round trip for each operation. Once a window is used up, the rest of it is refused from memory.
 */
import type { Clock } from '../clock.ts';
import { createBatch } from '../database/batch.ts';
import type { Database } from '../database/client.ts';
import { FORGETTABLE } from '../database/statement.ts';

export const WINDOW_SECONDS = 60;

/** The state of a holder's window after an operation was counted. */
export type Count = {
  /** Whether the operation may run. */
  readonly allowed: boolean;
  readonly limit: number;
  /** How many operations the window has left. */
  readonly remaining: number;
  /** Seconds after which the window is surely over: rounded up, at least 1. */
  readonly renewsInSeconds: number;
};

export type Windows = {
  /** Counts one operation of the holder with this id. Rejects when the database does: then no count is known. */
  count(id: string, limit: number): Promise<Count>;
  /** The count, without asking Postgres, when this process knows that the window is used up; otherwise null. */
  recall(id: string, limit: number): Count | null;
};

export type WindowOptions = { readonly database: Pick<Database, 'transact'>; readonly clock: Clock };

/**
 * The window of a holder as it was right after an operation was counted. The answer of Postgres took time, so the window
 * ends between two moments of this process: refusals stop at the earlier moment, and announce the later one.
 */
type Window = { readonly used: number; readonly endsFromMs: number; readonly endsByMs: number };

/**
 * How many holders' used-up windows are remembered. A refusal of any other holder costs a share of a statement, and is as
 * exact.
 */
const MAX_REMEMBERED = 10_000;
/** The most operations in one statement: more than can be waiting in one process. */
const MAX_OPERATIONS = 10_000;

/** Creates the counter; each process needs one. */
export function createWindows({ database, clock }: WindowOptions): Windows {
  const usedUp = new Map<string, Window>();

  // One batch at a time. A statement waits for those of other processes that count the same holder; a second one would
  // only wait beside it.
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
    usedUp.delete(id); // Then the first entry of the map is the oldest.
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

/** A row of the answer; `used` includes the operations that the statement counted. */
type Row = { readonly id: string; readonly used: number; readonly leftMs: number };

// A statement that waited for another one has a time from before its wait, so the window may be younger than that time. A
// window that is much younger was begun by a clock that has been set back since: it is over.
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

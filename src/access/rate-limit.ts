/**
 * How many operations an API key may begin in a minute, over all API processes and transports.
 *
 * The count is in Postgres, so it is exact: of a window, as many operations pass as the key's limit says, whichever processes
 * they reach. A window begins with the key's first operation and lasts 60 s; the next begins with the first operation after
 * that. So a client that saves its operations for the end of one window and the start of the next passes at most one less
 * than twice its limit within a minute, and no timing gains it more.
 *
 * A window need not outlive a crash of Postgres, so counting waits neither for the disk nor for a standby.
 *
 * The time is that of Postgres: one clock for all processes, whose own need not agree.
 *
 * What arrives while a statement is under way shares the next one, all keys together, so a busy key does not cost a round trip
 * for each operation. When the window is used up, the rest of it is refused from memory. Unlimited keys cost nothing.
 */
import type { Clock } from '../clock.ts';
import { createBatch } from '../database/batch.ts';
import type { Database } from '../database/client.ts';
import { FORGETTABLE } from '../database/statement.ts';
import type { Caller } from './caller.ts';

export const WINDOW_SECONDS = 60;

/** Where a caller stands after an operation was counted. */
export type Count = {
  /** Whether the operation may run. */
  readonly allowed: boolean;
  readonly limit: number;
  /** Operations that the window has left. */
  readonly remaining: number;
  /** When the window is surely over: rounded up, at least 1. */
  readonly renewsInSeconds: number;
};

export type RateLimit = {
  /** Counts one operation; null for a caller without a limit. Rejects when the database does: nothing is known then. */
  count(caller: Pick<Caller, 'apiKeyId' | 'rateLimitPerMinute'>): Promise<Count> | null;
};

type Options = { readonly database: Pick<Database, 'transact'>; readonly clock: Clock };

/**
 * The window of a key as it was right after an operation was counted. Its end lies between two moments of this process,
 * because the answer of Postgres took time: refusals end with the earlier one, and tell the later one.
 */
type Window = { readonly used: number; readonly endsFromMs: number; readonly endsByMs: number };

/** Keys whose used-up windows are remembered. The others cost their refusals a share of a statement, and are as exact. */
const MAX_REMEMBERED = 10_000;
/** Bounds a statement; more than can be waiting in one process. */
const MAX_OPERATIONS = 10_000;

/** Counts for one process. */
export function createRateLimit({ database, clock }: Options): RateLimit {
  const usedUp = new Map<string, Window>();

  // One lane: a statement waits for those of other processes that count the same key, and a second would only wait with it.
  const batch = createBatch<string, Window>({ lanes: 1, maxWeight: MAX_OPERATIONS, weigh: () => 1, run: countAll });

  async function countAll(apiKeyIds: readonly string[]): Promise<Window[]> {
    const asked = new Map<string, number>();
    for (const id of apiKeyIds) asked.set(id, (asked.get(id) ?? 0) + 1);
    // Rows are locked in the same order everywhere: statements that share keys wait for each other, never in a circle.
    const ids = [...asked.keys()].sort();
    const sentMs = clock.monotonicMs();
    const counting = { ...COUNT, values: [ids, ids.map((id) => asked.get(id))] };
    const [, found] = await database.transact([FORGETTABLE, counting]);
    const receivedMs = clock.monotonicMs();
    const counted = new Map(
      (found!.rows as Row[]).map((row) => [row.id, { ...row, used: row.used - asked.get(row.id)! }]),
    );
    return apiKeyIds.map((id) => {
      const row = counted.get(id)!;
      return { used: ++row.used, endsFromMs: sentMs + row.leftMs, endsByMs: receivedMs + row.leftMs };
    });
  }

  function remember(apiKeyId: string, window: Window): void {
    usedUp.delete(apiKeyId); // So that the first of the map is the oldest.
    usedUp.set(apiKeyId, window);
    if (usedUp.size > MAX_REMEMBERED) usedUp.delete(usedUp.keys().next().value!);
  }

  async function countOne(apiKeyId: string, limit: number): Promise<Count> {
    const known = usedUp.get(apiKeyId);
    const isKnown = known && known.used >= limit && clock.monotonicMs() < known.endsFromMs;
    const window = isKnown ? { ...known, used: known.used + 1 } : await batch.add(apiKeyId);
    if (!isKnown && window.used >= limit) remember(apiKeyId, window);
    return {
      allowed: window.used <= limit,
      limit,
      remaining: Math.max(0, limit - window.used),
      renewsInSeconds: Math.max(1, Math.ceil((window.endsByMs - clock.monotonicMs()) / 1_000)),
    };
  }

  return {
    count: ({ apiKeyId, rateLimitPerMinute: limit }) => (limit === null ? null : countOne(apiKeyId, limit)),
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
  name: 'count-operations',
  text: `
  insert into rate_limit_windows as w (api_key_id, started_at, used)
  select id, clock_timestamp(), asked from unnest($1::text[], $2::int[]) as operations (id, asked)
      on conflict (api_key_id) do update
     set started_at = case when ${IS_CURRENT} then w.started_at else excluded.started_at end,
         used = excluded.used + case when ${IS_CURRENT} then w.used else 0 end
  returning api_key_id as id, used,
            extract(epoch from started_at + interval '${WINDOW_SECONDS} s' - clock_timestamp())::float8 * 1000 as "leftMs"`,
};

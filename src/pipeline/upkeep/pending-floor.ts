/**
 * The pending floor: an id below which every PENDING delivery carries its status in an index (`indexed_status`: it is held,
 * or was). The others have no index that says PENDING, or their one update would have to change it; they are due since
 * they were made, so they are few and young: whoever wants them looks through what was made since the floor.
 *
 *      ids   ───────────────────────────────┬───────────────────────────────▶ now
 *            PENDING only with indexed_status │ PENDING ones among the others
 *                                             └ floor: the oldest of these, at most
 *
 * It only ever rises. Where it lags, lists by status take longer, and nothing is missing.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import { createCaretaker, type Caretaker } from '../../database/caretaker.ts';
import { FORGETTABLE } from '../../database/statement.ts';
import { firstIdAt } from '../../domain/ksuid.ts';

type Options = {
  readonly database: Pick<Database, 'transact'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** Age of a transaction that may be one whose commit hangs. */
  readonly hangingMs?: number;
};

const RAISE_MS = 5_000;
const STEP_DELIVERIES = 5_000;
/**
 * Deliveries younger than this may not be committed yet. A publish makes its ids, then waits for a connection (10 s at
 * most) and for its statements (30 s); the rest is for clocks that differ.
 */
const UNSETTLED_MS = 60_000;
/** A commit may hang for hours. While one that began before this does, its deliveries are not seen, and the floor stays. */
const HANGING_MS = 40_000;

// The first delivery that holds the floor up, else the last one looked at.
const RAISE = `
  with step as (
    select d.id, d.status = 'PENDING' and d.indexed_status is null as is_pending
    from deliveries d
    where d.id >= pending_floor() and d.id < $1
      and not exists (
        select from pg_stat_activity
        where datname = current_database() and backend_xid is not null and xact_start <= clock_timestamp() - $3::int * interval '1 ms')
    order by d.id limit $2
  ), raised as (
    insert into settings as s (name, value)
    select 'pending_floor', coalesce(min(id) filter (where is_pending), max(id)) from step having count(*) > 0
    on conflict (name) do update set value = excluded.value where s.value collate "C" < excluded.value collate "C"
  )
  select count(*)::int as looked, coalesce(bool_or(is_pending), false) as "isStuck" from step`;

/** Each round raises the floor as far as it goes then. */
export function createPendingFloor({ database, clock, onError, hangingMs = HANGING_MS }: Options): Caretaker {
  async function raise(signal: AbortSignal): Promise<void> {
    const before = firstIdAt(new Date(clock.now().getTime() - UNSETTLED_MS));
    for (let isDone = false; !isDone && !signal.aborted;) {
      const raising = { name: 'raise_pending_floor', text: RAISE, values: [before, STEP_DELIVERIES, hangingMs] };
      const [, raised] = await database.transact([FORGETTABLE, raising]);
      const { looked, isStuck } = raised!.rows[0] as { looked: number; isStuck: boolean };
      isDone = isStuck || looked < STEP_DELIVERIES;
    }
  }

  return createCaretaker({ everyMs: RAISE_MS, round: raise, onError });
}

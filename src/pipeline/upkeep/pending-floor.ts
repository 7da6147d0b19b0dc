/**
 * Raises the pending floor: an id below which every PENDING delivery has its status in an index (`indexed_status`: it is
 * held, or was). Other PENDING deliveries are in no index by status, because their one update would have to change it.
 * They are due since they were made, so they are few and young: a list finds them among the deliveries made since the
 * floor.
 *
 *      ids   ───────────────────────────────┬───────────────────────────────▶ now
 *            PENDING only with indexed_status │ PENDING ones among the others
 *                                             └ floor: the oldest of these, at most
 *
 * The floor only rises. When it lags, lists by status take longer, but nothing is missing in them.
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
  /** From this age on, a transaction may be one whose commit hangs. */
  readonly hangingMs?: number;
};

const RAISE_MS = 5_000;
const STEP_DELIVERIES = 5_000;
/**
 * Deliveries younger than this may not be committed yet. A publish makes its ids, then waits for a connection (10 s at
 * most) and for its statements (30 s); the rest is for clocks that differ.
 */
const UNSETTLED_MS = 60_000;
/** A commit may hang for hours, and its deliveries are not visible. The floor stays while any transaction is older than this. */
const HANGING_MS = 40_000;

// The new floor is the first delivery that it must not pass, or else the last delivery of the step.
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

/** A caretaker: each round raises the floor as far as possible at that time. */
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

/**
 * Adopts events: adds those to the stream of events that processes of the release before publish, which do not know the stream.
 * They may run beside this release for a day (UPGRADE_MS) after its first start. Such an event comes into the stream one to two
 * minutes after its publish, once, at the end of the stream.
 *
 *     ids of events  ──────────────┬───────────────────┬────────────────▶ now
 *                      looked at   │  this step        │  younger than DATED_BEFORE_MS: perhaps not committed yet
 *                                  └ event_adoption    └ where the next step begins
 *
 * Each id is looked at once, in the transaction that moves `event_adoption` past it. An event of this release has its change
 * from the same transaction, so it is left alone. While a transaction hangs in its commit, nothing is adopted: its events would
 * be passed over. The next release deletes this file.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import { createCaretaker, type Caretaker } from '../../database/caretaker.ts';
import { lockNumber } from '../../database/locks.ts';
import { firstIdAt, idTime } from '../../domain/ksuid.ts';
import type { PositionRow } from '../../live/change.ts';
import { DATED_BEFORE_MS, olderRow } from '../../live/cursors/since.ts';
import { EVENT_CHANGES, INTO_EVENT_CHANGES, loadEventStreamStart } from '../../live/changes/event-changes.ts';

type Options = {
  readonly database: Pick<Database, 'pool' | 'transaction' | 'connector'>;
  readonly clock: Clock;
  /** Called after a commit that added events to the stream. */
  readonly onAdopted: () => void;
  readonly onError: (error: unknown) => void;
  /** From this age on, a transaction may be one whose commit hangs. */
  readonly hangingMs?: number;
};

const ADOPT_MS = 30_000;
/** How long processes of the release before may run beside this release, from its first start on. */
const UPGRADE_MS = 86_400_000;
const STEP_EVENTS = 5_000;
const HANGING_MS = 40_000;

/** A caretaker: each round adopts what was published since the round before. It returns how many events it adopted. */
export function createAdopter(options: Options): Caretaker<number> {
  const { database, clock, onAdopted, onError, hangingMs = HANGING_MS } = options;
  const lock = lockNumber('eventAdoption', database.connector.schema);

  /** Adopts the events up to an id, in one transaction. Returns undefined when it is not the time for it. */
  const step = (start: Date, end: string): Promise<Step | undefined> =>
    database.transaction(async (tx) => {
      // Statements of their own, so that each sees what had ended when the one before it was answered.
      const { rows: turn } = await tx.query<Turn>(TURN, [lock, hangingMs]);
      if (!turn[0]!.isOurs || turn[0]!.isHanging) return undefined;
      const { rows: positions } = await tx.query<{ value: string }>(POSITION);
      const after = positions[0]?.value ?? firstIdAt(start);
      if (after >= end) return undefined;
      const early = new Date(idTime(after).getTime() - EARLIER_MS);
      const [older] = (await tx.query<PositionRow>(olderRow(EVENT_CHANGES, early))).rows;
      const values = [after, end, clock.now(), older?.xid ?? '0', older?.seq ?? '0', STEP_EVENTS];
      return (await tx.query<Step>(ADOPT, values)).rows[0];
    });

  async function adopt(signal: AbortSignal): Promise<number> {
    const start = await loadEventStreamStart(database.pool);
    if (!start) return 0;
    const settledMs = clock.now().getTime() - DATED_BEFORE_MS;
    const end = firstIdAt(new Date(Math.min(settledMs, start.getTime() + UPGRADE_MS)));
    let adopted = 0;
    for (let isDone = false; !isDone && !signal.aborted;) {
      const done = await step(start, end);
      if (done?.adopted) onAdopted();
      adopted += done?.adopted ?? 0;
      isDone = !done || done.looked < STEP_EVENTS;
    }
    return adopted;
  }

  return createCaretaker({ everyMs: ADOPT_MS, round: adopt, onError });
}

/** Changes of events whose ids are after the position are not dated earlier: an event has its id and its date at about one time. */
const EARLIER_MS = 2 * DATED_BEFORE_MS;

type Turn = { readonly isOurs: boolean; readonly isHanging: boolean };
/** How many events were looked at, and how many of them had no change. */
type Step = { readonly looked: number; readonly adopted: number };

const TURN = `
  select pg_try_advisory_xact_lock($1) as "isOurs", exists (
    select from pg_stat_activity
    where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid()
      and xact_start <= clock_timestamp() - $2::int * interval '1 ms') as "isHanging"`;

const POSITION = `select value from settings where name = 'event_adoption'`;

const ADOPT = `
  with step as materialized (
    select e.id, e.organization_id, e.event_type, e.customer_id
    from events e where e.id > $1 and e.id < $2 order by e.id limit $6
  ), adopted as (${INTO_EVENT_CHANGES}
    select s.organization_id, s.id, s.event_type, s.customer_id, $3
    from step s
    where not exists (
      select from event_changes c where (c.xid, c.seq) >= ($4::xid8, $5::bigint) and c.event_id = s.id)
    order by s.id
    returning 1
  ), moved as (
    insert into settings (name, value)
    select 'event_adoption', case when count(*) = $6 then max(s.id) else $2 end from step s
    on conflict (name) do update set value = excluded.value
  )
  select (select count(*) from step)::int as looked, (select count(*) from adopted)::int as adopted`;

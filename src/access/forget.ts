/**
 * Deletes once a minute what access no longer needs, so that its tables stay as small as an hour's traffic;
 * portal sessions stay for a day after their end. Several
 * processes may do it at once: each skips the rows that another process has locked.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { createCaretaker, type Caretaker } from '../database/caretaker.ts';
import { FORGETTABLE, type Statement } from '../database/statement.ts';

type Options = {
  readonly database: Pick<Database, 'transact'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

const RUN_MS = 60_000;
const DAY_MS = 86_400_000;
/** The most rows that one statement deletes: so none holds the commit horizon back for long. */
const STEP = 1_000;

/** A caretaker: each round deletes the rows that are no longer needed at that time. */
export function createForgetter({ database, clock, onError }: Options): Caretaker {
  type Forgetting = Pick<Statement, 'name' | 'text'> & { readonly values?: readonly unknown[] };

  async function repeat({ values = [], ...statement }: Forgetting, signal: AbortSignal): Promise<void> {
    for (let count = STEP; count === STEP && !signal.aborted;) {
      const [, forgotten] = await database.transact([FORGETTABLE, { ...statement, values: [STEP, ...values] }]);
      count = forgotten!.rowCount ?? 0;
    }
  }

  async function forget(signal: AbortSignal): Promise<void> {
    await repeat(FORGET_WINDOWS, signal);
    await repeat({ ...FORGET_SIGNATURES, values: [clock.now()] }, signal);
    await repeat({ ...FORGET_SESSIONS, values: [new Date(clock.now().getTime() - DAY_MS)] }, signal);
  }

  return createCaretaker({ everyMs: RUN_MS, round: forget, onError });
}

// A window stays for an hour after its start: an API key in use begins its next window in the same row.
const FORGET_WINDOWS = {
  name: 'forget_windows',
  text: `
  delete from rate_limit_windows where api_key_id = any(array(
    select api_key_id from rate_limit_windows
     where started_at < clock_timestamp() - interval '1 hour' limit $1 for update skip locked))`,
};

const FORGET_SIGNATURES = {
  name: 'forget_signatures',
  text: `
  delete from used_signatures where signature = any(array(
    select signature from used_signatures
     where expires_at < $2 order by expires_at limit $1 for update skip locked))`,
};

// A day after its end, so that whoever looks for a session that has ended still finds it in the list.
const FORGET_SESSIONS = {
  name: 'forget_portal_sessions',
  text: `
  delete from portal_sessions where id = any(array(
    select id from portal_sessions
     where expires_at < $2 order by expires_at limit $1 for update skip locked))`,
};

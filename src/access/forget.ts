/**
 * Forget: once a minute, deletes what access no longer needs, so that its tables stay as small as an hour's traffic. Several
 * processes may be at it: each passes over the rows that another one holds.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { FORGETTABLE, type Statement } from '../database/statement.ts';

export type Forgetter = {
  start(): void;
  /** Deletes what is to go by now. */
  forget(): Promise<void>;
  stop(): Promise<void>;
};

type Options = {
  readonly database: Pick<Database, 'transact'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

const RUN_MS = 60_000;
/** Rows of one statement: none of them holds the commit horizon back for long. */
const STEP = 1_000;

export function createForgetter({ database, clock, onError }: Options): Forgetter {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopping = false;

  async function repeat(statement: Pick<Statement, 'name' | 'text'>, values: unknown[] = []): Promise<void> {
    for (let count = STEP; count === STEP && !stopping;) {
      const [, forgotten] = await database.transact([FORGETTABLE, { ...statement, values: [STEP, ...values] }]);
      count = forgotten!.rowCount ?? 0;
    }
  }

  async function forgetAll(): Promise<void> {
    await repeat(FORGET_WINDOWS);
    await repeat(FORGET_SIGNATURES, [clock.now()]);
  }

  /** Runs never overlap: a call during one joins it. */
  function forget(): Promise<void> {
    running ??= forgetAll().finally(() => (running = undefined));
    return running;
  }

  return {
    start() {
      stopping = false;
      timer = setInterval(() => forget().catch(onError), RUN_MS);
    },
    forget,
    async stop() {
      stopping = true;
      clearInterval(timer);
      await running?.catch(() => {});
    },
  };
}

// Not as soon as a window is over: a key in use begins its next one in the same row, in place.
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

/**
 * Applies migrations in a process of its own. The schema engine is needed once after an upgrade and takes 30 MB. The process
 * that serves would keep them until its end, even for a thread: the allocator does not give a thread's memory back.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseConnector } from '../connect/database-connection.ts';
import { UnfitDatabase } from '../connect/fitness.ts';
import { DEADLOCK, LOCK_NOT_AVAILABLE } from '../sql-state.ts';
import type { FromEngine, ToEngine } from './engine-messages.ts';

/** .js in the package, which is compiled. */
const ENGINE = new URL(`./schema-engine-process${extname(import.meta.filename)}`, import.meta.url);

/** Rejects with the engine's message when a migration fails, and with the SQLSTATE as `code`. Those before it stay applied. */
export async function applyMigrations({ databaseUrl }: DatabaseConnector): Promise<void> {
  const engine = fork(ENGINE, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(engine, 'exit');
  const reply = new Promise<FromEngine>((resolve, reject) => {
    engine.once('message', resolve).once('error', reject);
    engine.once('exit', (code, signal) =>
      reject(new Error(`The process that applies migrations ended with ${code ?? signal}`)),
    );
  });
  engine.send({ databaseUrl } satisfies ToEngine, () => {}); // An engine that cannot hear has ended, which is told above.
  const answer = await reply;
  await ended;
  if ('failure' in answer) throw Object.assign(new Error(answer.failure.message), answer.failure);
}

export type BusyTablesOptions = {
  /** Called before each further try. */
  readonly onBusy: () => void;
  /** Default: as many as take five minutes, when each waits for its lock. */
  readonly mostTries?: number;
  /** Ends the pause between two tries, with its reason. */
  readonly stopRequested?: AbortSignal | undefined;
};

const MOST_TRIES = 75;
/** Whoever waited behind the migration goes on meanwhile. */
const PAUSE_MS = 1_000;

/**
 * Tries it again and again while somebody uses the tables. A migration gives up after 3 s without its lock (`lock_timeout` in its
 * file), for everybody else waits behind it, and it is rolled back as a whole.
 */
export async function untilTablesAreFree(
  attempt: () => Promise<unknown>,
  { onBusy, mostTries = MOST_TRIES, stopRequested }: BusyTablesOptions,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await attempt();
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== LOCK_NOT_AVAILABLE && code !== DEADLOCK) throw error;
      if (tries >= mostTries) throw new UnfitDatabase(STILL_BUSY, { cause: error });
    }
    onBusy();
    await delay(PAUSE_MS, undefined, { signal: stopRequested }).catch(() => stopRequested?.throwIfAborted());
  }
}

const STILL_BUSY =
  'a migration waits for a table that is in use. Find the oldest transaction in pg_stat_activity, such as a pg_dump, wait for its end ' +
  'or end it, and start again.';

/**
 * What the end of a transaction means.
 *
 *     COMMIT was not sent, or a statement before it failed      not done: the error of the statement
 *     COMMIT was answered                                       done
 *     COMMIT was answered, with the warning that it did not     OutcomeUnknown: done on this server, but a failover
 *       wait for its synchronous standby                          may undo it
 *     COMMIT was sent, and the connection broke                 OutcomeUnknown
 *
 * A COMMIT that waits for a synchronous standby can wait for hours, and statement_timeout does not end it. Its connection
 * is kept for all that time: a second transaction on a fresh one would hang beside it, and the next one too, until
 * PostgreSQL has no connection left.
 */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { RequestError } from '../errors.ts';
import type { DatabaseConnection } from './connect/database-connection.ts';
import { isRefusedCommit } from './statement-error.ts';

const UNKNOWN =
  'The database has not confirmed the change: it may or may not have been made. Look before you make it again, or ' +
  'repeat the request with the same Idempotency-Key.';

/** COMMIT was sent, and nobody knows whether the transaction was committed for good. */
export class OutcomeUnknown extends RequestError {
  /**
   * Resolves when the server has ended the transaction, one way or the other. Until then its row locks are held, and
   * nobody sees what it wrote.
   */
  readonly ended: Promise<void>;

  constructor(cause: unknown, ended: Promise<void>, message = UNKNOWN) {
    super('SERVICE_UNAVAILABLE', message);
    this.cause = cause;
    this.ended = ended;
  }
}

export type Pools = {
  readonly pool: pg.Pool;
  /** The pool that asks for the state of a transaction when the transaction's own connection is silent. */
  readonly reads: pg.Pool;
  /** The silence after which the server is asked. Default: long enough for every answer but that to COMMIT. */
  readonly silentMs?: number;
};

/** COMMIT without the pool's time limit, which is for statements; see above. The value is the longest that a timer takes. */
export const COMMIT = { text: 'commit', query_timeout: 2_147_483_647 };

const LOOK_MS = 1_000;
/** Longer than any statement may take to be answered. After it, the server may be gone without a word. */
const SILENT_MS = 17_000;
const FIRST_ASK_MS = 50;

/** What has come in on a connection. */
type Heard = {
  /** Answers that have come in on it. */
  answers: number;
  /** After how many answers the last warning came that a commit did not wait for its standby. */
  warnedAt: number | undefined;
};

type Wire = { readonly connection: EventEmitter & { readonly stream: Socket }; readonly processID: number };
const wireOf = (client: pg.PoolClient): Wire => client as unknown as Wire;

export const streamOf = (client: pg.PoolClient): Socket => wireOf(client).connection.stream;

const heard = new WeakMap<pg.PoolClient, Heard>();
/** SQLSTATEs of the warning: a wait was cancelled; a server was told to end this connection. */
const UNREPLICATED: ReadonlySet<string | undefined> = new Set(['01000', '57P01']);

/** Before the first statement of a transaction: from then on the connection is listened to. */
export function hear(client: pg.PoolClient): Heard {
  const known = heard.get(client);
  if (known) return known;
  const fresh: Heard = { answers: 0, warnedAt: undefined };
  heard.set(client, fresh);
  wireOf(client).connection.on('readyForQuery', () => fresh.answers++);
  client.on('notice', ({ code }) => {
    if (UNREPLICATED.has(code)) fresh.warnedAt = fresh.answers;
  });
  return fresh;
}

/** Whether a failover may undo the COMMIT that has just been answered. */
export function isUnreplicated(client: pg.PoolClient): boolean {
  const { warnedAt, answers } = hear(client);
  return warnedAt === answers - 1;
}

/** Whether a failure says that nothing was done. It came for COMMIT itself (`ofCommit`), or for a statement before it. */
export function isUndone(error: unknown, ofCommit: boolean): boolean {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error && /not queryable$/.test(error.message);
  return !ofCommit || isRefusedCommit(error);
}

/** Waits until the transaction of a backend is over. */
export async function untilEnded({ reads }: Pools, client: pg.PoolClient): Promise<void> {
  const pid = pidOf(client);
  for (let waitMs = FIRST_ASK_MS; ; waitMs = Math.min(2 * waitMs, LOOK_MS)) {
    if (reads.ending || !(await isBusy(reads, pid).catch(() => true))) return;
    await delay(waitMs, undefined, { ref: false });
  }
}

/** The process number of the backend. Behind a pooler it differs from the number that the connection was greeted with. */
const pidOf = (client: pg.PoolClient): number =>
  (client as unknown as Partial<DatabaseConnection>).server?.pid ?? wireOf(client).processID;

const BUSY = `select from pg_stat_activity where pid = $1 and (state <> 'idle' or backend_xid is not null)`;

const isBusy = async (sql: pg.Pool, pid: number): Promise<boolean> =>
  ((await sql.query({ name: 'find_busy_backend', text: BUSY, values: [pid] })).rowCount ?? 0) > 0;

/**
 * Watches over a COMMIT until it is disposed of. Gives its connection up when the server has forgotten the transaction, and
 * when the pool is to end: a process that stops does not wait for a standby.
 */
export function watchCommit({ pool, reads, silentMs = SILENT_MS }: Pools, client: pg.PoolClient): Disposable {
  let waitedMs = 0;
  let isOver = false;
  let timer = setTimeout(look, LOOK_MS).unref();

  async function look(): Promise<void> {
    waitedMs += LOOK_MS;
    const isHopeless = pool.ending || (waitedMs >= silentMs && (await isForgotten()));
    if (isOver) return;
    if (isHopeless) streamOf(client).destroy(new Error('The connection was given up before COMMIT was answered'));
    else timer = setTimeout(look, LOOK_MS).unref();
  }

  /** Asks twice: the answer may be on its way. */
  async function isForgotten(): Promise<boolean> {
    if (await isBusy(reads, pidOf(client)).catch(() => true)) return false;
    await delay(LOOK_MS, undefined, { ref: false });
    return !isOver && !(await isBusy(reads, pidOf(client)).catch(() => true));
  }

  return {
    [Symbol.dispose]() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

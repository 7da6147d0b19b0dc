/**
 * A reading: one snapshot of the database, and the operations that read in it. What one of them is shown is the state of one
 * moment, however many statements that takes.
 *
 *     ┌───────────┐ first statement is sent ┌──────┐ all operations have left ┌────────┐
 *     │ gathering │────────────────────────▶│ open │─────────────────────────▶│ closed │
 *     └───────────┘                         └──────┘                          └────────┘
 *       operations join,                      nobody joins
 *       loads wait for the connection
 *
 * It is a read-only transaction, REPEATABLE READ, on one connection. Its snapshot is taken by its first statement, so it
 * shows all that was committed before an operation joined. BEGIN travels with the first statements, and nobody waits for
 * the answer to COMMIT: a reading costs no round trip of its own.
 *
 * Operations that share a connection do each other no harm:
 *
 *   - A statement that fails ends the transaction's work, not its snapshot: a savepoint at the very beginning brings it
 *     back, since reads leave nothing to undo, and the statements behind the failed one are sent again.
 *   - A statement that runs for longer than `patienceMs` while others share the reading is stopped, and run again when
 *     they have nothing left to ask; only then it has the whole `timeoutMs`.
 *   - After `lifeMs` nothing more is begun: no operation keeps a connection, or a snapshot that vacuum waits for.
 */
import type { Socket } from 'node:net';
import pg from 'pg';
import type { Read, Reader } from './statement.ts';
import { isStatementError } from './transaction.ts';

export type ReadingTimes = {
  /** What PostgreSQL gives one statement: the pool's statement_timeout. */
  readonly timeoutMs: number;
  readonly patienceMs: number;
  readonly lifeMs: number;
};

type Row = pg.QueryResultRow;
type Result = pg.QueryResult<Row>;

type Pending = {
  readonly statement: Read;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
  /** Whether it was stopped for the others' sake, and has all the time that there is now. */
  isLast: boolean;
};

const SNAPSHOT = 'begin isolation level repeatable read read only';
const SAVEPOINT = 'savepoint start';
const RESTART = 'rollback to savepoint start';

/** The statement stood behind one that failed. */
const IN_FAILED_TRANSACTION = '25P02';
const TIMED_OUT = '57014';

/** PostgreSQL ends a statement by itself; a connection that is silent for longer than that and this is gone. */
const ANSWER_GRACE_MS = 2_000;

/** What a statement is told that comes after `lifeMs`. The code is that of a statement timeout: it means the same. */
class ReadingExpired extends Error {
  override readonly name = 'ReadingExpired';
  readonly code = TIMED_OUT;
}

/** Whether a read failed because it, or the operation it belongs to, took too long. */
export const tookTooLong = (error: unknown): boolean =>
  error instanceof ReadingExpired || (isStatementError(error) && error.code === TIMED_OUT);

export class Reading implements Reader {
  readonly #pool: pg.Pool;
  readonly #times: ReadingTimes;
  readonly #onSend: () => void;
  #state: 'gathering' | 'open' | 'closed' = 'gathering';
  #operations = 0;
  #isShared = false;
  #isExpired = false;
  #isCorked = false;
  #loads: (() => void)[] = [];
  #slow: Pending[] = [];
  /** Statements that were sent and not answered. */
  #sent = 0;
  #client: pg.PoolClient | undefined;
  #failure: Error | undefined;
  #expiry: NodeJS.Timeout | undefined;

  /** `onSend` is called when nobody may join any more. */
  constructor(pool: pg.Pool, times: ReadingTimes, onSend: () => void) {
    this.#pool = pool;
    this.#times = times;
    this.#onSend = onSend;
  }

  /** How many operations have joined; while it gathers. */
  join(): number {
    return ++this.#operations;
  }

  /** The operation reads nothing more. The last one to leave gives the connection back. */
  leave(): void {
    this.#operations--;
    this.#rest();
  }

  /** Calls `load` when statements can be sent; then, as a loader would do it, at the end of the tick. */
  schedule(load: () => void): void {
    if (this.#state !== 'gathering') return void Promise.resolve().then(() => process.nextTick(load));
    // In the next turn of the event loop: the requests that came in this one read together.
    if (this.#loads.push(load) === 1) setImmediate(() => this.#connect());
  }

  query<R extends Row>(statement: Read): Promise<pg.QueryResult<R>> {
    return new Promise<Result>((resolve, reject) => {
      const pending: Pending = { statement, resolve, reject, isLast: false };
      if (this.#state === 'gathering') this.schedule(() => this.#send(pending));
      else this.#send(pending);
    }) as Promise<pg.QueryResult<R>>;
  }

  async #connect(): Promise<void> {
    try {
      const client = await this.#pool.connect();
      this.#onSend();
      if (this.#operations > 0) this.#open(client);
      else this.#close(client);
    } catch (error) {
      this.#onSend();
      this.#break(error as Error);
    }
    const loads = this.#loads;
    this.#loads = [];
    for (const load of loads) load();
    this.#rest();
  }

  #open(client: pg.PoolClient): void {
    const { patienceMs, lifeMs } = this.#times;
    this.#state = 'open';
    this.#client = client;
    this.#isShared = this.#operations > 1;
    this.#expiry = setTimeout(() => this.#expire(), lifeMs).unref();
    const limit = this.#isShared ? [`set local statement_timeout = ${patienceMs}`] : [];
    this.#cork();
    unsentCommits.get(client)?.();
    this.#order([SNAPSHOT, ...limit, SAVEPOINT].join('; '));
  }

  /** Sends what changes the transaction. */
  #order(text: string): void {
    this.#cork();
    this.#client!.query(text, (error: Error | undefined) => error && this.#break(error));
  }

  #send(pending: Pending): void {
    const refusal = this.#refusal();
    if (refusal) return pending.reject(refusal);
    this.#cork();
    this.#sent++;
    // Those in front of it may need all their time first.
    const query_timeout = this.#sent * this.#times.timeoutMs + ANSWER_GRACE_MS;
    const config = { ...pending.statement, query_timeout } as pg.QueryConfig;
    this.#client!.query(config, (error: Error | undefined, result: Result) => this.#answer(pending, error, result));
  }

  #refusal(): Error | undefined {
    if (this.#failure) return this.#failure;
    if (this.#isExpired) return new ReadingExpired('The operation has read for too long');
    return this.#state === 'closed' ? new Error('The operation that reads has ended') : undefined;
  }

  #answer(pending: Pending, error: Error | undefined, result: Result): void {
    this.#sent--;
    if (!error && this.#failure) error = this.#failure; // Without BEGIN it was another snapshot.
    if (!error) pending.resolve(result);
    else if (!isStatementError(error)) {
      this.#break(error);
      pending.reject(error);
    } else if (error.code === IN_FAILED_TRANSACTION) this.#send(pending);
    else {
      if (!pending.isLast) this.#order(RESTART);
      if (error.code === TIMED_OUT && this.#isShared && !pending.isLast) this.#slow.push(pending);
      else pending.reject(error);
    }
    this.#rest();
  }

  /** What is to be done when no answer is waited for. */
  #rest(): void {
    if (this.#state !== 'open' || this.#sent > 0) return;
    if (this.#operations === 0 || this.#isExpired) return this.#close(this.#client!);
    if (this.#slow.length > 0) setImmediate(() => this.#sent === 0 && this.#runSlow());
  }

  #runSlow(): void {
    const pending = this.#slow.shift();
    if (!pending || this.#state !== 'open') return;
    pending.isLast = true;
    this.#order(`set local statement_timeout = ${this.#times.timeoutMs}`);
    this.#send(pending);
    this.#order(RESTART); // Takes the longer time back, and a failure.
  }

  #expire(): void {
    this.#isExpired = true;
    this.#rest();
  }

  #close(client: pg.PoolClient): void {
    const wasOpen = this.#state === 'open';
    this.#end();
    if (wasOpen) commitSoon(client);
    client.release();
  }

  #break(error: Error): void {
    if (this.#state === 'closed') return;
    this.#failure = error;
    this.#client?.release(error);
    this.#end();
  }

  #end(): void {
    this.#state = 'closed';
    clearTimeout(this.#expiry);
    const slow = this.#slow;
    this.#slow = [];
    for (const { reject } of slow) reject(this.#failure ?? new ReadingExpired('The operation has read for too long'));
  }

  /** What is sent in one tick travels in one write: a write costs more than most of the statements. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    const stream = streamOf(this.#client!);
    stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      stream.uncork();
    });
  }
}

/** How long a COMMIT waits for a BEGIN to travel with. Meanwhile its snapshot is held for nothing. */
const COMMIT_WAITS_MS = 5;

const unsentCommits = new WeakMap<pg.PoolClient, () => void>();

/** Nobody waits for it, and a write of its own costs as much as the whole rest of a small reading. */
function commitSoon(client: pg.PoolClient): void {
  const stream = streamOf(client);
  const send = () => {
    clearTimeout(timer);
    unsentCommits.delete(client);
    stream.uncork();
  };
  const timer = setTimeout(send, COMMIT_WAITS_MS);
  unsentCommits.set(client, send);
  stream.cork();
  client.query('commit', () => {}); // If it is lost, so is the connection, and the pool hears of it.
}

const streamOf = (client: pg.PoolClient): Socket =>
  (client as unknown as { connection: { stream: Socket } }).connection.stream;

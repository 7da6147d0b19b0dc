/**
 * A reading: one snapshot of the database, and the operations that read in it. Each operation sees the state of one moment,
 * however many statements it sends.
 *
 *     ┌───────────┐ a connection is there  ┌──────┐ all operations have left ┌────────┐
 *     │ gathering │───────────────────────▶│ open │─────────────────────────▶│ closed │
 *     └───────────┘                        └──────┘                          └────────┘
 *       operations join,                     nobody joins
 *       their loads wait
 *
 * Its snapshot is taken after the last operation has joined, so each sees all that was committed before it began. Loads that
 * wait for the connection share statements: the busier the pool, the more loads share one.
 *
 * Operations that share a connection do each other no harm:
 *
 *   - A statement that fails takes the snapshot from nobody: the statements behind it are sent again.
 *   - A statement that runs for longer than `patienceMs` is stopped, and run again when the others have nothing left to
 *     ask; only then it has the whole `timeoutMs`.
 *   - One connection of the pool is never given to long statements (long-runs.ts), so that a few slow lists do not close the
 *     API to everybody else. When only that connection is left, a stopped statement is refused.
 *   - After `lifeMs` nothing more is begun: no operation keeps a connection, or a snapshot that vacuum waits for.
 */
import type pg from 'pg';
import type { LongRuns } from './long-runs.ts';
import { Snapshot } from './snapshot.ts';
import { IN_FAILED_TRANSACTION, QUERY_CANCELED } from '../sql-state.ts';
import { isStatementError } from '../statement-error.ts';
import type { Read, Reader } from '../statement.ts';

export type ReadingTimes = {
  /** What PostgreSQL gives one statement: the pool's statement_timeout. */
  readonly timeoutMs: number;
  readonly patienceMs: number;
  readonly lifeMs: number;
};

/** What the readings of one pool share. */
export type ReadingParts = {
  readonly pool: pg.Pool;
  readonly times: ReadingTimes;
  readonly longRuns: LongRuns;
  /** A query of the ids of all jobs that workers have claimed. */
  readonly claimedJobs: string;
};

type Row = pg.QueryResultRow;
type QueryResult = pg.QueryResult<Row>;

type Pending = {
  readonly statement: Read;
  readonly resolve: (result: QueryResult) => void;
  readonly reject: (error: Error) => void;
  /** Whether it was stopped once, to let the others go first, and now has the whole `timeoutMs`. */
  isLast: boolean;
};

/** PostgreSQL ends a statement by itself. A connection that stays silent for this much longer is gone. */
const ANSWER_GRACE_MS = 2_000;

/** The error for a statement that comes after `lifeMs`. It has the code of a statement timeout, and means the same. */
class ReadingExpired extends Error {
  override readonly name = 'ReadingExpired';
  readonly code = QUERY_CANCELED;
}

/** Whether a read failed because it, or the operation it belongs to, took too long. */
export const tookTooLong = (error: unknown): boolean =>
  error instanceof ReadingExpired || (isStatementError(error) && error.code === QUERY_CANCELED);

export class Reading implements Reader {
  readonly claimedJobs: string;
  readonly #pool: pg.Pool;
  readonly #times: ReadingTimes;
  readonly #longRuns: LongRuns;
  readonly #onConnect: () => void;
  #state: 'gathering' | 'open' | 'closed' = 'gathering';
  #operations = 0;
  #isShared = false;
  /** Whether the reading is among the long runs. */
  #isLong = false;
  #isExpired = false;
  #loads: (() => void)[] = [];
  /** Statements that were stopped, and wait until the others are done. */
  #slow: Pending[] = [];
  /** Statements that were sent and not answered. */
  #sent = 0;
  #snapshot: Snapshot | undefined;
  #failure: Error | undefined;
  #expiry: NodeJS.Timeout | undefined;

  /** `onConnect` is called when nobody may join any more. */
  constructor({ pool, times, longRuns, claimedJobs }: ReadingParts, onConnect: () => void) {
    this.claimedJobs = claimedJobs;
    this.#pool = pool;
    this.#times = times;
    this.#longRuns = longRuns;
    this.#onConnect = onConnect;
  }

  /** Joins an operation, while the reading gathers. Returns how many operations have joined. */
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
    return new Promise<QueryResult>((resolve, reject) => {
      const pending: Pending = { statement, resolve, reject, isLast: false };
      if (this.#state === 'gathering') this.schedule(() => this.#send(pending));
      else this.#send(pending);
    }) as Promise<pg.QueryResult<R>>;
  }

  async #connect(): Promise<void> {
    try {
      const client = await this.#pool.connect();
      if (this.#operations > 0) this.#open(client);
      else {
        client.release();
        this.#end();
      }
    } catch (error) {
      this.#break(error as Error);
    }
    this.#onConnect();
    const loads = this.#loads;
    this.#loads = [];
    for (const load of loads) load();
    this.#rest();
  }

  #open(client: pg.PoolClient): void {
    const { patienceMs, lifeMs } = this.#times;
    this.#state = 'open';
    this.#isShared = this.#operations > 1;
    this.#expiry = setTimeout(() => this.#expire(), lifeMs).unref();
    this.#snapshot = new Snapshot(client, patienceMs, (error) => this.#break(error));
  }

  #send(pending: Pending): void {
    const refusal = this.#refusal();
    if (refusal) return pending.reject(refusal);
    this.#sent++;
    // The statements in front of it may need all their time first.
    const query_timeout = this.#sent * this.#times.timeoutMs + ANSWER_GRACE_MS;
    this.#snapshot!.send({ ...pending.statement, query_timeout }, (error, result) =>
      this.#answer(pending, error, result),
    );
  }

  #refusal(): Error | undefined {
    if (this.#failure) return this.#failure;
    if (this.#isExpired) return expired();
    return this.#state === 'closed' ? new Error('The operation that reads has ended') : undefined;
  }

  #answer(pending: Pending, error: Error | undefined, result: QueryResult): void {
    this.#sent--;
    // If BEGIN failed, the answer is from another snapshot. If the connection was given up, that failure is the reason.
    if (this.#failure) error = this.#failure;
    if (!error) pending.resolve(result);
    else if (!isStatementError(error)) {
      this.#break(error);
      pending.reject(error);
    } else if (error.code === IN_FAILED_TRANSACTION) this.#send(pending);
    else this.#fail(pending, error);
    this.#rest();
  }

  #fail(pending: Pending, error: pg.DatabaseError): void {
    if (pending.isLast) return pending.reject(error);
    this.#snapshot!.restart();
    if (error.code !== QUERY_CANCELED) return pending.reject(error);
    if (this.#isShared || this.#becomeLong()) this.#slow.push(pending);
    else {
      pending.reject(expired());
      this.#giveWay();
    }
  }

  /** Whether the reading may keep its connection for longer than a moment. */
  #becomeLong(): boolean {
    return (this.#isLong ||= this.#longRuns.take());
  }

  /** Refuses its only operation, with all that it has asked: each statement might keep the connection as long again. */
  #giveWay(): void {
    if (this.#sent > 0) this.#break(expired());
    else this.#isExpired = true;
  }

  /** Decides what comes next, when no answer is waited for. */
  #rest(): void {
    if (this.#state !== 'open' || this.#sent > 0) return;
    if (this.#operations > 0 && !this.#isExpired) {
      // A turn later: the others are hearing their answers, and may ask for more.
      if (this.#slow.length > 0) setImmediate(() => this.#runSlow());
      return;
    }
    this.#snapshot!.close();
    this.#end();
  }

  #runSlow(): void {
    if (this.#state !== 'open' || this.#sent > 0 || this.#slow.length === 0) return;
    const pending = this.#slow.shift()!;
    if (!this.#becomeLong()) {
      pending.reject(expired());
      return this.#rest();
    }
    pending.isLast = true;
    this.#snapshot!.within(this.#times.timeoutMs, () => this.#send(pending));
  }

  #expire(): void {
    this.#isExpired = true;
    this.#rest();
  }

  #break(error: Error): void {
    if (this.#state === 'closed') return;
    this.#failure = error;
    this.#snapshot?.destroy(error);
    this.#end();
  }

  #end(): void {
    this.#state = 'closed';
    clearTimeout(this.#expiry);
    if (this.#isLong) this.#longRuns.give();
    this.#isLong = false;
    const slow = this.#slow;
    this.#slow = [];
    for (const { reject } of slow) reject(this.#failure ?? expired());
  }
}

const expired = (): ReadingExpired => new ReadingExpired('The operation has read for too long');

/**
 * A transaction that shows the state of one moment, on one connection: read-only, REPEATABLE READ.
 *
 * The moment is that of its first statement. A savepoint at the very beginning brings it back when a statement fails: the
 * snapshot belongs to the transaction, and reads leave nothing to undo. BEGIN travels with the first statements and COMMIT
 * with the BEGIN of the connection's next user: neither costs a round trip, nor a write of its own while there is traffic.
 */
import type pg from 'pg';
import { streamOf } from '../commit.ts';
import { IN_FAILED_TRANSACTION } from '../sql-state.ts';
import { sqlState, type Read } from '../statement.ts';

type QueryResult = pg.QueryResult<pg.QueryResultRow>;

const BEGIN = 'begin isolation level repeatable read read only';
const SAVEPOINT = 'savepoint start';
const RESTART = 'rollback to savepoint start';
const WITHOUT_SORTS = 'set local enable_sort = off';
const WITH_SORTS = 'set local enable_sort to default';

/** How long a COMMIT waits for a BEGIN to travel with. Meanwhile the snapshot is held for nothing. */
const COMMIT_WAITS_MS = 5;

const unsentCommits = new WeakMap<pg.PoolClient, () => void>();

export class Snapshot {
  readonly #client: pg.PoolClient;
  readonly #onLost: (error: Error) => void;
  #isCorked = false;
  /** Whether the next statement is planned to walk an index in its order. */
  #isInIndexOrder = false;

  /** `limitMs` is the time limit of a statement. `onLost` hears that the connection is of no more use. */
  constructor(client: pg.PoolClient, limitMs: number, onLost: (error: Error) => void) {
    this.#client = client;
    this.#onLost = onLost;
    this.#cork();
    unsentCommits.get(client)?.();
    this.#order([BEGIN, timeout(limitMs), SAVEPOINT].join('; '));
  }

  /** Sends a statement. Without an answer within `query_timeout`, the connection is lost. */
  send(
    statement: Read & { readonly query_timeout: number },
    answer: (error: Error | undefined, result: QueryResult) => void,
  ): void {
    this.#cork();
    this.#plan(statement.isInIndexOrder ?? false, statement.query_timeout);
    this.#client.query(statement as pg.QueryConfig, answer as (error: Error, result: QueryResult) => void);
  }

  /** After a statement that failed. Those that were sent behind it have failed too. */
  restart(): void {
    this.#order(RESTART);
    this.#isInIndexOrder = false;
  }

  /** Statements that `send` sends may take `limitMs` and may fail: later statements find everything as it was. */
  within(limitMs: number, send: () => void): void {
    this.#order(timeout(limitMs));
    send();
    this.restart();
  }

  /** How PostgreSQL plans what follows. Behind a statement that failed it does nothing, as what follows does. */
  #plan(isInIndexOrder: boolean, query_timeout: number): void {
    if (isInIndexOrder === this.#isInIndexOrder) return;
    this.#isInIndexOrder = isInIndexOrder;
    // The statements in front of it may need all their time first, as for the statement that it is sent for.
    const order = { text: isInIndexOrder ? WITHOUT_SORTS : WITH_SORTS, query_timeout };
    this.#client.query(order as pg.QueryConfig, (error: Error | undefined) => {
      if (error && sqlState(error) !== IN_FAILED_TRANSACTION) this.#onLost(error);
    });
  }

  /** Gives the connection back. No statement may be under way. */
  close(): void {
    const stream = streamOf(this.#client);
    const client = this.#client;
    const send = () => {
      clearTimeout(timer);
      unsentCommits.delete(client);
      stream.uncork();
    };
    const timer = setTimeout(send, COMMIT_WAITS_MS);
    unsentCommits.set(client, send);
    stream.cork();
    client.query('commit', () => {}); // Nobody waits for it. If it is lost, so is the connection, and the pool hears of it.
    client.release();
  }

  /** Gives up the connection. */
  destroy(error: Error): void {
    this.#client.release(error);
  }

  /** Sends a statement that changes the transaction. */
  #order(text: string): void {
    this.#cork();
    this.#client.query(text, (error: Error | undefined) => error && this.#onLost(error));
  }

  /** Sends in one write what comes in one tick: a write costs more than most of the statements. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    const stream = streamOf(this.#client);
    stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      stream.uncork();
    });
  }
}

const timeout = (ms: number): string => `set local statement_timeout = ${ms}`;

/** SQL as the hot path sends it. */
import pg from 'pg';

/** What runs SQL: the pool, or the client of one transaction. */
export type Sql = Pick<pg.Pool, 'query'>;

/** What runs one read: a pool, a client, or a reading (reading.ts). */
export type Reader = {
  query<Row extends pg.QueryResultRow>(statement: Read): Promise<pg.QueryResult<Row>>;
};

/** A statement of a Reader; with a `name` it is a prepared one. */
export type Read = { readonly name?: string; readonly text: string; readonly values: unknown[] };

/** `name` makes it a prepared statement: one name, one text, for the life of a connection. */
export type Statement = { readonly name: string; readonly text: string; readonly values: unknown[] };

/**
 * Makes the other statements of its transaction walk indexes in their order. For queries with a small limit over tables
 * whose statistics lie: a queue is nearly empty whenever it is analysed, and the planner then sorts the whole backlog for
 * each claim (8 ms instead of 0.8 ms at 30,000 jobs); prepared statements know no sizes at all.
 */
export const IN_INDEX_ORDER: Statement = {
  name: 'in_index_order',
  text: `select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_seqscan', 'off', true)`,
  values: [],
};

/**
 * Makes the COMMIT of its transaction wait neither for the disk nor for a standby. For what need not outlive a crash of
 * Postgres, such as a claim: what is lost is done again, as after a crash of the process. What builds on it waits for both,
 * and takes it along, because the log has one order.
 */
export const FORGETTABLE: Statement = {
  name: 'forgettable',
  text: `select set_config('synchronous_commit', 'off', true)`,
  values: [],
};

/** The same, but on the disk of this server before COMMIT is answered. */
export const LOCALLY_DURABLE: Statement = {
  name: 'locally_durable',
  text: `select set_config('synchronous_commit', 'local', true)`,
  values: [],
};

/** SQLSTATE of an error that Postgres reported, e.g. 23505 for a unique violation. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.code : undefined;

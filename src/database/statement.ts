/** SQL as the hot path sends it. */
import pg from 'pg';

/** What runs SQL: the pool, or the client of one transaction. */
export type Sql = Pick<pg.Pool, 'query'>;

/** What runs one read: a pool, a client, or a reading (reading.ts). */
export type Reader = {
  query<Row extends pg.QueryResultRow>(statement: Read): Promise<pg.QueryResult<Row>>;
};

/** A statement of a Reader; with a `name` it is a prepared one. */
export type Read = {
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
  /**
   * Whether it walks an index in its order and sorts nothing that it need not, whatever PostgreSQL expects of a table: of
   * what IN_INDEX_ORDER sets, enable_sort alone. For statements whose rows have an index in the order that they ask for. Only a reading heeds it.
   */
  readonly isInIndexOrder?: boolean;
};

/** `name` makes it a prepared statement: one name, one text, for the life of a connection. */
export type Statement = { readonly name: string; readonly text: string; readonly values: unknown[] };

/**
 * Makes the other statements of its transaction walk indexes in their order. For queries with a small limit over tables
 * whose statistics lie: a queue is nearly empty whenever it is analysed, and a young table was. The planner then sorts all
 * that waits, for each claim (23 to 67 ms instead of 1.5 at 30,000 jobs, on PostgreSQL 15 and 18). No index and no shape of
 * a statement forbids the sort, an owner cannot set statistics, and planning a statement anew uses the same statistics. So
 * this is used where a limit stands over rows that may be many:
 *
 *     claims                    the due jobs, by priority; the text is pg-boss's
 *     backlog                   the same range of jobs (49 ms instead of 2)
 *     pages of the stream       a window of an organization's changes (52 to 110 ms of a young table, whose page it sorts)
 *     lists, and their counts   those of deliveries and of events (23 ms instead of 0.5 for 100 of 10,000); see Read
 *     outstanding deliveries    the latest of an organization (28 to 50 ms of a young table, of which it sorts all)
 *     take held deliveries      those of one target, which other indexes find as well
 *     steps of the roll-up      the next changes, and the next counts to merge: the first of many
 *     cancel of a target        the same; and its rows by id, where young statistics take another index
 *
 * Settling and retention read by primary keys and need nothing. test/scale/young.test.ts fails without it (claims,
 * pages of lists, outstanding deliveries); the other figures were seen with the plan checks after `update pg_class set reltuples = 5`.
 */
export const IN_INDEX_ORDER: Statement = {
  name: 'plan_in_index_order',
  text: `select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_seqscan', 'off', true)`,
  values: [],
};

/**
 * Makes the COMMIT of its transaction wait neither for the disk nor for a standby. For work that need not outlive a crash of
 * Postgres, such as a claim: lost work is done again, as after a crash of the process. A later commit that builds on it waits
 * for both, and takes it along, because the log has one order.
 */
export const FORGETTABLE: Statement = {
  name: 'make_forgettable',
  text: `select set_config('synchronous_commit', 'off', true)`,
  values: [],
};

/** Like FORGETTABLE, but the change is on the disk of this server before COMMIT is answered. */
export const LOCALLY_DURABLE: Statement = {
  name: 'make_locally_durable',
  text: `select set_config('synchronous_commit', 'local', true)`,
  values: [],
};

/**
 * Goes before statements that find jobs by id: up to PostgreSQL 16, a plan that was made while the queue was empty reads
 * all jobs by the queue's name and looks at their ids one by one (60 to 120 ms of each claim and each removal at 30,000
 * jobs, instead of 2). So they are planned anew for the queue as it is (0.3 to 0.8 ms), with statistics that
 * queue-install.ts makes once, and with a look-up as cheap as it is in a queue that fits into memory. Each of these is
 * needed (test/scale/young.test.ts on PostgreSQL 15). From 17 on an index takes many ids in one scan, and plans are kept.
 */
export const BY_JOB_ID: Statement = {
  name: 'plan_by_job_id',
  text: `select case when current_setting('server_version_num')::int < 170000 then
    set_config('plan_cache_mode', 'force_custom_plan', true) || set_config('enable_bitmapscan', 'off', true)
      || set_config('random_page_cost', '0.1', true) end`,
  values: [],
};

/**
 * The statement with its lists as PostgreSQL writes them: `{a,"b c",NULL}`. pg puts each list together from several pieces for
 * each of its values, quotes and all, which was an eighth of all that a delivery allocates.
 */
export function withListsWritten(statement: Statement): Statement {
  if (!statement.values.some(Array.isArray)) return statement;
  return { ...statement, values: statement.values.map((value) => (Array.isArray(value) ? writeList(value) : value)) };
}

/**
 * A list of what pg alone knows how to write stays as it is: of lists,
 * bytes or objects. So does one with a long text, which joining copies.
 */
function writeList(values: readonly unknown[]): string | readonly unknown[] {
  const written: string[] = [];
  for (const value of values) {
    const item = writeItem(value);
    if (item === undefined) return values;
    written.push(item);
  }
  return `{${written.join(',')}}`;
}

function writeItem(value: unknown): string | undefined {
  if (typeof value === 'string') return writeText(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value === null || value === undefined) return 'NULL';
  if (value instanceof Date && isOfFourDigitYear(value)) return value.toISOString();
  return undefined;
}

const LONG_CHARACTERS = 16_384;

function writeText(text: string): string | undefined {
  if (text.length > LONG_CHARACTERS) return undefined;
  return NEEDS_NO_QUOTES.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Without quotes the word null means none. */
const NEEDS_NO_QUOTES = /^(?!null$)[\w.:-]+$/i;

/** PostgreSQL does not read the other years as toISOString writes them. */
const isOfFourDigitYear = (date: Date): boolean => date.getTime() >= 0 && date.getTime() < Date.UTC(10_000, 0);

/** SQLSTATE of an error that Postgres reported, e.g. 23505 for a unique violation. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.code : undefined;

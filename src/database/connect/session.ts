/**
 * What is set on every connection before its first statement. The meaning of SQL depends on settings that a role, a
 * database, an environment or a URL may change. Here they get the values that the service was written for.
 *
 * They are set in one message after connecting, and not in the startup message: PgBouncer refuses parameters there that
 * it does not know, and what comes later wins.
 */

/** What a connection is for. */
export type Session = {
  /** A longer statement fails with SQLSTATE 57014. 0: no limit. */
  readonly statementTimeoutMs: number;
  /** A transaction that does nothing for longer is ended. 0: no limit. */
  readonly idleInTransactionTimeoutMs: number;
  readonly isReadOnly: boolean;
  /** Whether every plan reads by index alone; see HELD_PLANS. */
  readonly holdsPlans: boolean;
};

/** For work that runs once, at a start or for a command. */
export const UNLIMITED: Session = {
  statementTimeoutMs: 0,
  idleInTransactionTimeoutMs: 0,
  isReadOnly: false,
  holdsPlans: false,
};

/** Settings that change what a statement means, does or returns. */
const MEANING = {
  // Prisma's adapter writes and reads dates as if the session's zone were UTC.
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  array_nulls: 'on',
  check_function_bodies: 'on',
  client_min_messages: 'notice', // A warning tells of a commit that is not safe; see commit.ts.
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  lock_timeout: '0',
  idle_session_timeout: '0',
  // A plan that HELD_PLANS or IN_INDEX_ORDER forbids costs 1e10 on paper, and PostgreSQL would compile each statement anew
  // for that: 26.9 s instead of 3.9 s for 1,500 deliveries on a server with LLVM.
  jit: 'off',
} as const;

/**
 * Statements are prepared while tables are empty, and would scan them until the next analysis. No index, statistics or
 * shape of a statement helps there: an empty table costs nothing to scan. To plan each statement anew would cost 0.3 to
 * 1 ms each time. test/scale/young.test.ts fails without it.
 */
const HELD_PLANS = { enable_seqscan: 'off' } as const;

/**
 * An acknowledged event must outlive a crash, so a commit waits for the disk at least. A stronger setting (remote_apply,
 * remote_write) is kept.
 */
const DURABLE = `set_config('synchronous_commit', case when current_setting('synchronous_commit') in ('off', 'local')
  then 'on' else current_setting('synchronous_commit') end, false)`;

/** PostgreSQL 17 has transaction_timeout, 15 does not. */
const NO_TRANSACTION_TIMEOUT = `case when current_setting('transaction_timeout', true) is not null
  then set_config('transaction_timeout', '0', false) end`;

/** The server that answers: read with the settings, in the same round trip. */
export type DatabaseServer = {
  readonly pid: number;
  /** For example 150004 for PostgreSQL 15.4. */
  readonly version: number;
  readonly encoding: string;
  /** A standby takes no writes. */
  readonly isStandby: boolean;
  /** The identifier of the cluster: a standby has that of its primary, a restored dump has another one. */
  readonly system: string;
  /** Grows by one with each promotion; null on a standby. */
  readonly timeline: number | null;
};

const SERVER = `
  pg_backend_pid() as pid, current_setting('server_version_num')::int as version,
  current_setting('server_encoding') as encoding, pg_is_in_recovery() as "isStandby",
  (select system_identifier::text from pg_control_system()) as system,
  case when not pg_is_in_recovery()
    then ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end as timeline`;

/**
 * Goes first in the same message. On a busy server the rest takes longer than a role or a database may allow: it failed
 * with SQLSTATE 57014 where statement_timeout was 50 ms. `local`: behind PgBouncer the next transaction is another's.
 */
const AT_LEISURE = 'set local statement_timeout = 0';

/** Two statements: they set up a session and tell who answers, in the one row of the second, a DatabaseServer. */
export function sessionStatements(session: Session, schema: string): string {
  const settings = {
    ...MEANING,
    ...(session.holdsPlans && HELD_PLANS),
    search_path: `"${schema}"`,
    default_transaction_read_only: session.isReadOnly ? 'on' : 'off',
    statement_timeout: String(session.statementTimeoutMs),
    idle_in_transaction_session_timeout: String(session.idleInTransactionTimeoutMs),
  };
  const set = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', false)`);
  return `${AT_LEISURE}; select ${[...set, DURABLE, NO_TRANSACTION_TIMEOUT, SERVER].join(', ')}`;
}

/** Two statements, the second of which tells who answers. They set nothing that stays. */
export const SERVER_STATEMENTS = `${AT_LEISURE}; select ${SERVER}`;

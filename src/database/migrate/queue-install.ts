/**
 * What the queue needs of the database's structure: pg-boss's own schema, and what Hookcast adds to it. It stands in no
 * migration, because pg-boss makes the tables. Only `migrate` does this: it takes rights that the service does not need.
 */
import { createRequire } from 'node:module';
import { PgBoss } from 'pg-boss';
import type pg from 'pg';
import { QUEUE } from '../job.ts';
import type { Sql } from '../statement.ts';
import { type BusyTablesOptions, untilTablesAreFree } from './apply-migrations.ts';

/**
 * Every job is written three times and gone within seconds: the table is small, and nearly all its rows are dead. So it is
 * vacuumed by the number of dead rows, whatever its size, and without pauses.
 */
const VACUUM_SETTINGS = `autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000`;

/**
 * Tells the planner once and for all that every job has the same queue name. Nearly always there is no job when PostgreSQL
 * looks at the table, and then it takes `name = 'attempts'` for one row in 200: up to version 16 it reads all jobs by their
 * name, to find those that a claim or a removal names by id (30,000 waiting jobs: 120 ms instead of 2).
 * An analysis of an empty table leaves what is known of its columns, so the table holds jobs while this analysis runs.
 * Nobody else sees these jobs.
 */
const nameStatistics = (schema: string): readonly string[] => [
  `alter table ${schema}.job_common alter column name set (${NAME_SETTING})`,
  `insert into ${schema}.job_common (name, id) values ${PASSING_IDS.map((id) => `('${QUEUE}', '${id}')`).join()}`,
  `analyze ${schema}.job_common (name)`,
  `delete from ${schema}.job_common where name = '${QUEUE}' and id in (${PASSING_IDS.map((id) => `'${id}'`).join()})`,
];
const PASSING_IDS = ['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'];
const NAME_SETTING = 'n_distinct=1';

/**
 * They find a few jobs among all that wait: those that came back, and those that are claimed. pg-boss looks every few seconds which
 * of the claimed ones nobody touches any more, and would read all jobs for that: 170 ms of 5 s with 200,000 of them.
 */
const INDEXES = {
  job_common_returned: `(priority) where state = 'retry'`,
  job_common_claimed: `(id) where state = 'active'`,
};

/**
 * With these of pg-boss, each new job looks at its commit for the row of its queue, and locks it: 12 us of PostgreSQL, and for an
 * event with 10,000 deliveries an eighth of a second. There is one queue, and nobody deletes it.
 */
const REFERENCES = ['q_fkey', 'dlq_fkey'];

const { pgboss } = createRequire(import.meta.url)('pg-boss/package.json') as { pgboss: { schema: number } };

export type QueueInstallation = {
  /** The version of pg-boss's tables; null when there are none. */
  readonly version: number | null;
  readonly isIndexed: boolean;
  readonly isTuned: boolean;
  /** Whether jobs refer to their queue. */
  readonly isReferring: boolean;
};

/** Whether the queue can be used by this version, as it is. */
export const isQueueReady = ({ version, isIndexed, isTuned, isReferring }: QueueInstallation): boolean =>
  version === pgboss.schema && isIndexed && isTuned && !isReferring;

/** Whether a newer pg-boss has made the tables: this version must not touch them. */
export const isQueueNewer = ({ version }: QueueInstallation): boolean => version !== null && version > pgboss.schema;

export async function readQueueInstallation(sql: Sql, schema: string): Promise<QueueInstallation> {
  const usable = await sql.query(
    `select exists (select from pg_namespace where nspname = $1 and has_schema_privilege(oid, 'usage')) as "isUsable"`,
    [schema],
  );
  if (!usable.rows[0].isUsable) return { version: null, isIndexed: false, isTuned: false, isReferring: false };
  const { rows } = await sql.query(
    `select to_regclass('${schema}.version') is not null as "isThere",
       ${Object.keys(INDEXES)
         .map((name) => `to_regclass('${schema}.${name}') is not null`)
         .join(' and ')} as "isIndexed",
       exists (select from pg_class where oid = to_regclass('${schema}.job_common')
         and reloptions @> array['autovacuum_vacuum_threshold=5000'])
       and exists (select from pg_attribute where attrelid = to_regclass('${schema}.job_common') and attname = 'name'
         and attoptions @> array['${NAME_SETTING}']) as "isTuned",
       exists (select from pg_constraint where conrelid = to_regclass('${schema}.job_common')
         and conname = any($1)) as "isReferring"`,
    [REFERENCES],
  );
  const { isThere, isIndexed, isTuned, isReferring } = rows[0];
  const version = isThere ? Number((await sql.query(`select version from ${schema}.version`)).rows[0]?.version) : null;
  return { version, isIndexed, isTuned, isReferring };
}

/** Makes what is missing. Safe to repeat. It waits for the table of the jobs where that is in use, as a migration does. */
export async function installQueue(pool: pg.Pool, schema: string, whileBusy: BusyTablesOptions): Promise<void> {
  const { rows } = await pool.query('select exists (select from pg_namespace where nspname = $1) as exists', [schema]);
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values as unknown[]) },
    // A role may own its schema without the right to make a schema.
    schema,
    createSchema: !rows[0].exists,
    schedule: false,
    supervise: false,
  });
  boss.on('error', () => {}); // A failure here rejects as well.
  await boss.start();
  await boss.stop({ graceful: false, close: false });
  const installed = await readQueueInstallation(pool, schema);
  for (const [name, on] of Object.entries(INDEXES)) {
    await pool.query(`create index if not exists ${name} on ${schema}.job_common ${on}`);
  }
  if (installed.isReferring) await untilTablesAreFree(() => pool.query(dropReferences(schema)), whileBusy);
  if (installed.isTuned) return; // What follows would wait for a vacuum that runs.
  const statements = [`alter table ${schema}.job_common set (${VACUUM_SETTINGS})`, ...nameStatistics(schema)];
  await pool.query(statements.join(';\n')); // Sent as one, they are one transaction.
}

/** Sent as one, both are one transaction. Everybody who uses the queue waits behind the second one. */
const dropReferences = (schema: string): string =>
  `select set_config('lock_timeout', '3s', true);
   alter table ${schema}.job_common ${REFERENCES.map((name) => `drop constraint if exists ${name}`).join()}`;

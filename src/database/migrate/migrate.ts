/**
 * Brings a database up to date: prisma/migrations, and the queue's tables. Checks come first: an unfit database, or a role
 * without the rights, gets a sentence and stays as it was. A database that is up to date is only read.
 */
import { createDatabaseConnector, openSingle, type DatabaseConnector } from '../connect/database-connection.ts';
import { requireFit, UnfitDatabase } from '../connect/fitness.ts';
import { withMigrationLock, type MigrationLockOptions } from './migration-lock.ts';
import { installQueue } from './queue-install.ts';
import { missingToMigrate, missingToServe } from '../connect/rights.ts';
import { applyMigrations, untilTablesAreFree, type BusyTablesOptions } from './apply-migrations.ts';
import { hasTables, readDue } from './due.ts';
import { buildOnEmpty } from './late-indexes.ts';
import { tableNames } from './migration-files.ts';
import { requireFreeNames } from './reserved-names.ts';
import type { Sql } from '../statement.ts';

type MigrateOptions = Partial<MigrationLockOptions & BusyTablesOptions> & {
  /** Names of event types that the service uses itself; see reserved-names.ts. Default: none. */
  readonly reservedNames?: readonly string[];
};

/**
 * Brings the database up to the newest migration and returns the names of those applied now. Safe to call from many processes
 * at once: they take turns. A migration waits for tables that are in use. When it fails, it is rolled back as a whole, and the
 * error names it.
 */
export async function migrate(
  databaseUrl: string | DatabaseConnector,
  { onWaiting = () => {}, onBusy = () => {}, reservedNames = [], ...options }: MigrateOptions = {},
): Promise<string[]> {
  const connector = typeof databaseUrl === 'string' ? createDatabaseConnector(databaseUrl) : databaseUrl;
  await requireFit(connector);
  const pool = openSingle(connector);
  try {
    await requireRows(pool, connector);
    await requireFreeNames(pool, reservedNames);
    const { migrations, isQueueDue } = await readDue(pool, connector);
    if (migrations.length === 0 && !isQueueDue) return [];
    await requireMigrator(pool, connector);
    return await withMigrationLock(connector, { onWaiting, ...options }, async () => {
      await makeSchema(pool, connector.schema);
      const due = await readDue(pool, connector); // Another process may have had the lock before.
      const apply = async (): Promise<void> => {
        await forgetInterrupted(pool);
        await applyMigrations(connector);
      };
      if (due.migrations.length > 0) await untilTablesAreFree(apply, { onBusy, ...options });
      if (due.isQueueDue) await installQueue(pool, connector.queueSchema, { onBusy, ...options });
      if (await isWithoutEvents(pool)) await buildOnEmpty(pool);
      return [...due.migrations];
    });
  } finally {
    await pool.end();
  }
}

/** Where the tables are there, the role must be able to read and write their rows, whether it may change them or not. */
async function requireRows(sql: Sql, connector: DatabaseConnector): Promise<void> {
  const isInstalled = await hasTables(sql, connector.schema);
  const missing = isInstalled ? await missingToServe(sql, connector, await tableNames()) : [];
  if (missing.length === 0) return;
  throw new UnfitDatabase(
    `the role lacks rights to run the service; as the owner of the tables run: ${missing.join('; ')}.`,
  );
}

/** Then its indexes take no time. */
async function isWithoutEvents(sql: Sql): Promise<boolean> {
  return (await sql.query('select from events limit 1')).rowCount === 0;
}

async function requireMigrator(sql: Sql, connector: DatabaseConnector): Promise<void> {
  const missing = await missingToMigrate(sql, connector);
  if (missing.length > 0) {
    throw new UnfitDatabase(
      'the database is not up to date, and the role may not change it: run `hookcast migrate` with the role that owns the tables, or ' +
        `let an administrator run: ${missing.join('; ')}. QUEUE_SCHEMA names another schema for pg-boss.`,
    );
  }
}

async function makeSchema(sql: Sql, schema: string): Promise<void> {
  const { rows } = await sql.query('select exists (select from pg_namespace where nspname = $1) as exists', [schema]);
  if (!rows[0].exists) await sql.query(`create schema "${schema}"`);
}

/**
 * Every migration is one transaction (`begin; … commit;` in its file). So a migration that a killed process left unfinished
 * has had no effect: its record is removed, and it is applied again.
 */
async function forgetInterrupted(sql: Sql): Promise<void> {
  const { rows } = await sql.query("select to_regclass('_prisma_migrations') is not null as exists");
  if (rows[0].exists) await sql.query('delete from _prisma_migrations where finished_at is null');
}

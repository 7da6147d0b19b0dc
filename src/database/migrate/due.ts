/** What a database lacks to be up to date, found by reading alone: `migrate` makes it, and `hookcast doctor` tells of it before. */
import type { DatabaseConnector } from '../connect/database-connection.ts';
import type { Sql } from '../statement.ts';
import { migrationNames } from './migration-files.ts';
import { isQueueNewer, isQueueReady, readQueueInstallation } from './queue-install.ts';

export type Due = {
  /** Names of migrations, oldest first. */
  readonly migrations: readonly string[];
  /** Whether the tables of the queue are to be made, or changed. */
  readonly isQueueDue: boolean;
};

/** Nothing is due in a database that a newer version has brought up to date. */
export async function readDue(sql: Sql, { schema, queueSchema }: DatabaseConnector): Promise<Due> {
  const applied = (await hasTables(sql, schema)) ? await appliedMigrations(sql) : new Set();
  const queue = await readQueueInstallation(sql, queueSchema);
  return {
    migrations: (await migrationNames()).filter((name) => !applied.has(name)),
    isQueueDue: !isQueueReady(queue) && !isQueueNewer(queue),
  };
}

/** Whether any version has made tables there, whatever the role may do with them. */
export async function hasTables(sql: Sql, schema: string): Promise<boolean> {
  const { rows } = await sql.query<{ found: boolean }>(
    `select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relname = '_prisma_migrations') as found`,
    [schema],
  );
  return rows[0]!.found;
}

async function appliedMigrations(sql: Sql): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ name: string }>(
    'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null',
  );
  return new Set(rows.map(({ name }) => name));
}

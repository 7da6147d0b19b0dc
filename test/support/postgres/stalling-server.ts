/** A PostgreSQL server of its own whose commits can be made to hang, as they do while a synchronous standby is away. */
import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { connectDatabase } from '../../../src/database/client.ts';
import { startEmbeddedPostgres } from '../../../src/database/embedded.ts';
import { migrate } from '../../../src/database/migrate/migrate.ts';
import type { TestDatabase } from '../database.ts';
import { createFolder } from '../processes/reaper.ts';

export type StallingServer = Awaited<ReturnType<typeof startStallingServer>>;

const HANGING = "select pid from pg_stat_activity where wait_event = 'SyncRep'";

export async function startStallingServer() {
  const stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await createFolder('hookcast-stall-'));
  const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '200', autovacuum: 'off' };
  const newPassword = randomBytes(16).toString('hex');
  const postgres = await startEmbeddedPostgres({ directory, newPassword, settings });
  stack.defer(() => postgres.stop('immediate'));
  await migrate(postgres.databaseUrl);
  const admin = new pg.Pool({ connectionString: postgres.databaseUrl.replace(/\/hookcast$/, '/postgres') });
  admin.on('error', () => {});
  stack.defer(() => admin.end());

  const hanging = async () => (await admin.query<{ pid: number }>(HANGING)).rows.map(({ pid }) => pid);
  const waitFor = async (standby: string) => {
    await admin.query(`alter system set synchronous_standby_names = '${standby}'`);
    await admin.query('select pg_reload_conf()');
  };

  async function createDatabaseUrl(): Promise<string> {
    const name = `stall_${randomUUID().replaceAll('-', '')}`;
    await admin.query(`create database ${name} template hookcast`);
    return postgres.databaseUrl.replace(/\/hookcast$/, `/${name}`);
  }

  return {
    createDatabaseUrl,
    async createDatabase(): Promise<TestDatabase> {
      const databaseUrl = await createDatabaseUrl();
      const database = connectDatabase({ databaseUrl, connections: 10, onConnectionLost: () => {} });
      return Object.assign(database, { databaseUrl, [Symbol.asyncDispose]: () => database.close() });
    },
    /** From here on every commit that waits for its standby hangs. Resolves when it is so: one commit hangs then. */
    async stall(): Promise<void> {
      await waitFor('nobody');
      for (let isHanging = false; !isHanging;) {
        let isOver = false;
        const commit = admin.query("select pg_logical_emit_message(true, 'stall', '')");
        commit.catch(() => {}).finally(() => (isOver = true));
        while (!isOver && !isHanging) isHanging = (await hanging()).length > 0;
      }
    },
    /** What hangs is committed, and what comes is not held up. */
    resume: () => waitFor(''),
    /** Resolves when `count` commits hang in this database. */
    async untilHanging({ databaseUrl }: { readonly databaseUrl: string }, count = 1): Promise<number[]> {
      const name = new URL(databaseUrl).pathname.slice(1);
      for (;;) {
        const { rows } = await admin.query<{ pid: number }>(`${HANGING} and datname = $1`, [name]);
        if (rows.length >= count) return rows.map(({ pid }) => pid);
      }
    },
    /** As an operator, or PostgreSQL itself, ends a wait for the standby: the commit stands on this server. */
    cancel: (pid: number) => admin.query('select pg_cancel_backend($1)', [pid]),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

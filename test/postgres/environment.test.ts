/** The ground that the tests of this folder stand on: were it friendlier than they say, they would show nothing. */
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { connectDatabase } from '../../src/database/client.ts';
import { createDatabaseUrl, createTestDatabase } from '../support/database.ts';
import { withParameters } from '../support/postgres/database-url.ts';
import { runSql } from '../support/sql.ts';
import { PROCESS_TIME_ZONE } from './hostile.ts';

/** As a client that states nothing of its own. */
async function ask(databaseUrl: string, sql: string): Promise<pg.QueryResultRow> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows[0];
  } finally {
    await client.end();
  }
}

test('sessions of the role begin with settings that change what statements mean', async () => {
  const databaseUrl = await createDatabaseUrl();
  const settings = await ask(
    databaseUrl,
    `select current_setting('timezone') as timezone, current_setting('datestyle') as datestyle,
       current_setting('intervalstyle') as intervalstyle, current_setting('bytea_output') as bytea,
       current_setting('extra_float_digits') as digits, current_setting('search_path') as path,
       current_setting('default_transaction_isolation') as isolation,
       current_setting('default_transaction_read_only') as readonly, current_setting('synchronous_commit') as commit`,
  );
  expect(settings).toEqual({
    timezone: 'Asia/Kolkata',
    datestyle: 'SQL, DMY',
    intervalstyle: 'sql_standard',
    bytea: 'escape',
    digits: '-10',
    path: '"$user"',
    isolation: 'serializable',
    readonly: 'on',
    commit: 'local',
  });
});

test('the role is no superuser, its connection is encrypted, and clients live in another time zone', async () => {
  const databaseUrl = await createDatabaseUrl();
  const row = await ask(
    databaseUrl,
    `select rolsuper, rolcreatedb, rolcreaterole, ssl from pg_roles, pg_stat_ssl
     where rolname = current_user and pid = pg_backend_pid()`,
  );
  expect(row).toEqual({ rolsuper: false, rolcreatedb: false, rolcreaterole: false, ssl: true });
  await expect(ask(withParameters(databaseUrl, { sslmode: 'disable' }), 'select 1')).rejects.toThrow(/no encryption/);
  expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(PROCESS_TIME_ZONE);
});

test('JIT is at its default', async () => {
  // Whether the server has it is said at the start of the run.
  expect((await runSql(inject('adminUrl'), 'show jit')).rows).toEqual([{ jit: 'on' }]);
});

const SETTINGS = {
  TimeZone: 'UTC',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  client_encoding: 'UTF8',
  jit: 'off',
  default_transaction_isolation: 'read committed',
  idle_session_timeout: '0',
  synchronous_commit: 'on',
};

test('each connection of both pools states what the statements rely on', async () => {
  await using database = await createTestDatabase();
  for (const pool of [database.pool, database.reads]) {
    const names = [...Object.keys(SETTINGS), 'DateStyle', 'default_transaction_read_only'];
    const { rows } = await pool.query('select name, current_setting(name) as value from unnest($1::text[]) as name', [
      names,
    ]);
    const found = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    expect(found).toMatchObject(SETTINGS);
    expect(found['DateStyle']).toMatch(/^ISO/);
    expect(found['default_transaction_read_only']).toBe(pool === database.reads ? 'on' : 'off');
  }
});

test('remote_apply, which asks for more than we do, is kept', async () => {
  const databaseUrl = await createDatabaseUrl();
  const name = new URL(databaseUrl).pathname.slice(1);
  const { user } = (await ask(databaseUrl, 'select current_user as user')) as { user: string };
  await runSql(inject('adminUrl'), `alter role ${user} in database ${name} set synchronous_commit = 'remote_apply'`);
  const database = connectDatabase({ databaseUrl, connections: 2, onConnectionLost: () => {} });
  const { rows } = await database.pool.query('show synchronous_commit');
  await database.close();
  expect(rows).toEqual([{ synchronous_commit: 'remote_apply' }]);
});

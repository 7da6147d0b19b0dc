/** Every connection means the same by a statement, whatever its database, its role or its URL say. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase, type Database } from '../../../src/database/client.ts';
import { DatabaseConnection } from '../../../src/database/connect/database-connection.ts';
import { SERVER_STATEMENTS, sessionStatements, UNLIMITED } from '../../../src/database/connect/session.ts';
import { createDatabaseUrl } from '../../support/database.ts';

const HOSTILE = {
  timezone: 'America/New_York',
  datestyle: 'German',
  intervalstyle: 'sql_standard',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  search_path: 'pg_catalog',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  idle_session_timeout: '2000',
  lock_timeout: '1',
  statement_timeout: '500',
  transform_null_equals: 'on',
  synchronous_commit: 'off',
  jit: 'on',
};
const NAMES = Object.keys(HOSTILE);
const MEANT = {
  timezone: 'UTC',
  datestyle: 'ISO, MDY',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  search_path: 'public',
  default_transaction_isolation: 'read committed',
  idle_session_timeout: '0',
  lock_timeout: '0',
  transform_null_equals: 'off',
  synchronous_commit: 'on',
  jit: 'off',
};

let hostileUrl: string;
let database: Database;

beforeAll(async () => {
  const url = new URL(await createDatabaseUrl());
  const admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
  for (const [name, value] of Object.entries(HOSTILE)) {
    await admin.query(`alter database ${url.pathname.slice(1)} set ${name} = ${pg.escapeLiteral(value)}`);
  }
  await admin.end();
  url.searchParams.set(
    'options',
    '-c default_transaction_read_only=off -c jit=on -c TimeZone=Asia/Kolkata -c geqo=off',
  );
  url.searchParams.set('statement_timeout', '0');
  hostileUrl = url.href;
  database = connectDatabase({ databaseUrl: hostileUrl, connections: 2, onConnectionLost: () => {} });
});
afterAll(() => database.close());

async function settings(sql: Pick<pg.Pool, 'query'>, names = NAMES): Promise<Record<string, string>> {
  const { rows } = await sql.query('select name, setting from pg_settings where lower(name) = any($1)', [names]);
  return Object.fromEntries(rows.map(({ name, setting }) => [name.toLowerCase(), setting]));
}

const unquoted = ({ search_path: path, ...rest }: Record<string, string>) => ({
  ...rest,
  search_path: path!.replaceAll('"', ''),
});

test('a hostile database and a hostile URL change no setting of the pools', async () => {
  expect(unquoted(await settings(database.pool))).toEqual({
    ...MEANT,
    default_transaction_read_only: 'off',
    statement_timeout: '15000',
  });
  expect(unquoted(await settings(database.reads))).toEqual({
    ...MEANT,
    default_transaction_read_only: 'on',
    statement_timeout: '5000',
  });
});

test('a connection of its own has the same settings', async () => {
  const connection = new DatabaseConnection({ connector: database.connector, session: UNLIMITED });
  await connection.connect();
  expect(unquoted(await settings(connection))).toMatchObject(MEANT);
  await connection.end();
});

test.each([
  ['that sets up a session', sessionStatements(UNLIMITED, 'public')],
  ['that asks who answers', SERVER_STATEMENTS],
])('the message %s may take longer than the statement_timeout of the database', async (_, message) => {
  const busy = new pg.Client({ connectionString: hostileUrl.split('?')[0] });
  await busy.connect();
  expect(await settings(busy, ['statement_timeout'])).toEqual({ statement_timeout: '500' });
  await busy.query(`${message}, pg_sleep(0.6)`);
  await busy.end();
});

test('what an operator sets beside ours is kept', async () => {
  expect(await settings(database.pool, ['geqo'])).toEqual({ geqo: 'off' });
});

test('the pool for reads cannot write, whatever the URL says', async () => {
  await expect(database.reads.query(`insert into settings values ('a', 'b')`)).rejects.toMatchObject({ code: '25006' });
});

test('a date goes through Prisma and comes back as the same instant, and SQL sees it too', async () => {
  const createdAt = new Date('2026-03-08T08:53:00.123Z');
  await database.prisma().organization.create({ data: { id: 'o'.repeat(27), name: 'Acme', createdAt } });
  expect(await database.prisma().organization.findFirst()).toMatchObject({ createdAt });
  const { rows } = await database.pool.query(
    'select created_at, extract(epoch from created_at) * 1000 as ms from organizations',
  );
  expect(rows[0]).toMatchObject({ created_at: createdAt });
  expect(Number(rows[0].ms)).toBe(createdAt.getTime());
});

test.each([
  ['off', 'on'],
  ['local', 'on'],
  ['on', 'on'],
  ['remote_write', 'remote_write'],
  ['remote_apply', 'remote_apply'],
])('synchronous_commit %s becomes %s: an acknowledged event outlives a crash', async (given, set) => {
  const url = new URL(hostileUrl);
  url.searchParams.set('options', `-c synchronous_commit=${given}`);
  const own = connectDatabase({ databaseUrl: url.href, connections: 1, onConnectionLost: () => {} });
  expect(await settings(own.pool, ['synchronous_commit'])).toEqual({ synchronous_commit: set });
  await own.close();
});

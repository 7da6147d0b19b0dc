/** What stands in DATABASE_URL: its parameters never undo what the service relies on, and its mistakes are named. */
import { expect, inject, test } from 'vitest';
import { connectDatabase, type Database } from '../../src/database/client.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { databaseUrl, passwordOf, userOf, withParameters } from '../support/postgres/database-url.ts';
import { startService } from '../support/service.ts';
import { createEmptyDatabase, owner, urlFor } from './databases.ts';
import { AUTHORITY_FILE } from './place.ts';
import { refusedStart } from './refused.ts';

async function connect(parameters: Record<string, string>): Promise<Database & AsyncDisposable> {
  const url = withParameters(await createDatabaseUrl(), parameters);
  const database = connectDatabase({ databaseUrl: url, connections: 2, onConnectionLost: () => {} });
  return Object.assign(database, { [Symbol.asyncDispose]: () => database.close() });
}

const show = async ({ pool }: Pick<Database, 'pool'>, name: string): Promise<string> =>
  (await pool.query('select current_setting($1) as value', [name])).rows[0].value;

test('?options= cannot make the reads writable or take our settings away, and keeps what is not ours', async () => {
  const options =
    '-c default_transaction_read_only=off -c jit=on -c timezone=Asia/Tokyo -c search_path=decoy -c geqo=off';
  await using database = await connect({ options });
  const writing = database.reads.query(`insert into settings (name, value) values ('a', 'b')`);
  await expect(writing).rejects.toMatchObject({ code: '25006' });
  const found = await Promise.all(['jit', 'timezone', 'geqo'].map((name) => show(database, name)));
  expect(found).toEqual(['off', 'UTC', 'off']);
  expect((await database.pool.query('select from settings')).rows).toEqual([]);
});

test.each([
  ['statement_timeout', '0'],
  ['idle_in_transaction_session_timeout', '0'],
  ['application_name', 'x'],
])('?%s=%s leaves the limits of statements in force', async (name, value) => {
  await using database = await connect({ [name]: value });
  expect(await show(database, 'statement_timeout')).toBe('15s');
  expect(await show({ pool: database.reads }, 'statement_timeout')).toBe('5s');
  expect(await show(database, 'idle_in_transaction_session_timeout')).toBe('15s');
});

test('of several hosts, the one that takes writes is used', async () => {
  const url = await createDatabaseUrl();
  const hosts = `127.0.0.1:1,${inject('stockHosts')}`;
  const DATABASE_URL = withParameters(url.replace(inject('stockHosts'), hosts), { target_session_attrs: 'read-write' });
  await using service = await startService({ DATABASE_URL });
  expect(await service.api('{ viewer { organization { name } } }')).toBeTruthy();
});

/** The parts of a URL that would be right. */
const good = async () => {
  const url = await createDatabaseUrl();
  const parts = { user: userOf(url), password: passwordOf(url), hosts: inject('stockHosts') };
  const database = new URL(url).pathname.slice(1);
  return { ...parts, database, parameters: { sslmode: 'verify-full', sslrootcert: AUTHORITY_FILE } };
};

const MISTAKES: Readonly<Record<string, () => Promise<{ url: string; says: RegExp }>>> = {
  'sslmode=verify-full without the private authority': async () => ({
    url: databaseUrl({ ...(await good()), parameters: { sslmode: 'verify-full' } }),
    says: /sslrootcert/,
  }),
  'sslmode=require without the private authority': async () => ({
    url: databaseUrl({ ...(await good()), parameters: { sslmode: 'require' } }),
    says: /sslrootcert|sslmode/,
  }),
  'a file of authorities that is not there': async () => ({
    url: databaseUrl({ ...(await good()), parameters: { sslmode: 'verify-full', sslrootcert: '/nowhere/ca.pem' } }),
    says: /\/nowhere\/ca\.pem/,
  }),
  'a host that the certificate does not name': async () => {
    const parts = await good();
    return {
      url: databaseUrl({ ...parts, hosts: parts.hosts.replace('127.0.0.1', '127.0.0.2') }),
      says: /certificate/i,
    };
  },
  'no TLS where the server demands it': async () => ({
    url: databaseUrl({ ...(await good()), parameters: {} }),
    says: /sslmode|encryption/,
  }),
  'a mode of TLS that does not exist': async () => ({
    url: databaseUrl({ ...(await good()), parameters: { sslmode: 'sometimes' } }),
    says: /sslmode/,
  }),
  'an @ in the password that is not encoded, where the password is wrong': async () => ({
    url: databaseUrl({ ...(await good()), password: 'SECRET' }).replace('SECRET', 'hun@ter:2'),
    says: /password/i,
  }),
  'an @ and a / in the password that are not encoded': async () => ({
    url: databaseUrl({ ...(await good()), password: 'SECRET' }).replace('SECRET', 'hun@ter:2/#x'),
    says: /%2F/i,
  }),
  'a wrong password': async () => ({
    url: databaseUrl({ ...(await good()), password: 'hunter2' }),
    says: /password/,
  }),
  'a database that does not exist': async () => ({
    url: databaseUrl({ ...(await good()), database: 'nowhere' }),
    says: /nowhere/,
  }),
  'a target_session_attrs that does not exist': async () => ({
    url: databaseUrl({ ...(await good()), parameters: { ...(await good()).parameters, target_session_attrs: 'warm' } }),
    says: /target_session_attrs/,
  }),
};

test.each(Object.entries(MISTAKES))('%s: a sentence that names DATABASE_URL, without the password', async (_, make) => {
  const { url, says } = await make();
  const text = await refusedStart({ DATABASE_URL: url });
  expect(text).toContain('DATABASE_URL');
  expect(text).toMatch(says);
  for (const secret of ['hunter2', 'hun@ter', 'ter:2', passwordOf(inject('templateUrl'))])
    expect(text).not.toContain(secret);
});

test('an empty DATABASE_URL is a mistake, not local mode', async () => {
  expect(await refusedStart({ DATABASE_URL: '', NODE_ENV: 'production' })).toContain('DATABASE_URL');
});

test('mistakes are named by every command', async () => {
  const DATABASE_URL = urlFor(owner(), await createEmptyDatabase(), { sslrootcert: '/nowhere/ca.pem' });
  for (const command of ['migrate', 'keys list', 'signing-keys list']) {
    expect(await refusedStart({ DATABASE_URL }, command.split(' '))).toContain('DATABASE_URL');
  }
});

/** What an operator reads when a connection cannot be made: one sentence that names DATABASE_URL, never a stack. */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { explainFailure } from '../../src/app/explain-failure.ts';
import { connectorOf } from '../../src/app/connector.ts';
import { DatabaseConnection, createDatabaseConnector } from '../../src/database/connect/database-connection.ts';
import { UNLIMITED } from '../../src/database/connect/session.ts';
import { createDatabaseUrl } from '../support/database.ts';

async function failureOf(databaseUrl: string): Promise<string> {
  const connection = new DatabaseConnection({ connector: createDatabaseConnector(databaseUrl), session: UNLIMITED });
  return connection.connect().then(
    () => expect.fail('It connected.'),
    (error: Error) => explainFailure(error),
  );
}

const changed = (url: string, change: Partial<URL>) => Object.assign(new URL(url), change).href;

test('a wrong password, database or port', async () => {
  const databaseUrl = await createDatabaseUrl();
  const { host } = new URL(databaseUrl);
  const start = `DATABASE_URL: PostgreSQL cannot be used (${host}): `;
  expect(await failureOf(changed(databaseUrl, { password: 'wrong' }))).toBe(
    `${start}password authentication failed for user "postgres". Check user and password`,
  );
  expect(await failureOf(changed(databaseUrl, { pathname: '/nowhere' }))).toBe(
    `${start}database "nowhere" does not exist. Make the database, or correct its name`,
  );
  expect(await failureOf(changed(databaseUrl, { port: '1' }))).toMatch(
    /^DATABASE_URL: PostgreSQL cannot be used \(127\.0\.0\.1:1\): connect ECONNREFUSED/,
  );
});

test('a server without TLS', async () => {
  const url = changed(await createDatabaseUrl(), { search: '?sslmode=verify-full' });
  expect(await failureOf(url)).toMatch(/does not support SSL connections\. Turn TLS on there/);
});

test('a server that says nothing', async () => {
  const silent: Server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const connection = new DatabaseConnection({
    connector: createDatabaseConnector(`postgresql://u:p@127.0.0.1:${port}/db`),
    session: UNLIMITED,
    connectTimeoutMs: 100,
  });
  await expect(connection.connect().catch((error: Error) => explainFailure(error))).resolves.toMatch(
    `DATABASE_URL: PostgreSQL cannot be used (127.0.0.1:${port}): timeout expired`,
  );
  silent.close();
});

test.each([
  ['self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN', 'sslrootcert'],
  ['unable to get local issuer certificate', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'sslrootcert'],
  [
    "Hostname/IP does not match certificate's altnames",
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'a name that its certificate holds',
  ],
  ['certificate has expired', 'CERT_HAS_EXPIRED', 'Renew'],
  [
    'no pg_hba.conf entry for host "10.0.0.1", user "app", database "app", no encryption',
    '28000',
    'sslmode=verify-full',
  ],
  [
    'kein pg_hba.conf-Eintrag für Host »10.0.0.1«, Benutzer »app«, Datenbank »app«, keine Verschlüsselung',
    '28000',
    'sslmode=verify-full',
  ],
  ['unsupported startup parameter: options', '08P01', 'ignore_startup_parameters'],
  ['sorry, too many clients already', '53300', 'DATABASE_CONNECTIONS'],
  ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED', 'Start PostgreSQL there'],
  ['getaddrinfo ENOTFOUND db', 'ENOTFOUND', 'host name'],
  ['connect EACCES /run/pg/.s.PGSQL.5432', 'EACCES', 'this account may not use it'],
  ['permission denied for function pg_control_system', '42501', 'GRANT EXECUTE ON FUNCTION'],
  ['unrecognized configuration parameter "nonsense"', '42704', '`options`'],
  ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', '', 'Check user and password'],
])('%s (%s): the cure is said', (message, code, cure) => {
  const explained = explainFailure(Object.assign(new Error(message), { code, whileConnecting: 'db:5432' }));
  expect(explained).toContain(`DATABASE_URL: PostgreSQL cannot be used (db:5432): ${message}. `);
  expect(explained).toContain(cure);
});

test('a URL that cannot be read is a setting that is wrong', () => {
  const read = () => connectorOf({ queueSchema: undefined }, 'postgresql://u:se/cret@h/db');
  expect(read).toThrow(/^The settings are not usable:\n {2}- DATABASE_URL: expected .*%2F/);
  expect(read).not.toThrow(/cret/);
});

test.each([
  ['EADDRINUSE', /^HOST, PORT, ADMIN_PORT: .*Another process listens there/],
  ['EADDRNOTAVAIL', /^HOST, PORT, ADMIN_PORT: .*correct HOST/],
  ['EACCES', /^HOST, PORT, ADMIN_PORT: .*above 1023/],
])('a port that cannot be listened on (%s) names the settings and the cure', (code, sentence) => {
  const error = Object.assign(new Error(`listen ${code}: 0.0.0.0:80`), { code, syscall: 'listen' });
  expect(explainFailure(error)).toMatch(sentence);
});

test('an error of ours that names its setting has no stack', () => {
  expect(explainFailure(new Error('DATA_DIR: process 7 runs on /data already'))).toBe(
    'DATA_DIR: process 7 runs on /data already',
  );
  expect(explainFailure(new TypeError('x is not a function'))).toContain('explain-failure.test.ts');
});

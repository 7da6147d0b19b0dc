/** What a database or a role lacks is said in one sentence with the cure, before anything is written. */
import pg from 'pg';
import { expect, test } from 'vitest';
import { createDatabaseConnector } from '../../../src/database/connect/database-connection.ts';
import { requireServer } from '../../../src/database/connect/fitness.ts';
import { migrate } from '../../../src/database/migrate/migrate.ts';
import { connectAdmin } from '../../support/postgres/admin.ts';

const TABLES = `select count(*)::int as count from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'`;

test.each([
  ['LATIN1', `encoding 'LATIN1' locale 'C'`],
  ['SQL_ASCII', `encoding 'SQL_ASCII' locale 'C'`],
])('a database of %s is refused, and nothing is written', async (encoding, words) => {
  await using admin = await connectAdmin();
  const name = await admin.createDatabase(words);
  const owner = await admin.createRole('superuser');
  await expect(migrate(owner.urlOf(name))).rejects.toMatchObject({
    name: 'UnfitDatabase',
    message: expect.stringMatching(`UTF8, got ${encoding}: .*CREATE DATABASE`),
  });
  expect((await admin.queryIn(name, TABLES)).rows[0].count).toBe(0);
});

test('PostgreSQL 14 is refused, 15 is taken', () => {
  expect(() => requireServer({ version: 140_012, encoding: 'UTF8' })).toThrow(/PostgreSQL 15 or newer, got 14\.12/);
  expect(() => requireServer({ version: 150_000, encoding: 'UTF8' })).not.toThrow();
});

test('a role that may not create anything is told what to grant, and nothing is written', async () => {
  await using admin = await connectAdmin();
  const name = await admin.createDatabase();
  const role = await admin.createRole();
  await expect(migrate(role.urlOf(name))).rejects.toMatchObject({
    name: 'UnfitDatabase',
    message: expect.stringMatching(
      `hookcast migrate.*GRANT USAGE, CREATE ON SCHEMA public TO ${role.name} .*CREATE SCHEMA pgboss AUTHORIZATION ${role.name}`,
    ),
  });
  expect((await admin.queryIn(name, TABLES)).rows[0].count).toBe(0);
});

test('what the sentence says is enough', async () => {
  await using admin = await connectAdmin();
  const name = await admin.createDatabase();
  const role = await admin.createRole();
  await admin.queryIn(name, `GRANT USAGE, CREATE ON SCHEMA public TO ${role.name}`);
  await admin.queryIn(name, `CREATE SCHEMA pgboss AUTHORIZATION ${role.name}`);
  expect(await migrate(role.urlOf(name))).not.toEqual([]);
  expect(await migrate(role.urlOf(name))).toEqual([]);
});

test('a schema of pg-boss that belongs to somebody else is named, with its owner', async () => {
  await using admin = await connectAdmin();
  const name = await admin.createDatabase();
  const [role, other] = [await admin.createRole(), await admin.createRole()];
  await admin.query(`grant create on database ${name} to ${role.name}, ${other.name}`);
  await admin.queryIn(
    name,
    `grant create on schema public to ${role.name}; create schema pgboss authorization ${other.name}`,
  );
  await expect(migrate(role.urlOf(name))).rejects.toMatchObject({
    message: expect.stringMatching(
      `GRANT USAGE, CREATE ON SCHEMA pgboss TO ${role.name} \\(it belongs to ${other.name}\\).*QUEUE_SCHEMA`,
    ),
  });
  expect(await migrate(createDatabaseConnector(role.urlOf(name), 'jobs'))).not.toEqual([]);
});

test('one role migrates, another one that reads and writes rows only serves', async () => {
  await using admin = await connectAdmin();
  const name = await admin.createDatabase();
  const [owner, server] = [await admin.createRole(), await admin.createRole()];
  await admin.query(`grant create on database ${name} to ${owner.name}`);
  await admin.queryIn(name, `grant create on schema public to ${owner.name}`);
  await expect(migrate(server.urlOf(name))).rejects.toThrow(/not up to date.*hookcast migrate/);
  await migrate(owner.urlOf(name));

  const connector = createDatabaseConnector(server.urlOf(name));
  await expect(migrate(connector)).rejects.toThrow(/lacks rights to run the service.*GRANT USAGE ON SCHEMA pgboss/);
  for (let round = 0; round < 5; round++) {
    const grants = await migrate(connector).then(
      () => [],
      ({ message }: Error) => [...message.matchAll(/GRANT [^;]+?(?=;|\.$)/g)].map(([grant]) => grant),
    );
    if (grants.length === 0) break;
    await admin.queryIn(name, grants.join('; '));
  }
  expect(await migrate(connector)).toEqual([]); // It is up to date, and only read.
  const client = new pg.Client({ connectionString: server.urlOf(name) });
  await client.connect();
  await expect(client.query('alter table settings add column x int')).rejects.toMatchObject({ code: '42501' });
  await client.end();
});

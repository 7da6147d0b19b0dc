import pg from 'pg';
import { expect, test } from 'vitest';
import { readConnectionLimit } from '../../../src/database/connect/connection-limit.ts';
import { connectAdmin } from '../../support/postgres/admin.ts';

async function limitOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return readConnectionLimit(client).finally(() => client.end());
}

test('the least limit counts: of the server, the database or the role', async () => {
  await using admin = await connectAdmin();
  const name = await admin.createDatabase();
  const role = await admin.createRole();
  const { rows } = await admin.query(
    "select current_setting('max_connections')::int as all, current_setting('superuser_reserved_connections')::int as reserved",
  );
  expect(await limitOf(role.urlOf(name))).toBe(rows[0].all - rows[0].reserved);
  await admin.query(`alter database ${name} connection limit 7`);
  expect(await limitOf(role.urlOf(name))).toBe(7);
  await admin.query(`alter role ${role.name} connection limit 6`);
  expect(await limitOf(role.urlOf(name))).toBe(6);
  await admin.query(`alter role ${role.name} superuser`);
  expect(await limitOf(role.urlOf(name))).toBe(rows[0].all);
});

/** Roles that may not do what the service needs: each is told in a sentence what to grant, or which command to run as whom. */
import { expect, inject, test } from 'vitest';
import { databaseUrl } from '../support/postgres/database-url.ts';
import { certificates } from '../support/certificates/certificates.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { codeBlocks } from '../support/documents.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, PUBLISH, startService, type PublishedEvent } from '../support/service.ts';
import { startStockPostgres } from '../support/postgres/stock-postgres.ts';
import { MASTER_KEY, runCli } from '../support/cli.ts';
import { administer, createEmptyDatabase, createRole, owner, urlFor } from './databases.ts';
import { SCHEMA, TLS } from './place.ts';
import { refusedStart } from './refused.ts';

const OURS = `select schemaname from pg_tables where schemaname not in ('pg_catalog', 'information_schema') group by 1`;

const DOCUMENTED_ROLE = 'webhooks_app';

/** What src/app/README.md tells an administrator to run for a role that serves and does not migrate. */
async function grantsFor(role: string): Promise<string> {
  const blocks = await codeBlocks('src/app/README.md', 'Rights', 'sql');
  const grants = blocks.find((block) => block.startsWith('GRANT USAGE'))!;
  expect(grants).toContain(DOCUMENTED_ROLE);
  return grants.replaceAll('public, pgboss', `${SCHEMA}, ${SCHEMA}_pgboss`).replaceAll(DOCUMENTED_ROLE, role);
}

test.each(['serve', 'migrate'])(
  '%s as a role that may not create: what to grant, and nothing half made',
  async (command) => {
    const role = await createRole();
    const database = await createEmptyDatabase({ owner: 'postgres' });
    const text = await refusedStart({ DATABASE_URL: urlFor(role, database, { schema: SCHEMA }) }, [command]);
    expect(text).toContain('DATABASE_URL');
    expect(text).toMatch(/grant create on database/i);
    expect(text).toContain(role.user);
    expect((await administer(database, OURS)).rows).toEqual([]);
  },
);

test('a schema of the queue that belongs to somebody else is named, with what to grant', async () => {
  const database = await createEmptyDatabase();
  await administer(database, `create schema ${SCHEMA}_pgboss authorization postgres`);
  const text = await refusedStart({ DATABASE_URL: urlFor(owner(), database, { schema: SCHEMA }) });
  expect(text).toContain(`${SCHEMA}_pgboss`);
  expect(text).toMatch(/grant/i);
});

test('serve on a migrated database needs no more than to read and write rows', async () => {
  const database = await createEmptyDatabase();
  const migrating = urlFor(owner(), database, { schema: SCHEMA });
  const { exitCode, stderr } = await runCli(['migrate'], { environment: { DATABASE_URL: migrating, MASTER_KEY } });
  expect([exitCode, stderr]).toEqual([0, '']);
  const role = await createRole();
  await administer(database, await grantsFor(role.user));
  await using receiver = await startReceiver();
  await using service = await startService({ DATABASE_URL: urlFor(role, database, { schema: SCHEMA }) });
  await service.api(CREATE_TARGET, { url: receiver.url });
  const attempted = service.logged('delivery.attempted');
  await service.api<PublishedEvent>(PUBLISH, { type: 'user.created', data: {} });
  await receiver.next();
  await attempted;
  expect(service.logs.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});

test('serve as a role that may only read and write rows, before anybody has migrated: the command that does', async () => {
  const role = await createRole();
  const database = await createEmptyDatabase();
  await administer(
    database,
    `create schema ${SCHEMA} authorization ${owner().user}`,
    `grant usage on schema ${SCHEMA} to ${role.user}`,
  );
  const text = await refusedStart({ DATABASE_URL: urlFor(role, database, { schema: SCHEMA }) });
  expect(text).toContain('hookcast migrate');
});

test('serve as a role that was granted nothing on a migrated database: what to grant', async () => {
  const role = await createRole();
  const url = await createDatabaseUrl();
  const text = await refusedStart({ DATABASE_URL: urlFor(role, new URL(url).pathname.slice(1), { schema: SCHEMA }) });
  expect(text).toMatch(/grant/i);
  expect(text).toContain(role.user);
});

test.each(['serve', 'migrate'])('%s on a standby, which takes no writes: a sentence that says so', async (command) => {
  const binaries = inject('stockBinaries');
  await using primary = await startStockPostgres({ binaries, certificate: certificates.valid() });
  await using standby = await startStockPostgres({ binaries, certificate: certificates.valid(), primary });
  const hosts = `127.0.0.1:${standby.port}`;
  const DATABASE_URL = databaseUrl({ ...primary.superuser, hosts, database: 'postgres', parameters: TLS });
  const text = await refusedStart({ DATABASE_URL }, [command]);
  expect(text).toContain('DATABASE_URL');
  expect(text).toMatch(/standby|read-only|recovery/i);
});

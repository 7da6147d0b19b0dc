import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { loadCatalog, OWN_CATALOG } from '../../src/domain/event-types/catalogs.ts';
import { SERVICE_EVENT_TYPES } from '../../src/domain/event-types/service-event-types.ts';
import { MASTER_KEY, runCli } from '../support/cli.ts';
import { postGraphql } from '../support/client.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { startService } from '../support/service.ts';

/** The default of EVENT_CATALOG, and the service's own types. */
const ALL_TYPES = loadCatalog([...loadConfig({}).eventCatalogs, OWN_CATALOG]).length;

const ME = '{ eventTypes { name } }';

/** A running service, and the CLI on its database. */
async function setup(settings: NodeJS.ProcessEnv = {}) {
  const DATABASE_URL = await createDatabaseUrl();
  const service = await startService({ DATABASE_URL, ...settings });
  const cli = (line: string, input?: string) =>
    runCli(line.split(' '), { environment: { DATABASE_URL, MASTER_KEY, ...settings }, ...(input && { input }) });
  return {
    service,
    cli,
    json: async (line: string, input?: string) => {
      const { exitCode, stdout, stderr } = await cli(line, input);
      if (exitCode !== 0) throw new Error(stderr);
      return JSON.parse(stdout);
    },
    ask: (apiKey: string, query: string) => postGraphql(service.origin, { query }, { apiKey }),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

test('a lost admin key is replaced: keys create needs no key, and its key works at once', async () => {
  await using t = await setup();
  const created = await t.json('keys create --scopes PLATFORM_ADMIN --name rescue');
  expect(created).toMatchObject({
    name: 'rescue',
    scopes: ['PLATFORM_ADMIN'],
    rateLimitPerMinute: 100,
    expiresAt: null,
  });
  const mutation = 'mutation { createOrganization(input: { name: "New" }) { organization { id } } }';
  const { data } = (await t.ask(created.key, mutation)).body;
  const { id: organization } = data.createOrganization.organization;

  const other = await t.json(
    `keys create --scopes EVENTS_READ,EVENTS_PUBLISH --organization ${organization} --expires 1d`,
  );
  expect(other).toMatchObject({ organizationId: organization, scopes: ['EVENTS_READ', 'EVENTS_PUBLISH'] });
  const lifeMs = Date.parse(other.expiresAt) - Date.parse(other.createdAt);
  expect(Math.abs(lifeMs - 86_400_000)).toBeLessThan(10_000);
});

test('keys list shows every key and never its text; keys revoke ends one within five seconds', async () => {
  await using t = await setup();
  const { id, key } = await t.json('keys create --scopes EVENTS_READ --rate-limit 7');
  const listed = await t.json('keys list');
  expect(listed.map(({ name }: { name: string }) => name)).toEqual(['CLI', 'Bootstrap']);
  expect(listed[0]).toMatchObject({ id, prefix: key.slice(0, 10), rateLimitPerMinute: 7, revokedAt: null });
  expect(JSON.stringify(listed)).not.toContain(key);
  expect((await t.ask(key, ME)).status).toBe(200);
  expect(await t.json(`keys revoke ${id}`)).toEqual({ id });
  expect(await t.json(`keys revoke ${id}`)).toEqual({ id });
  const revokedMs = performance.now();
  let goodUntilMs = 0;
  const ask = async () => {
    const askedMs = performance.now() - revokedMs;
    const { status } = await t.ask(key, ME);
    if (status !== 401) goodUntilMs = askedMs;
    return status;
  };
  await expect.poll(ask).toBe(401);
  expect(goodUntilMs).toBeLessThan(5_000);
  expect((await t.json('keys list'))[0]).toMatchObject({ id, revokedAt: expect.stringMatching(/Z$/) });
});

test('what the rules refuse is 1, each error with the option that is at fault', async () => {
  await using t = await setup();
  const wrong = '--organization none --rate-limit 0 --expires 2001-01-01 --public-key ab';
  const { exitCode, stdout, stderr } = await t.cli(`keys create --scopes EVENTS_READ ${wrong}`);
  expect([exitCode, stdout]).toEqual([1, '']);
  for (const option of ['--organization', '--rate-limit', '--expires', '--public-key']) {
    expect(stderr).toContain(`${option}: `);
  }
  expect(await t.cli('keys revoke nobody')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('ID: No API key'),
  });
});

test('the catalog that a service starts with comes out of a file as it went in', async () => {
  await using t = await setup();
  const exported = await t.cli('catalog export');
  expect(JSON.parse(exported.stdout).eventTypes).toHaveLength(ALL_TYPES);
  const change = await t.json('catalog import', exported.stdout);
  expect(change).toMatchObject({ created: [], updated: [], archived: [], unarchived: [] });
  expect(change.unchanged).toHaveLength(ALL_TYPES);

  const openApi = await t.cli('catalog export --format openapi');
  expect(Object.keys(JSON.parse(openApi.stdout).webhooks)).toHaveLength(ALL_TYPES);
  expect((await t.json('catalog import', openApi.stdout)).unchanged).toHaveLength(ALL_TYPES);

  await using fresh = await setup({ EVENT_CATALOG: 'none', SERVICE_EVENTS: 'false' });
  expect((await fresh.json('catalog import', openApi.stdout)).created).toHaveLength(ALL_TYPES);
  expect((await fresh.cli('catalog export')).stdout).toBe(exported.stdout);
});

test('a catalog with mistakes is refused as a whole, every mistake by its place', async () => {
  await using t = await setup({ EVENT_CATALOG: 'none', SERVICE_EVENTS: 'false' });
  const file = {
    eventTypes: [
      { name: 'fine', category: 'c' },
      { name: 'Bad Name', category: '' },
      { name: 'typed', category: 'c', schema: { type: 'strin' }, extra: 1 },
      { name: 'example', category: 'c', schema: { type: 'object' }, example: 3 },
    ],
  };
  const { exitCode, stdout, stderr } = await t.cli('catalog import', JSON.stringify(file));
  expect([exitCode, stdout]).toEqual([1, '']);
  const places = stderr.match(/^eventTypes\S+(?=:)/gm);
  expect(places).toEqual([
    'eventTypes[1].name',
    'eventTypes[1].category',
    'eventTypes[2].extra',
    'eventTypes[3].example',
  ]);
  expect(await t.json('catalog export')).toEqual({ eventTypes: [] });
});

test('--dry-run says what an import would do and writes nothing; --archive-missing archives the rest, but for the service’s own', async () => {
  await using t = await setup({ EVENT_CATALOG: 'daya' });
  const file = JSON.stringify({ eventTypes: [{ name: 'trade.settled', category: 'trade' }] });
  const dry = await t.json('catalog import --dry-run --archive-missing', file);
  expect(dry).toMatchObject({ dryRun: true, created: ['trade.settled'] });
  expect(dry.archived).toHaveLength(6);
  expect((await t.json('catalog export')).eventTypes).toHaveLength(6 + SERVICE_EVENT_TYPES.length);
  expect(await t.json('catalog import --archive-missing', file)).toEqual({ ...dry, dryRun: false });
  expect(
    (await t.json('catalog export')).eventTypes.filter((type: { archived: boolean }) => !type.archived),
  ).toHaveLength(1 + SERVICE_EVENT_TYPES.length);
});

test('migrate brings an empty database up to date, and says what it applied', async () => {
  const databaseUrl = await createDatabaseUrl();
  const environment = { DATABASE_URL: databaseUrl, MASTER_KEY };
  expect(JSON.parse((await runCli(['migrate'], { environment })).stdout)).toEqual({ applied: [] });
});

test(
  'local mode: commands use the PostgreSQL of the running service, and start it for the moment when none runs',
  { timeout: 90_000 },
  async () => {
    await using folder = await createFolder('hookcast-cli-');
    const DATA_DIR = folder.path;
    const environment = { DATA_DIR };
    const cli = (line: string) => runCli(line.split(' '), { environment });
    expect(JSON.parse((await cli('signing-keys list')).stdout)).toEqual([]); // The very first: it makes the tables, too.
    const { exitCode, stderr } = await cli('keys create --scopes PLATFORM_ADMIN');
    expect([exitCode, stderr]).toEqual([1, 'There is no organization yet: start the service once\n']);
    const local = { DATABASE_URL: undefined, MASTER_KEY: '', DATA_DIR };
    const keys: string[] = [];
    {
      await using service = await startService(local);
      keys.push(JSON.parse((await cli('keys create --scopes PLATFORM_ADMIN')).stdout).key);
      expect((await postGraphql(service.origin, { query: ME }, { apiKey: keys[0]! })).status).toBe(200);
      await service.kill('SIGTERM');
    }
    keys.push(JSON.parse((await cli('keys create --scopes PLATFORM_ADMIN')).stdout).key);
    await expect(readFile(join(DATA_DIR, 'postgres/cluster/postmaster.pid'))).rejects.toThrow('ENOENT');
    await using service = await startService(local);
    for (const apiKey of keys) {
      expect((await postGraphql(service.origin, { query: ME }, { apiKey })).status).toBe(200);
    }
    await service.kill('SIGTERM');
  },
);

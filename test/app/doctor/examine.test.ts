/** What `hookcast doctor` finds, thing by thing. */
import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { examine } from '../../../src/app/doctor/examine.ts';
import type { Finding } from '../../../src/app/doctor/finding.ts';
import { systemClock, type Clock } from '../../../src/clock.ts';
import { createIdGenerator } from '../../../src/domain/ksuid.ts';
import { createSeal } from '../../../src/domain/seal/seal.ts';
import { bootstrap } from '../../../src/manage/bootstrap.ts';
import { createDatabaseUrl, createTestDatabase } from '../../support/database.ts';
import { MASTER_KEY, masterKeyNamed } from '../../support/master-key.ts';
import { freePort } from '../../support/network/free-port.ts';
import { startNameServer } from '../../support/network/name-server.ts';
import { startProxy } from '../../support/network/proxies.ts';
import { connectAdmin } from '../../support/postgres/admin.ts';
import { databaseOf, withParameters } from '../../support/postgres/database-url.ts';
import { createFolder } from '../../support/processes/reaper.ts';
import { startReceiver } from '../../support/receiver.ts';
import { runSql } from '../../support/sql.ts';

type Options = { readonly url?: string; readonly clock?: Clock; readonly nameServer?: string };

/** All findings, with a name server that answers. */
async function findings(environment: NodeJS.ProcessEnv, { url, clock, nameServer }: Options = {}): Promise<Finding[]> {
  await using own = await startNameServer(() => undefined, { port: 0, address: '127.0.0.1' });
  const nameServers = [nameServer ?? `127.0.0.1:${own.port}`];
  const examination = { environment, url, nameServers, ...(clock && { clock }) };
  return await Array.fromAsync(examine(examination));
}

/** The PostgreSQL of the tests takes the risk. */
const OF_TESTS = /^(fsync|full_page_writes|autovacuum) is off/;

/** What else is not ok, as `check status text`. */
const unwell = (found: readonly Finding[]): string[] =>
  found
    .filter(({ status, text }) => status !== 'ok' && !OF_TESTS.test(text))
    .map(({ check, status, text }) => `${check} ${status} ${text}`);

const production = async (settings: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> => ({
  DATABASE_URL: await createDatabaseUrl(),
  MASTER_KEY,
  ...settings,
});

test('where all is well, each thing is looked at and found ok', async () => {
  const found = await findings(await production());
  expect(unwell(found)).toEqual([]);
  expect(new Set(found.map(({ check }) => check))).toEqual(
    new Set(['settings', 'machine', 'database', 'clock', 'rights', 'key', 'DNS', 'egress']),
  );
  expect(found.map(({ text }) => text).join('\n')).toMatch(/PostgreSQL 1[5-9]\.?\d*/);
});

test('each mistake in the settings is a finding, and a misspelt setting too', async () => {
  const mistakes = await findings({ PORT: 'many', RETENTION_DAYS: '0' });
  expect(unwell(mistakes)).toEqual([
    expect.stringMatching(/^settings fail PORT: expected/),
    expect.stringMatching(/^settings fail RETENTION_DAYS: expected/),
  ]);
  const [misspelt] = unwell(await findings(await production({ RETENTION_DAY: '7' })));
  expect(misspelt).toMatch(/^settings warn RETENTION_DAY is no setting .*RETENTION_DAYS/);
});

test('a PostgreSQL that cannot be reached is a finding with its cure, and the rest is looked at', async () => {
  const DATABASE_URL = `postgresql://u:secret@127.0.0.1:${await freePort()}/none`;
  const found = await findings({ DATABASE_URL, MASTER_KEY });
  expect(unwell(found)).toEqual([
    expect.stringMatching(/^database fail DATABASE_URL: .*ECONNREFUSED.*Start PostgreSQL there/),
  ]);
  expect(found.at(-1)!.check).toBe('egress');
  expect(JSON.stringify(found)).not.toContain('secret');
});

test('a database without tables says what is to come, and nothing is written to it', async () => {
  const DATABASE_URL = await createDatabaseUrl('template0');
  const found = await findings({ DATABASE_URL, MASTER_KEY });
  expect(unwell(found)).toEqual([
    expect.stringMatching(/^database warn \d+ migrations are to come: the next start makes them/),
    expect.stringMatching(/^database warn tables of the queue \(pg-boss\) are to come/),
  ]);
  const { rows } = await runSql(
    DATABASE_URL,
    `select relname from pg_class where relnamespace = 'public'::regnamespace`,
  );
  expect(rows).toEqual([]);
});

test('rights that the role lacks are named, as statements to run', async () => {
  await using admin = await connectAdmin();
  const databaseUrl = await createDatabaseUrl();
  const role = await admin.createRole();
  const found = unwell(await findings({ DATABASE_URL: role.urlOf(databaseOf(databaseUrl)), MASTER_KEY }));
  expect(found).toContainEqual(
    expect.stringMatching(/^rights fail .*GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES/),
  );
});

test('a setting of PostgreSQL that puts data at risk is named', async () => {
  const environment = await production();
  const url = withParameters(environment['DATABASE_URL']!, { options: '-c track_counts=off' });
  const found = unwell(await findings({ ...environment, DATABASE_URL: url }));
  expect(found).toEqual([expect.stringMatching(/^database warn track_counts is off: .* set track_counts=on$/)]);
});

test('a clock that is wrong is a finding', async () => {
  const clock = { ...systemClock, now: () => new Date(Date.now() - 60_000) };
  const found = unwell(await findings(await production(), { clock }));
  expect(found).toEqual([
    expect.stringMatching(/^clock warn the clock of this machine is (59|60)\d{3} ms behind that of PostgreSQL/),
  ]);
});

test('a MASTER_KEY that opens nothing is a finding', async () => {
  await using database = await createTestDatabase();
  const clock = systemClock;
  const ids = createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes });
  const seal = createSeal(Buffer.from(MASTER_KEY, 'base64'), randomBytes);
  await bootstrap({ database, clock, ids, seal, bootstrapApiKey: undefined, eventCatalogs: [] });
  const { databaseUrl: DATABASE_URL } = database;
  expect(unwell(await findings({ DATABASE_URL, MASTER_KEY }))).toEqual([]);
  const found = unwell(await findings({ DATABASE_URL, MASTER_KEY: masterKeyNamed('another') }));
  expect(found).toEqual([expect.stringMatching(/^key fail MASTER_KEY: /)]);
  // It is said before an upgrade, not after it.
  await database.pool.query(
    'delete from _prisma_migrations where migration_name = (select max(migration_name) from _prisma_migrations)',
  );
  const before = unwell(await findings({ DATABASE_URL, MASTER_KEY: masterKeyNamed('another') }));
  expect(before).toEqual([
    expect.stringMatching(/^database warn 1 migration is to come/),
    expect.stringMatching(/^key fail MASTER_KEY: /),
  ]);
});

test('a name server that does not answer is a finding', async () => {
  const [found] = unwell(await findings(await production(), { nameServer: `127.0.0.1:${await freePort()}` }));
  expect(found).toMatch(/^DNS warn the name servers .* do not answer \(ECONNREFUSED\): /);
});

test('a name server that refuses to tell the root of all names answers all the same', async () => {
  await using server = await startNameServer(() => 'REFUSED', { port: 0, address: '127.0.0.1' });
  expect(unwell(await findings(await production(), { nameServer: `127.0.0.1:${server.port}` }))).toEqual([]);
  expect(server.questionCount).toBeGreaterThan(0);
});

test('no name server is needed where the egress proxy resolves names', async () => {
  const EGRESS_PROXY = `http://127.0.0.1:${await freePort()}`;
  const dead = { nameServer: `127.0.0.1:${await freePort()}` };
  const found = await findings(await production({ EGRESS_PROXY, EGRESS_PROXY_RESOLVES: 'true' }), dead);
  expect(unwell(found)).toEqual([]);
  const [named] = unwell(await findings(await production({ EGRESS_PROXY }), dead));
  expect(named).toMatch(/^DNS warn /);
});

test('a process without the role worker is not asked for what sending needs', async () => {
  const dead = { nameServer: `127.0.0.1:${await freePort()}`, url: 'https://receiver.example.com/' };
  const found = await findings(await production({ ROLES: 'api', CONCURRENCY: '4000' }), dead);
  expect(unwell(found)).toEqual([]);
  expect(found.map(({ check }) => check)).not.toContain('DNS');
  expect(found.at(-1)!.text).toBe(`${dead.url} was not tried: the role worker is not among ROLES`);
});

test('the way through the egress proxy is tried, and a fault of the proxy is told from one of the receiver', async () => {
  await using receiver = await startReceiver();
  await using proxy = await startProxy();
  const to = (port: number) => ({
    ALLOWED_NETWORKS: '127.0.0.0/8',
    ALLOW_HTTP_TARGETS: 'true',
    ATTEMPT_TIMEOUT: '1s',
    EGRESS_PROXY: `http://127.0.0.1:${port}`,
  });
  const way = async (port: number) => (await findings(await production(to(port)), { url: receiver.url })).at(-1)!;
  const { port } = proxy.settings;
  expect((await way(port)).text).toContain('is reached through the egress proxy');
  expect(proxy.asked).toEqual([`127.0.0.1:${receiver.port}`]);
  const faults =
    /^PROXY_ERROR: The egress proxy of the service .* Look at EGRESS_PROXY, and at the rules of the proxy\.$/;
  for (const mood of ['hang', 'refuse', 'hangAsked', 'closeEarly'] as const) {
    proxy.behave(mood);
    expect(await way(port), mood).toMatchObject({ status: 'fail', text: expect.stringMatching(faults) });
  }
  expect(await way(await freePort())).toMatchObject({ status: 'fail', text: expect.stringMatching(faults) });
});

test('the way to a receiver is tried as an attempt takes it, and nothing is sent', async () => {
  await using receiver = await startReceiver();
  const closed = await production();
  const open = { ...closed, ALLOWED_NETWORKS: '127.0.0.0/8', ALLOW_HTTP_TARGETS: 'true' };
  const reached = await findings(open, { url: receiver.url });
  expect(reached.at(-1)).toMatchObject({ check: 'egress', status: 'ok', text: expect.stringContaining('is reached') });
  expect(receiver.requests).toEqual([]);
  const way = async (environment: NodeJS.ProcessEnv, url: string) =>
    unwell(await findings(environment, { url })).at(-1);
  expect(await way(closed, receiver.url)).toMatch(/^egress fail .*https:\/\//);
  expect(await way(open, `http://127.0.0.1:${await freePort()}/`)).toMatch(/^egress fail CONNECTION_ERROR: /);
  expect(await way(open, 'http://no.such.name.example/')).toMatch(/^egress fail DNS_ERROR: /);
});

test('in local mode a new DATA_DIR is left unmade', async () => {
  await using folder = await createFolder('hookcast-doctor-');
  const found = await findings({ DATA_DIR: `${folder.path}/data` });
  expect(unwell(found)).toEqual([]);
  expect(found).toContainEqual({
    check: 'database',
    status: 'ok',
    text: `DATA_DIR: ${folder.path}/data is made at the first start`,
  });
  expect(await readdir(folder.path)).toEqual([]);
});

test('a DATA_DIR that the first start could not make is told of', async () => {
  await using folder = await createFolder('hookcast-doctor-');
  await writeFile(`${folder.path}/file`, '');
  for (const dataDir of [`${folder.path}/file`, `${folder.path}/file/deep/data`]) {
    expect(unwell(await findings({ DATA_DIR: dataDir }))).toEqual([
      expect.stringMatching(/^database fail DATA_DIR: ENOTDIR: .*\. Name a folder that this account may write to$/),
    ]);
  }
});

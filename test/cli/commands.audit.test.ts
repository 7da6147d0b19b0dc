/**
 * Every command leaves rows in the audit log, or stands in the list of those that change no settings: a command that is
 * added tomorrow is held to it too.
 */
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { systemClock } from '../../src/clock.ts';
import { connectDatabase } from '../../src/database/client.ts';
import { loadCatalog, OWN_CATALOG } from '../../src/domain/event-types/catalogs.ts';
import { MASTER_KEY, runCli, startCli } from '../support/cli.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { startService } from '../support/service.ts';

const namesOf = (group: string) => [...COMMANDS.keys()].filter((name) => name.startsWith(group));

/** With the reason. */
const NOT_SETTINGS: Readonly<Record<string, string>> = {
  doctor: 'looks, and writes nothing',
  health: 'asks, and writes nothing',
  migrate: 'the shape of the tables, which _prisma_migrations records; a change of data in a migration says so there',
  demo: 'it works on a database of its own, which goes with it',
  'keys list': 'it only reads',
  'catalog export': 'it only reads',
  'signing-keys list': 'it only reads',
  completion: 'it prints a script',
  ...Object.fromEntries(
    [...['login', 'logout', 'listen', 'trigger', 'deliveries'], ...namesOf('targets '), ...namesOf('replay ')].map(
      (name) => [name, 'it asks the API, whose mutations leave their own rows'],
    ),
  ),
};

const NEXT_MASTER_KEY = Buffer.from('the next master key, 32 bytes ok').toString('base64');
const PATIENT = { timeout: 30_000 };

type Row = Readonly<Record<string, any>>;

/** A service that has started once on an empty database and stopped, and the command line there. */
async function setup() {
  const DATABASE_URL = await createDatabaseUrl();
  const database = connectDatabase({ databaseUrl: DATABASE_URL, connections: 2, onConnectionLost: () => {} });
  const service = await startService({ DATABASE_URL, EVENT_CATALOG: 'daya' });
  const query = async (text: string, values: unknown[] = []): Promise<Row[]> =>
    (await database.pool.query(text, values)).rows;
  const [{ id: organizationId }] = (await query('select id from organizations')) as [Row];
  const environment = { DATABASE_URL, MASTER_KEY };
  return {
    service,
    query,
    organizationId,
    fixtures: createFixtures({ database, clock: systemClock }),
    rows: (operation: string) => query('select * from audit_log where operation = $1 order by id', [operation]),
    start: (line: string) => startCli(line.split(' '), { environment }),
    /** What it printed. */
    async cli(line: string, { input, settings = {} }: { input?: string; settings?: NodeJS.ProcessEnv } = {}) {
      const options = { environment: { ...environment, ...settings }, ...(input !== undefined && { input }) };
      const { exitCode, stdout, stderr } = await runCli(line.split(' '), options);
      if (exitCode !== 0) throw new Error(stderr);
      return JSON.parse(stdout);
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await database.close();
    },
  };
}

type Subject = Awaited<ReturnType<typeof setup>>;

const BY_COMMAND = { actor: 'COMMAND_LINE', api_key_id: null, api_key_name: null };

/** Runs each command so that it changes something, and says what its rows must be. */
const AUDITED: Readonly<Record<string, (t: Subject) => Promise<void>>> = {
  async serve(t) {
    const by = { actor: 'SERVICE', api_key_id: null };
    const rows = await t.rows('start');
    expect(Map.groupBy(rows, ({ subject_type }) => subject_type).size).toBe(4);
    const types = loadCatalog(['daya', OWN_CATALOG]);
    expect(rows.filter(({ subject_type }) => subject_type === 'EventType')).toHaveLength(types.length);
    const named = (type: string) => rows.filter(({ subject_type }) => subject_type === type);
    expect(named('Organization')).toMatchObject([{ ...by, organization_id: null, after: { name: 'Default' } }]);
    expect(named('SigningKey')).toMatchObject([{ ...by, organization_id: null, before: null }]);
    expect(named('ApiKey')).toMatchObject([
      { ...by, organization_id: t.organizationId, after: { name: 'Bootstrap', scopes: ['PLATFORM_ADMIN'] } },
    ]);
  },

  async 'keys create'(t) {
    const { id, key } = await t.cli('keys create --scopes EVENTS_READ --name CI');
    const rows = await t.rows('keys create');
    const after = { name: 'CI', scopes: ['EVENTS_READ'], rateLimitPerMinute: 100, publicKey: null, expiresAt: null };
    const subject = { subject_type: 'ApiKey', subject_id: id, organization_id: t.organizationId };
    expect(rows).toMatchObject([{ ...BY_COMMAND, ...subject, before: null, after }]);
    expect(JSON.stringify(rows)).not.toContain(key);
  },

  async 'keys revoke'(t) {
    const { id } = await t.fixtures.apiKey({ organizationId: t.organizationId, scopes: ['EVENTS_READ'] });
    for (const _ of [1, 2]) await t.cli(`keys revoke ${id}`);
    expect(await t.rows('keys revoke')).toMatchObject([
      { ...BY_COMMAND, subject_id: id, before: { revokedAt: null }, after: { revokedAt: expect.any(String) } },
    ]);
  },

  async 'catalog import'(t) {
    const eventTypes = [
      { name: 'a.new', category: 'c' },
      { name: 'a.changed', category: 'after' },
      { name: 'a.same', category: 'c', displayName: 'a.same' },
    ];
    for (const name of ['a.changed', 'a.same']) await t.fixtures.eventType({ name, category: 'c' });
    const input = JSON.stringify({ eventTypes });
    await t.cli('catalog import --dry-run', { input });
    expect(await t.rows('catalog import')).toEqual([]);
    for (const _ of [1, 2]) await t.cli('catalog import', { input });
    expect(await t.rows('catalog import')).toMatchObject([
      { ...BY_COMMAND, organization_id: null, subject_id: 'a.new', before: null },
      { ...BY_COMMAND, subject_id: 'a.changed', before: { category: 'c' }, after: { category: 'after' } },
    ]);
  },

  async 'signing-keys rotate'(t) {
    const child = t.start('signing-keys rotate'); // It waits for the publication.
    try {
      await expect
        .poll(() => t.rows('signing-keys rotate'), PATIENT)
        .toMatchObject([
          { ...BY_COMMAND, subject_type: 'SigningKey', before: null, after: { retiredAt: null } },
          { ...BY_COMMAND, before: { retiredAt: null, expiresAt: null }, after: { retiredAt: expect.any(String) } },
        ]);
    } finally {
      child.kill();
    }
  },

  async 'master-key rotate'(t) {
    await t.service.api('mutation { createWebhookTarget(input: { url: "http://127.0.0.1:2/" }) { secret } }');
    const settings = { MASTER_KEY: NEXT_MASTER_KEY, MASTER_KEY_PREVIOUS: MASTER_KEY };
    const { resealed } = await t.cli('master-key rotate', { settings });
    await t.cli('master-key rotate', { settings });
    const counts = Object.fromEntries(Object.entries(resealed).filter(([, count]) => Number(count) > 0));
    expect(counts).toMatchObject({ 'target_secrets.sealed': 1, 'signing_keys.sealed': expect.any(Number) });
    expect(await t.rows('master-key rotate')).toMatchObject([
      {
        ...BY_COMMAND,
        subject_type: 'MasterKey',
        subject_id: null,
        organization_id: null,
        after: { resealed: counts },
      },
    ]);
  },

  async 'repair-dates'(t) {
    const createdAt = new Date(Date.now() - 5.5 * 3_600_000); // As Prisma stored now where it is 5:30 later.
    const { id } = await t.fixtures.apiKey({ organizationId: t.organizationId, scopes: ['EVENTS_READ'], createdAt });
    await t.cli('repair-dates --zone Asia/Kolkata');
    expect(await t.rows('repair-dates')).toEqual([]);
    for (const _ of [1, 2]) await t.cli('repair-dates --zone Asia/Kolkata --apply');
    const [{ created_at: corrected }] = (await t.query('select created_at from api_keys where id = $1', [id])) as [Row];
    const [before, after] = [{ createdAt: createdAt.toISOString() }, { createdAt: corrected.toISOString() }];
    expect(await t.rows('repair-dates')).toMatchObject([
      { ...BY_COMMAND, subject_id: id, organization_id: t.organizationId, before, after },
    ]);
  },
};

test('every command is one that leaves a row, or is said to change no settings', () => {
  expect([...Object.keys(AUDITED), ...Object.keys(NOT_SETTINGS)].sort()).toEqual([...COMMANDS.keys()].sort());
});

test('every command that changes settings leaves its rows, in one database and one after another', async () => {
  await using t = await setup();
  for (const check of Object.values(AUDITED)) await check(t);
  const before = await t.query('select id from audit_log');
  for (const line of ['migrate', 'keys list', 'catalog export', 'signing-keys list']) await t.cli(line);
  expect(await t.query('select id from audit_log')).toEqual(before);
  const operations = await t.query('select distinct operation from audit_log order by 1');
  const named = Object.keys(AUDITED).map((name) => (name === 'serve' ? 'start' : name));
  expect(operations.map(({ operation }) => operation)).toEqual(['createWebhookTarget', ...named].sort());
});

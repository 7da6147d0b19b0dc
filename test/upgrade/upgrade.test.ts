/** From the database of every earlier release to now, with rows in every table. */
import { readdir } from 'node:fs/promises';
import type pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig, type Environment } from '../../src/config.ts';
import { migrate } from '../../src/database/migrate/migrate.ts';
import { verifyWebhook } from '../../src/verify/index.ts';
import { runCli } from '../support/cli.ts';
import { MASTER_KEY } from '../support/master-key.ts';
import { startProduct } from '../support/product.ts';
import { startReceiver } from '../support/receiver.ts';
import { take } from '../support/take.ts';
import { loadRelease } from '../support/upgrade/load.ts';
import { readRelease, RELEASES } from '../support/upgrade/release.ts';

const NOWHERE = 'http://127.0.0.1:9';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const PATIENT = { timeout: 20_000 };

const MIGRATIONS = new URL('../../prisma/migrations/', import.meta.url);

async function migrationsOnDisk(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

type Columns = Readonly<Record<string, readonly string[]>>;

/** Of our tables and the jobs. */
async function columnsOf(sql: pg.Client): Promise<Columns> {
  const { rows } = await sql.query<{ name: string; columns: string[] }>(
    `select table_schema || '.' || table_name as name, array_agg(quote_ident(column_name)::text order by column_name) as columns
       from information_schema.columns
      where table_schema = 'public' and table_name <> '_prisma_migrations' or table_name = 'job_common'
      group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ name, columns }) => [name, columns]));
}

/** Every row of these columns, as text. */
async function rowsOf(sql: pg.Client, columns: Columns): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const [table, names] of Object.entries(columns)) {
    const { rows } = await sql.query<{ row: string }>(
      `select row(${names.map((name) => `t.${name}`).join(', ')})::text as row from ${table} as t order by 1`,
    );
    tables[table] = rows.map(({ row }) => row);
  }
  return tables;
}

/** The service on the release's database, at the time when the dump was made; time then stands still. */
async function setup(version: string) {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const release = await readRelease(version);
  const receiver = stack.use(await startReceiver());
  const loaded = stack.use(await loadRelease(release, { origin: new URL(receiver.url).origin }));
  const keys = { MASTER_KEY, MASTER_KEY_PREVIOUS: release.masterKey };
  const start = async (settings: Environment = keys) => {
    const product = await startProduct({ DATABASE_URL: loaded.databaseUrl, ...settings }, { now: release.takenAt });
    stack.defer(() => product.stop());
    return product;
  };
  const rows = async (text: string) => (await loaded.sql.query(text)).rows;
  return { release, receiver, loaded, rows, keys, start };
}

describe.each(RELEASES)('from %s', (version) => {
  test('the migrations run, and leave every row as it was', async () => {
    const release = await readRelease(version);
    await using loaded = await loadRelease(release, { origin: NOWHERE });
    const columns = await columnsOf(loaded.sql);
    const before = await rowsOf(loaded.sql, columns);
    for (const [table, rows] of Object.entries(before)) expect(rows, table).not.toEqual([]);
    const { rows } = await loaded.sql.query('select migration_name as name from _prisma_migrations');
    const had = new Set(rows.map(({ name }) => name));

    const applied = await migrate(loaded.databaseUrl);
    expect(applied).toEqual((await migrationsOnDisk()).filter((name) => !had.has(name)));
    const { 'public.settings': settings, ...after } = await rowsOf(loaded.sql, columns);
    const { 'public.settings': settingsBefore, ...others } = before;
    expect(after).toEqual(others);
    // From when on the stream of events has all of them, and from when on a target may ask for order.
    const isNew = (row: string) => row.startsWith('(event_stream_since,') || row.startsWith('(ordering_from,');
    expect(settings!.some((row) => row.startsWith('(ordering_from,'))).toBe(true);
    expect(settings!.filter((row) => !isNew(row))).toEqual(settingsBefore);
    expect(await migrate(loaded.databaseUrl)).toEqual([]);
  });

  test('the service starts on it, opens its secrets, and sends what waits, what is dated and what was under way', async () => {
    const t = await setup(version);
    const product = await t.start();
    const waiting = [await t.receiver.next(isFor('/ok')), await t.receiver.next(isFor('/ok'))];
    const publicKeys = (await product.platform.run('{ signingKeys { publicKeyHex } }')).map(
      ({ publicKeyHex }: { publicKeyHex: string }) => publicKeyHex,
    );
    for (const { headers, body } of waiting) {
      const keys = { publicKeys, secrets: [t.release.secret], now: product.clock.now() };
      expect(await verifyWebhook({ headers, body, ...keys })).toMatchObject({ ok: true });
    }
    await t.receiver.next(isFor('/fails')); // Retried by hand.
    expect(t.receiver.requests.filter(isFor('/fails'))).toHaveLength(1);

    // The worker that held this job is gone: its heartbeat lapses, and whoever supervises the queue sees it.
    await product.clock.boss.tick(15 * SECOND);
    await product.advance(0);
    await t.receiver.next(isFor('/hangs'));
    await product.advance(10 * MINUTE);
    await t.receiver.next(isFor('/fails'));
    await expect
      .poll(() => t.rows(`select status, held, count(*)::int from deliveries group by 1, 2 order by 1, 2`), PATIENT)
      .toEqual([
        { status: 'PENDING', held: true, count: 1 },
        { status: 'DELIVERED', held: false, count: 6 },
        { status: 'FAILED', held: false, count: 2 },
        { status: 'CANCELLED', held: false, count: 2 },
      ]);
    expect(await t.rows('select from pgboss.job_common')).toEqual([]);
    expect(product.logs.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  test('what was paused is sent when its target is active again', async () => {
    const t = await setup(version);
    const product = await t.start();
    const [{ id }] = await t.rows(`select id from webhook_targets where status = 'PAUSED'`);
    await product.platform.updateTarget({ id, status: 'ACTIVE' });
    await product.advance(5 * SECOND);
    await t.receiver.next(isFor('/paused'));
  });

  test('streams go on from cursors of that release: every change since, once and in order, and then new ones', async () => {
    const t = await setup(version);
    const product = await t.start();
    const position = (cursor: string) => {
      const bytes = Buffer.from(cursor.slice(16), 'base64url');
      return `(xid, seq) > ('${bytes.readBigUInt64BE(0)}'::xid8, ${bytes.readBigUInt64BE(8)})`;
    };
    await t.receiver.next(isFor('/ok'));
    await t.receiver.next(isFor('/ok'));
    await expect.poll(() => t.rows(`select from deliveries where status = 'DELIVERED'`), PATIENT).toHaveLength(4);

    const { deliveryCursor, targetCursor } = t.loaded;
    const deliveries = await t.rows(
      `select delivery_id as id, status from delivery_changes where ${position(deliveryCursor)} order by xid, seq`,
    );
    expect(deliveries.length).toBeGreaterThan(12);
    const client = { url: product.url, apiKey: t.release.apiKey };
    const seen = await take<{ status: string; delivery: { id: string } }>({
      ...client,
      query: WATCH,
      after: deliveryCursor,
      count: deliveries.length,
    });
    expect(seen.map(({ status, delivery: { id } }) => ({ id, status }))).toEqual(deliveries);

    const targets = await t.rows(
      `select target_id as id, status from target_changes where ${position(targetCursor)} order by xid, seq`,
    );
    expect(targets.length).toBeGreaterThan(3);
    const seenTargets = await take<{ status: string; target: { id: string } }>({
      ...client,
      query: WATCH_TARGETS,
      after: targetCursor,
      count: targets.length,
    });
    expect(seenTargets.map(({ status, target: { id } }) => ({ id, status }))).toEqual(targets);
  });

  test('a mutation that it answered is answered alike, and one that it did not end is ended, once', async () => {
    const t = await setup(version);
    const { platform } = await t.start();
    const { answered, interrupted } = t.release;
    const again = await platform.ask(answered.query, {}, { 'idempotency-key': answered.key });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(JSON.parse(answered.body));
    const ended = await platform.ask(interrupted.query, {}, { 'idempotency-key': interrupted.key });
    expect(ended.body.data).toMatchObject({ updateWebhookTarget: { target: { name: 'renamed' }, userErrors: [] } });
    const { id } = ended.body.data.createOrganization.organization;
    expect(await t.rows(`select id from organizations where name = 'Interrupted'`)).toEqual([{ id }]);
  });
});

test('a deployment of 0.1.0 whose master key is refused now leaves it, and its secrets sign on', async () => {
  const t = await setup('0.1.0');
  const DATABASE_URL = t.loaded.databaseUrl;
  expect(() => loadConfig({ DATABASE_URL, MASTER_KEY: t.release.masterKey })).toThrow(
    /MASTER_KEY: .*the same byte 32 times.*MASTER_KEY_PREVIOUS.*`hookcast master-key rotate`/,
  );
  const environment = { DATABASE_URL, ...t.keys };
  expect(await runCli(['migrate'], { environment })).toMatchObject({ exitCode: 0 });
  const { exitCode, stdout } = await runCli(['master-key', 'rotate'], { environment });
  const { resealed, failed } = JSON.parse(stdout) as { resealed: Record<string, number>; failed: object[] };
  expect([exitCode, failed]).toEqual([0, []]);
  const {
    'webhook_targets.sealed_headers': headersCount,
    'target_certificates.sealed': certificateCount,
    'target_destinations.sealed_headers': destinationCount,
    'hash_keys.sealed': hashKeyCount,
    ...known
  } = resealed;
  expect([headersCount, certificateCount, destinationCount, hashKeyCount]).toEqual([0, 0, 0, 0]); // That release had none.
  for (const [place, count] of Object.entries(known)) expect(count, place).toBeGreaterThan(0);

  const product = await t.start({ MASTER_KEY });
  const { headers, body } = await t.receiver.next(isFor('/ok'));
  const keys = { secrets: [t.release.secret], now: product.clock.now() };
  expect(await verifyWebhook({ headers, body, ...keys })).toMatchObject({ ok: true });
});

const WATCH = `subscription ($after: String) { deliveryStatusChanged(after: $after) { status delivery { id } } }`;
const WATCH_TARGETS = `subscription ($after: String) {
  webhookTargetStatusChanged(after: $after) { status target { id } }
}`;

const isFor = (path: string) => (request: { readonly url: string }) => request.url === path;

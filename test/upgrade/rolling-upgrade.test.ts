/** For the time of an upgrade, processes of the release before it run beside those of this version. */
import pg from 'pg';
import { expect, onTestFinished, test, type TestContext } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { connectDatabase } from '../../src/database/client.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { WRITTEN_BY_BOTH, WRITTEN_BY_SQL } from '../../src/manage/date-columns.ts';
import { createAdopter } from '../../src/pipeline/upkeep/adopt-events.ts';
import { refusalOf } from '../fault/stage/watchers.ts';
import { runCli } from '../support/cli.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { MASTER_KEY } from '../support/master-key.ts';
import { startReceiver } from '../support/receiver.ts';
import { API_KEY, PUBLISH, startService, type PublishedEvent, type Service } from '../support/service.ts';
import { take } from '../support/take.ts';
import { checkOut } from '../support/upgrade/check-out.ts';
import { readRelease, RELEASES } from '../support/upgrade/release.ts';

const EACH = 10;
/** Of the database, as far as nobody says otherwise: the old release did not. */
const ZONE = 'Asia/Kolkata';
const ZONE_MS = 330 * 60_000;
const DAY_MS = 86_400_000;
const PATIENT = { timeout: 20_000 };
const TYPE = 'trade.executed';

/** An empty database, and the two versions to start on it. Skips the test where the old one cannot be had. */
async function setup(version: string, context: TestContext) {
  const { commit, masterKey } = await readRelease(version);
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const old = await checkOut(commit);
  if (!old) {
    context.skip(
      `Not tested: release ${version} is commit ${commit}, and the history of this folder does not have it.`,
    );
  }
  stack.use(old);
  const answers = new Map<string, number>();
  const receiver = stack.use(await startReceiver(({ url }) => answers.get(url) ?? 200));
  const DATABASE_URL = await createDatabaseUrl('template0');
  const sql = new pg.Client({ connectionString: DATABASE_URL });
  await sql.connect();
  stack.defer(() => sql.end());
  await sql.query(`alter database ${new URL(DATABASE_URL).pathname.slice(1)} set timezone = '${ZONE}'`);
  const services: Service[] = [];
  // Both open what either seals: as src/app/README.md says, the old release is told of the new key first.
  const oldKeys = { MASTER_KEY: masterKey, MASTER_KEY_PREVIOUS: MASTER_KEY };
  const newKeys = { MASTER_KEY, MASTER_KEY_PREVIOUS: masterKey };
  const start = async (settings: NodeJS.ProcessEnv, main?: string) => {
    const service = stack.use(await startService({ DATABASE_URL, EVENT_CATALOG: 'daya', ...settings }, main));
    services.push(service);
    return service;
  };
  const rows = async (text: string) => (await sql.query(text)).rows;
  return {
    receiver,
    answers,
    services,
    rows,
    startOld: (roles: string) => start({ ROLES: roles, ...oldKeys }, old.main),
    startNew: (roles: string, keys = newKeys) => start({ ROLES: roles, ...keys }),
    /** Does what a worker does one to two minutes later. */
    async adopt(): Promise<void> {
      const database = connectDatabase({ databaseUrl: DATABASE_URL, connections: 2, onConnectionLost: () => {} });
      const now = () => new Date(Date.now() + 120_000);
      const onError = (error: unknown) => expect.unreachable(String(error));
      await createAdopter({ database, clock: { ...systemClock, now }, onAdopted: () => {}, onError }).run();
      await database.close();
    },
    /** Seals everything under the new key; returns how many values the old one still seals. */
    async leaveOldKey(): Promise<number> {
      const environment = { DATABASE_URL, ...newKeys };
      const { exitCode, stderr } = await runCli(['master-key', 'rotate'], { environment });
      expect(exitCode, stderr).toBe(0);
      const { keyId } = createSeal(Buffer.from(masterKey, 'base64'), () => Buffer.alloc(0));
      const { rows: left } = await sql.query(
        `select from (select sealed from target_secrets union all select sealed from signing_keys) as values
          where substring(sealed from 2 for 4) = $1`,
        [keyId],
      );
      return left.length;
    },
  };
}

/** Ids of the deliveries. */
async function publish(service: Service): Promise<string[]> {
  const one = async (number: number) => {
    const { publishEvent } = await service.api<PublishedEvent>(PUBLISH, { type: TYPE, data: { number } });
    return publishEvent.event.deliveries.nodes.map(({ id }) => id);
  };
  return (await Promise.all(Array.from({ length: EACH }, (_, number) => one(number)))).flat();
}

const createTarget = async (service: Service, url: string): Promise<void> => {
  await service.api(
    `mutation { createWebhookTarget(input: { url: "${url}", global: true }) { userErrors { message } } }`,
  );
};

/** By this process, as its log says. */
const attempted = (service: Service): string[] =>
  service.logs.filter(({ msg }) => msg === 'delivery.attempted').map(({ deliveryId }) => String(deliveryId));

async function untilAttempted(service: Service, ids: readonly string[]): Promise<void> {
  await expect.poll(() => attempted(service), PATIENT).toEqual(expect.arrayContaining([...ids]));
}

/**
 * Whoever wrote a date in another zone, it is right, or wrong, as src/manage/date-columns.ts says. Dates of this run are of
 * now, or are set days ahead or back; what Prisma wrote is off by hours.
 */
async function expectDatesAsListed(rows: (text: string) => Promise<{ value: Date }[]>): Promise<void> {
  const isNear = (value: Date, shiftMs = 0) => {
    const ms = Math.abs(value.getTime() + shiftMs - Date.now()) % DAY_MS;
    return Math.min(ms, DAY_MS - ms) < 30 * 60_000;
  };
  for (const [table, columns] of [WRITTEN_BY_SQL, WRITTEN_BY_BOTH].flatMap((dates) => Object.entries(dates))) {
    for (const column of columns) {
      const dates = await rows(`select ${column} as value from ${table} where ${column} is not null`);
      expect(
        dates.filter(({ value }) => !isNear(value)),
        `${table}.${column}`,
      ).toEqual([]);
    }
  }
  const [first] = await rows('select started_at as value from _prisma_migrations order by migration_name limit 1');
  expect([isNear(first!.value), isNear(first!.value, ZONE_MS)]).toEqual([false, true]);
}

test.for(RELEASES)(
  '%s and this version publish, deliver and stream side by side: each takes the jobs of the other, and nothing is lost',
  { timeout: 120_000 },
  async (version, context) => {
    const t = await setup(version, context);
    const origin = new URL(t.receiver.url).origin;
    const old = await t.startOld('api,worker');
    await createTarget(old, `${origin}/ok`);
    const { deliveryStreamCursor: cursor } = await old.api<{ deliveryStreamCursor: string }>(
      '{ deliveryStreamCursor }',
    );

    // This version migrates, and the old one works on: it is the only worker, for both.
    const newApi = await t.startNew('api');
    const first = [...(await publish(old)), ...(await publish(newApi))];
    await untilAttempted(old, first);

    // Both work.
    const newWorker = await t.startNew('worker');
    const second = [...(await publish(old)), ...(await publish(newApi))];
    await expect
      .poll(() => [...attempted(old), ...attempted(newWorker)], PATIENT)
      .toEqual(expect.arrayContaining(second));

    // The old one begins, this version goes on. Then the old one is stopped, and started once more, for the API only.
    t.answers.set('/fails', 500);
    await createTarget(old, `${origin}/fails`);
    const third = await publish(newApi);
    await expect.poll(() => t.rows(`select from deliveries where status = 'RETRYING'`), PATIENT).toHaveLength(EACH);
    await old.kill('SIGTERM');
    const oldApi = await t.startOld('api');
    t.answers.delete('/fails');
    const retried = (await t.rows(`select id from deliveries where status = 'RETRYING' order by id`)).map(
      ({ id }) => id,
    );
    const retry = (service: Service, id: string) =>
      service.api(`mutation { retryDelivery(input: { id: "${id}" }) { userErrors { message } } }`);
    for (const [index, id] of retried.entries()) await retry(index % 2 === 0 ? oldApi : newApi, id);
    const fourth = [...(await publish(oldApi)), ...(await publish(newApi))];
    await untilAttempted(newWorker, [...retried, ...fourth]);

    const ids = [...first, ...second, ...third, ...fourth].sort();
    await expect.poll(() => t.rows(`select from deliveries where status <> 'DELIVERED'`), PATIENT).toEqual([]);
    expect((await t.rows('select id from deliveries order by id')).map(({ id }) => id)).toEqual(ids);
    expect(await t.rows('select from pgboss.job_common')).toEqual([]);

    const changes = await t.rows('select delivery_id as id, status from delivery_changes order by xid, seq');
    for (const { origin: url } of [oldApi, newApi]) {
      const watched = { url, apiKey: API_KEY, query: WATCH, after: cursor, count: changes.length };
      const seen = await take<{ status: string; delivery: { id: string } }>(watched);
      expect(seen.map(({ status, delivery: { id } }) => ({ id, status }))).toEqual(changes);
    }
    await expectDatesAsListed(t.rows);

    // The stream of events has those that the old release published, too.
    await t.adopt();
    const published = await t.rows('select id from events order by id');
    expect(await t.rows('select event_id as id from event_changes order by event_id')).toEqual(published);

    // The new release runs alone, and the key that it refuses for itself goes.
    for (const service of [oldApi, newApi, newWorker]) await service.kill('SIGTERM');
    expect(await t.leaveOldKey()).toBe(0);
    const after = await t.startNew('api,worker', { MASTER_KEY, MASTER_KEY_PREVIOUS: '' });
    await untilAttempted(after, await publish(after));
    const complaints = t.services.flatMap(({ logs }) => logs.filter(({ level }) => Number(level) >= 40));
    expect(complaints).toEqual([]);
  },
);

test.for(RELEASES)(
  'clients move between %s and this version: this one goes on from cursors of the old one, which answers CURSOR_EXPIRED',
  { timeout: 120_000 },
  async (version, context) => {
    const t = await setup(version, context);
    const old = await t.startOld('api,worker');
    await createTarget(old, t.receiver.url);
    const cursorOf = async (service: Service) =>
      (await service.api<{ deliveryStreamCursor: string }>('{ deliveryStreamCursor }')).deliveryStreamCursor;
    const origin = await cursorOf(old);
    await publish(old);
    await expect.poll(() => t.rows(`select from deliveries where status = 'DELIVERED'`), PATIENT).toHaveLength(EACH);
    const watch = (service: Service, after: string, count: number) =>
      take<Seen>({ url: service.origin, apiKey: API_KEY, query: WATCH_CURSORS, after, count });
    const byOld = await watch(old, origin, 2 * EACH);
    const newest = await cursorOf(old);

    const newApi = await t.startNew('api');
    const withoutCursor = (changes: readonly Seen[]) => changes.map(({ cursor: _, ...change }) => change);
    expect(withoutCursor(await watch(newApi, origin, 2 * EACH))).toEqual(withoutCursor(byOld));
    const byNew = await watch(newApi, byOld[4]!.cursor, 2 * EACH - 5);
    expect(withoutCursor(byNew)).toEqual(withoutCursor(byOld.slice(5)));
    for (const cursor of [byNew[0]!.cursor, byNew.at(-1)!.cursor, await cursorOf(newApi)]) {
      expect(await refusalOf(old.origin, cursor)).toBe('CURSOR_EXPIRED');
    }
    // The cursor of a list, which names the newest change of everybody.
    const next = watch(newApi, newest, 2);
    const [id] = await publish(newApi);
    expect((await next).map(({ delivery }) => delivery.id)).toContain(id);
  },
);

const WATCH = `subscription ($after: String) { deliveryStatusChanged(after: $after) { status delivery { id } } }`;

type Seen = { readonly cursor: string; readonly status: string; readonly delivery: { readonly id: string } };
const WATCH_CURSORS = WATCH.replace('{ status', '{ cursor status');

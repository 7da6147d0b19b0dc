/** PostgreSQL goes away, refuses, or loses its connections under a service that keeps running. */
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { openGate } from '../fault/stage/gate.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { API_KEY, CREATE_TARGET, PUBLISH, startService } from '../support/service.ts';
import { sqlConfig } from '../support/sql.ts';

const UNAVAILABLE = [503, 'SERVICE_UNAVAILABLE'];
const LONG = { timeout: 60_000 };

async function setup() {
  const stack = new AsyncDisposableStack();
  const direct = await createDatabaseUrl();
  const pool = new pg.Pool(sqlConfig(direct));
  pool.on('error', () => {});
  stack.defer(() => pool.end());
  const port = () => Number(new URL(direct).port);
  let gate: Awaited<ReturnType<typeof openGate>> | undefined = await openGate({ port });
  const at = gate.port;
  stack.defer(() => gate?.[Symbol.dispose]());
  const url = new URL(direct);
  url.port = String(at);
  const receiver = stack.use(await startReceiver());
  const service = stack.use(await startService({ DATABASE_URL: url.href }));
  await service.api(CREATE_TARGET, { url: receiver.url });
  const status = async (path: string) => (await fetch(service.origin + path)).status;
  return {
    receiver,
    service,
    rows: async (sql: string) => (await pool.query(sql)).rows,
    status,
    refuseConnections() {
      gate?.[Symbol.dispose]();
      gate = undefined;
    },
    acceptConnections: async () => void (gate = await openGate({ at, port })),
    startAgain: () => startService({ DATABASE_URL: url.href, ROLES: 'worker' }),
    /** Status and error code of a publish. */
    async publish() {
      const response = await fetch(service.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
        body: JSON.stringify({ query: PUBLISH, variables: { type: 'user.created', data: {} } }),
      });
      const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
      return [response.status, errors?.[0]?.extensions.code];
    },
    untilReady: (code: number) => expect.poll(() => status('/readyz'), { timeout: 20_000 }).toBe(code),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test(
  'while connections are refused, the service is alive, not ready and refuses; then it delivers again',
  LONG,
  async () => {
    await using t = await setup();
    await t.untilReady(200);
    t.refuseConnections();
    await t.untilReady(503);
    expect(await t.publish()).toEqual(UNAVAILABLE);
    expect(await t.status('/healthz')).toBe(200);
    await t.acceptConnections();
    await t.untilReady(200);
    expect(await t.publish()).toEqual([200, undefined]);
    await t.receiver.next();
    expect(await t.rows(`select from events where event_type = 'user.created'`)).toHaveLength(1);
    expect(t.service.process.exitCode).toBe(null);
  },
);

test(
  'an attempt that was answered while connections are refused is recorded when they are not, without a repetition',
  LONG,
  async () => {
    await using t = await setup();
    const answer = Promise.withResolvers<number>();
    t.receiver.respondWith(() => answer.promise);
    await t.publish();
    await t.receiver.next();
    t.refuseConnections();
    const failed = t.service.logged('worker.failed');
    answer.resolve(200);
    await failed;
    const settled = t.service.logged('delivery.attempted');
    await t.acceptConnections();
    await settled;
    expect(await t.rows('select status from deliveries')).toEqual([{ status: 'DELIVERED' }]);
    expect(t.receiver.requests).toHaveLength(1);
  },
);

test('all backends are terminated under load: what is acknowledged arrives', LONG, async () => {
  await using t = await setup();
  let acknowledged = 0;
  const publish = async () => {
    const [, code] = await t.publish();
    expect([undefined, 'SERVICE_UNAVAILABLE']).toContain(code);
    if (!code) acknowledged++;
  };
  for (let round = 0; round < 5; round++) {
    const publishing = Array.from({ length: 20 }, publish);
    await t.receiver.next();
    await t.rows(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await Promise.all(publishing);
  }
  await expect.poll(t.publish).toEqual([200, undefined]);
  const open = async () => (await t.rows("select from deliveries where status <> 'DELIVERED'")).length;
  await expect.poll(open, { timeout: 30_000 }).toBe(0);
  expect(acknowledged).toBeGreaterThan(0);
  expect((await t.rows(`select from events where event_type = 'user.created'`)).length).toBeGreaterThan(acknowledged);
  expect((await t.rows('select from delivery_attempts')).length).toBe((await t.rows('select from deliveries')).length);
  await t.untilReady(200);
});

test(
  'a publish that Postgres has no space for is refused and not acknowledged; with space again, all goes on',
  LONG,
  async () => {
    await using t = await setup();
    await t.rows(`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`);
    await t.rows('create trigger full_disk before insert on events for each row execute function refuse()');
    expect(await t.publish()).toEqual(UNAVAILABLE);
    expect([await t.status('/readyz'), await t.status('/healthz')]).toEqual([503, 200]);
    await t.rows('drop trigger full_disk on events');
    await t.untilReady(200);
    expect(await t.publish()).toEqual([200, undefined]);
    await t.receiver.next();
    expect(await t.rows(`select from events where event_type = 'user.created'`)).toHaveLength(1);
  },
);

test(
  'SIGTERM under load drains within 25 s: nothing is sent twice, and the next process sends the rest',
  LONG,
  async () => {
    await using t = await setup();
    const stopping = Promise.withResolvers<void>();
    t.receiver.respondWith(async () => {
      await stopping.promise;
      await setTimeout(20 + Math.random() * 200);
      return 200;
    });
    const EVENTS = 300;
    await Promise.all(Array.from({ length: EVENTS }, t.publish));
    await t.receiver.next();
    const begun = t.service.logged('service.stopping');
    const stoppingMs = performance.now();
    const stopped = t.service.kill('SIGTERM');
    await begun;
    stopping.resolve();
    await stopped;
    expect(t.service.process.exitCode).toBe(0);
    expect(performance.now() - stoppingMs).toBeLessThan(25_000);
    const sent = t.receiver.requests.length;
    expect(sent).toBeLessThan(EVENTS);
    expect(await t.rows('select from delivery_attempts')).toHaveLength(sent);

    t.receiver.respondWith(200);
    await using _next = await t.startAgain();
    const open = async () => (await t.rows("select from deliveries where status <> 'DELIVERED'")).length;
    await expect.poll(open, { timeout: 30_000 }).toBe(0);
    expect(t.receiver.requests).toHaveLength(EVENTS);
  },
);

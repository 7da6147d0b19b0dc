/** A synchronous standby is away: commits hang under a service that keeps running. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startReceiver } from '../support/receiver.ts';
import { API_KEY, CREATE_TARGET, startService } from '../support/service.ts';
import { startStallingServer, type StallingServer } from '../support/postgres/stalling-server.ts';

const LONG = { timeout: 120_000 };
let server: StallingServer;
beforeAll(async () => void (server = await startStallingServer()), 120_000);
afterEach(() => server.resume());
afterAll(() => server?.[Symbol.asyncDispose]());

const PUBLISH = `mutation ($key: String) {
  publishEvent(input: { eventType: "user.created", data: {}, idempotencyKey: $key }) { event { id } userErrors { message } }
}`;

/** Without the events of the service itself. */
const PUBLISHED = `select id from events where event_type = 'user.created' order by id`;

type Answer = {
  readonly status: number;
  readonly code?: string;
  readonly message?: string;
  readonly eventId?: string;
  readonly ms: number;
};

async function setup(environment: NodeJS.ProcessEnv = {}) {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await server.createDatabase());
  const receiver = stack.use(await startReceiver());
  const service = stack.use(await startService({ DATABASE_URL: database.databaseUrl, ...environment }));
  await service.api(CREATE_TARGET, { url: receiver.url });
  const ready = async () => {
    const response = await fetch(`${service.origin}/readyz`);
    const { missing = [] } = (await response.json()) as { missing?: string[] };
    return { status: response.status, missing };
  };
  return {
    database,
    receiver,
    service,
    ready,
    /** `header`: the Idempotency-Key. `key`: the idempotencyKey of the input. */
    async publish({ header, key }: { header?: string; key?: string } = {}): Promise<Answer> {
      const startedMs = performance.now();
      const response = await fetch(service.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-api-key': API_KEY,
          ...(header && { 'idempotency-key': header }),
        },
        body: JSON.stringify({ query: PUBLISH, variables: { key } }),
      });
      const { data, errors } = (await response.json()) as {
        data?: { publishEvent?: { event: { id: string } } };
        errors?: { message: string; extensions: { code: string } }[];
      };
      return {
        status: response.status,
        ms: performance.now() - startedMs,
        ...(errors && { code: errors[0]!.extensions.code, message: errors[0]!.message }),
        ...(data?.publishEvent && { eventId: data.publishEvent.event.id }),
      };
    },
    events: async () => (await database.reads.query(PUBLISHED)).rows.map(({ id }) => id),
    untilReady: (status: number, timeout: number) =>
      expect.poll(async () => (await ready()).status, { timeout }).toBe(status),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test(
  'while commits hang, the service is unready within 10 s and every publish is answered within 15 s; then all goes on by itself',
  LONG,
  async () => {
    await using t = await setup();
    await t.untilReady(200, 20_000);
    await server.stall();
    const publishing = [
      ...Array.from({ length: 30 }, () => t.publish()),
      ...Array.from({ length: 5 }, () => t.publish({ header: 'h' })),
      ...Array.from({ length: 5 }, () => t.publish({ key: 'k' })),
    ];
    await t.untilReady(503, 10_000);
    expect((await t.ready()).missing).toContain('publish');
    const answers = await Promise.all(publishing);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(15_000);
    for (const { status, code } of answers) {
      expect([
        [503, 'SERVICE_UNAVAILABLE'],
        [409, 'IDEMPOTENCY_IN_PROGRESS'],
      ]).toContainEqual([status, code]);
    }
    expect(
      answers.filter(({ message }) => message!.includes('may or may not have been published')).length,
    ).toBeGreaterThan(0);
    // However much was sent: those of the two lanes of publishing, and little more.
    expect((await server.untilHanging(t.database)).length).toBeLessThanOrEqual(4);
    expect(await t.events()).toEqual([]);

    await server.resume();
    await t.untilReady(200, 20_000);
    const repeated = [await t.publish({ header: 'h' }), await t.publish({ header: 'h' })];
    expect(repeated.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(repeated.map(({ eventId }) => eventId)).size).toBe(1);
    const again = [await t.publish({ key: 'k' }), await t.publish({ key: 'k' })];
    expect(new Set(again.map(({ eventId }) => eventId)).size).toBe(1);
    const rows = (await t.database.reads.query('select id from events where idempotency_key is not null')).rows;
    expect(rows).toHaveLength(1);
    const open = async () =>
      (await t.database.reads.query("select from deliveries where status <> 'DELIVERED'")).rowCount;
    await expect.poll(open, { timeout: 30_000 }).toBe(0);
    expect(t.receiver.requests).toHaveLength((await t.events()).length); // Each event once.
  },
);

test('while no outcome can be committed, a worker is unready and sends nothing twice', LONG, async () => {
  await using t = await setup();
  const answer = Promise.withResolvers<number>();
  t.receiver.respondWith(() => answer.promise);
  await t.publish();
  await t.receiver.next();
  await server.stall();
  answer.resolve(200);
  await t.untilReady(503, 10_000);
  expect((await t.ready()).missing).toEqual(['worker']);
  await server.resume();
  await t.untilReady(200, 20_000);
  expect((await t.database.reads.query('select status from deliveries')).rows).toEqual([{ status: 'DELIVERED' }]);
  expect(t.receiver.requests).toHaveLength(1);
});

test('SIGTERM ends a process whose commits hang within 25 s', LONG, async () => {
  await using t = await setup();
  await server.stall();
  const publishing = Promise.allSettled([t.publish()]);
  await server.untilHanging(t.database);
  const startedMs = performance.now();
  await t.service.kill('SIGTERM');
  expect(performance.now() - startedMs).toBeLessThan(25_000);
  expect(t.service.process.exitCode).toBe(0);
  await publishing;
});

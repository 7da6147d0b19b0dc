/** Publishing while PostgreSQL does not answer: every publisher is, in time, and nothing is published twice. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Effect } from '../../../src/database/effect.ts';
import { createIdempotency } from '../../../src/database/idempotency.ts';
import { createBodies } from '../../../src/pipeline/bodies.ts';
import { createPublisher } from '../../../src/pipeline/publish/publish.ts';
import { untilBlocked } from '../../support/postgres/blocked.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { startStallingServer, type StallingServer } from '../../support/postgres/stalling-server.ts';
import { KEY_HASH } from '../../support/master-key.ts';

const LONG = { timeout: 60_000 };
let server: StallingServer;
beforeAll(async () => void (server = await startStallingServer()), 120_000);
afterEach(() => server.resume());
afterAll(() => server?.[Symbol.asyncDispose]());

function parts(t: Pipeline, patienceMs: number) {
  let commits = 0;
  const publisher = createPublisher({
    keyHash: KEY_HASH,
    database: t.database,
    queue: t.queue,
    clock: t.clock,
    ids: t.ids,
    bodies: createBodies(),
    maxAttempts: 10,
    patienceMs,
    onCommit: () => void commits++,
  });
  return {
    publisher,
    publish: (idempotencyKey?: string, effect?: Effect) =>
      publisher.publish(t.caller, { eventType: 'user.created', data: {}, idempotencyKey }, effect),
    events: async (): Promise<string[]> =>
      (await t.database.reads.query('select id from events order by id')).rows.map(({ id }) => id),
    commits: () => commits,
  };
}

/** On the server whose commits can hang. */
async function setup({ patienceMs = 1_500 } = {}) {
  const database = await server.createDatabase();
  const t = await createPipeline({ database });
  await t.fixtures.target({ organizationId: t.organizationId });
  return {
    ...t,
    ...parts(t, patienceMs),
    async [Symbol.asyncDispose]() {
      await server.resume();
      await t[Symbol.asyncDispose]();
    },
  };
}

/** On the common server. Nothing can be written to the table of events until it is unlocked. */
async function setupLocked({ patienceMs = 2_000 } = {}) {
  const t = await createPipeline();
  const locked = await t.database.pool.connect();
  await locked.query('begin');
  await locked.query('lock table events in exclusive mode');
  const unlock = async () => {
    await locked.query('rollback');
    locked.release();
  };
  return { ...t, ...parts(t, patienceMs), unlock, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

const NOT_PUBLISHED = { code: 'SERVICE_UNAVAILABLE', message: expect.stringContaining('Nothing was published') };
const UNKNOWN = {
  code: 'SERVICE_UNAVAILABLE',
  message: expect.stringMatching(/may or may not have been published.*same idempotencyKey or Idempotency-Key/),
};

test('a publish that was not sent in time is refused, and is not published later', LONG, async () => {
  await using t = await setupLocked();
  const first = expect(t.publish()).rejects.toMatchObject(UNKNOWN);
  await untilBlocked(t.database, 1);
  const second = expect(t.publish()).rejects.toMatchObject(UNKNOWN);
  await untilBlocked(t.database, 2);
  await expect(t.publish()).rejects.toMatchObject(NOT_PUBLISHED); // Both lanes are taken.
  await Promise.all([first, second]);
  await t.unlock();
  await expect.poll(async () => (await t.events()).length).toBe(2);
  expect((await t.publish()).ok).toBe(true);
  expect(await t.events()).toHaveLength(3);
});

test('a publish that the database does not take at all is refused in time, and a test event too', LONG, async () => {
  await using t = await createPipeline();
  const { publisher, publish, events } = parts(t, 300);
  const { id: targetId } = await t.fixtures.target({ organizationId: t.organizationId });
  const taken = await Promise.all(Array.from({ length: 10 }, () => t.database.pool.connect()));
  await expect(publish()).rejects.toMatchObject(NOT_PUBLISHED);
  await expect(publisher.sendTest(t.caller, { targetId })).rejects.toMatchObject(NOT_PUBLISHED);
  for (const client of taken) client.release();
  expect((await publish()).ok).toBe(true);
  expect(await events()).toHaveLength(1);
});

test(
  'a publish whose COMMIT hangs may have been published, and the same idempotencyKey gives one event',
  LONG,
  async () => {
    await using t = await setup();
    await server.stall();
    await expect(t.publish('k')).rejects.toMatchObject(UNKNOWN);
    await expect(t.publish('k')).rejects.toMatchObject(UNKNOWN); // It waits for the first one.
    expect([await t.events(), t.commits()]).toEqual([[], 0]);
    await server.resume();
    await expect.poll(async () => (await t.events()).length).toBe(1);
    const repeated = await t.publish('k');
    expect(repeated).toMatchObject({ ok: true, value: { deliveryCount: 1 } });
    expect(await t.events()).toEqual([repeated.ok && repeated.value.eventId]);
  },
);

test('while its commits hang, a publisher keeps two connections and no more', LONG, async () => {
  await using t = await setup({ patienceMs: 300 });
  await server.stall();
  for (let round = 0; round < 5; round++) {
    const settled = await Promise.allSettled(Array.from({ length: 20 }, () => t.publish()));
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
  }
  expect(await server.untilHanging(t.database)).toHaveLength(2);
});

test(
  'a request with an Idempotency-Key whose COMMIT hangs is published once, however often it is repeated',
  LONG,
  async () => {
    await using t = await setup();
    const idempotency = createIdempotency({ ...t });
    const request = { apiKeyId: 'key-1', key: 'k', hash: Buffer.from('hash') };
    const first = await idempotency.acquire(request);
    if (first.state !== 'mine') return expect.unreachable();
    await server.stall();
    await expect(t.publish(undefined, first.lease.effect('x'))).rejects.toMatchObject(UNKNOWN);
    await first.lease.release();
    expect((await idempotency.acquire(request)).state).toBe('running');
    await server.resume();
    for (;;) {
      const repeated = await idempotency.acquire(request);
      if (repeated.state !== 'mine') continue;
      const [eventId] = await t.events();
      expect(repeated.lease.recall('x')).toEqual({ eventId, deliveryCount: 1, filteredCount: 0 });
      break;
    }
    expect(await t.events()).toHaveLength(1);
  },
);

test(
  'a commit whose wait for the standby was cancelled is acknowledged to nobody, not to a repeat either',
  LONG,
  async () => {
    await using t = await setup();
    await server.stall();
    const publishing = expect(t.publish('k')).rejects.toMatchObject(UNKNOWN);
    const [pid] = await server.untilHanging(t.database);
    await server.cancel(pid!);
    await publishing;
    expect(await t.events()).toHaveLength(1); // On this server; a failover would lose it.
    await expect(t.publish('k')).rejects.toMatchObject(UNKNOWN);
    await server.resume();
    const repeated = await t.publish('k');
    expect(repeated.ok && [repeated.value.eventId]).toEqual(await t.events());
  },
);

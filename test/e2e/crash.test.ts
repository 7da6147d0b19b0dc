import { expect, test } from 'vitest';
import { createDatabaseUrl } from '../support/database.ts';
import { masterKeyNamed } from '../support/master-key.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, PUBLISH, startService, type PublishedEvent } from '../support/service.ts';

const STATUS = 'query ($id: ID!) { delivery(id: $id) { status attemptCount } }';
const LONG = { timeout: 120_000 };
const publication = { type: 'user.created', data: {} };

async function setup() {
  const DATABASE_URL = await createDatabaseUrl();
  const receiver = await startReceiver();
  return {
    receiver,
    start: (environment: NodeJS.ProcessEnv = {}) => startService({ DATABASE_URL, ...environment }),
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

test(
  'kill -9 during an attempt repeats that attempt at most once, with the same event id and number',
  { timeout: 120_000 },
  async () => {
    await using t = await setup();
    t.receiver.respondWith(() => new Promise(() => {}));
    let id: string;
    {
      await using service = await t.start();
      await service.api(CREATE_TARGET, { url: t.receiver.url });
      const { publishEvent } = await service.api<PublishedEvent>(PUBLISH, publication);
      id = publishEvent.event.deliveries.nodes[0]!.id;
      await t.receiver.next();
      await service.kill('SIGKILL');
    }
    t.receiver.respondWith(200);
    await using restarted = await t.start();
    await restarted.logged('delivery.attempted');
    const { delivery } = await restarted.api<{ delivery: object }>(STATUS, { id });
    expect(delivery).toEqual({ status: 'DELIVERED', attemptCount: 1 });
    expect(t.receiver.requests).toHaveLength(2);
    const [first, second] = t.receiver.requests;
    for (const header of ['x-dakota-event-id', 'x-dakota-delivery-attempt']) {
      expect(second!.headers[header]).toBe(first!.headers[header]);
    }
    expect(second!.body.equals(first!.body)).toBe(true);
  },
);

test('SIGTERM finishes the attempt in flight, settles it and exits 0', async () => {
  await using t = await setup();
  const gate = Promise.withResolvers<number>();
  t.receiver.respondWith(() => gate.promise);
  await using service = await t.start();
  await service.api(CREATE_TARGET, { url: t.receiver.url });
  const { publishEvent } = await service.api<PublishedEvent>(PUBLISH, publication);
  await t.receiver.next();
  const stopping = service.logged('service.stopping');
  const exited = service.kill('SIGTERM');
  await stopping;
  gate.resolve(200);
  await exited;
  expect(service.process.exitCode).toBe(0);

  await using restarted = await t.start();
  const { id } = publishEvent.event.deliveries.nodes[0]!;
  const { delivery } = await restarted.api<{ delivery: object }>(STATUS, { id });
  expect(delivery).toEqual({ status: 'DELIVERED', attemptCount: 1 });
  expect(t.receiver.requests).toHaveLength(1);
});

test('roles in processes of their own work together on one database', async () => {
  await using t = await setup();
  await using api = await t.start({ ROLES: 'api' });
  await using worker = await t.start({ ROLES: 'worker' });
  await api.api(CREATE_TARGET, { url: t.receiver.url });
  await api.api<PublishedEvent>(PUBLISH, publication);
  await t.receiver.next();
  await worker.logged('delivery.attempted');
  expect(api.logs.some(({ msg }) => msg === 'delivery.attempted')).toBe(false);
});

test('a process with another MASTER_KEY than the database was set up with does not start', async () => {
  await using t = await setup();
  await using first = await t.start({ ROLES: 'worker' });
  expect(first.logs.some(({ msg }) => msg === 'service.started')).toBe(true);
  const MASTER_KEY = masterKeyNamed('another');
  await expect(t.start({ ROLES: 'api', MASTER_KEY })).rejects.toThrow(/MASTER_KEY/);
});

test('a database that cannot be reached is named by its setting, without its password', async () => {
  await using t = await setup();
  const DATABASE_URL = 'postgresql://user:hunter2@127.0.0.1:1/x';
  await expect(t.start({ DATABASE_URL })).rejects.toThrow(
    /^((?!hunter2).)*DATABASE_URL: PostgreSQL cannot be used((?!hunter2).)*$/s,
  );
});

test('misspelt settings are named at start, in one line of the log', async () => {
  await using t = await setup();
  await using service = await t.start({ RETENTION_DAY: '7', DATABASE_CONECTIONS: '20', HOSTNAME: 'web-1' });
  const misspelt = [
    { name: 'RETENTION_DAY', meant: 'RETENTION_DAYS' },
    { name: 'DATABASE_CONECTIONS', meant: 'DATABASE_CONNECTIONS' },
  ];
  const lines = service.logs.filter(({ msg }) => msg === 'settings.misspelt');
  expect(lines).toMatchObject([{ level: 40, misspelt, cure: expect.stringContaining('Rename') }]);
});

test('mistakes in the settings are all reported, and nothing starts', async () => {
  await using t = await setup();
  await expect(t.start({ PORT: 'x', CONCURRENCY: 'y' })).rejects.toThrow(/PORT: expected[\s\S]*CONCURRENCY: expected/);
});

test('what runs without a worker, as in a restore drill, shows what is open and sends nothing', LONG, async () => {
  await using t = await setup();
  let id: string;
  {
    await using api = await t.start({ ROLES: 'api' });
    await api.api(CREATE_TARGET, { url: t.receiver.url });
    const { publishEvent } = await api.api<PublishedEvent>(PUBLISH, publication);
    id = publishEvent.event.deliveries.nodes[0]!.id;
    await api.kill('SIGTERM');
  }
  await using drill = await t.start({ ROLES: 'api' });
  const { delivery } = await drill.api<{ delivery: object }>(STATUS, { id });
  expect(delivery).toEqual({ status: 'PENDING', attemptCount: 0 });
  await drill.kill('SIGTERM');
  expect(t.receiver.requests).toEqual([]);
  await using _worker = await t.start({ ROLES: 'worker' });
  await expect.poll(() => t.receiver.requests.length, { timeout: 60_000 }).toBe(1); // It was due all the time.
});

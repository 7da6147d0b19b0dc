/** What targets see of each other: hung ones, recovering ones, and those with limits of their own. */
import { expect, test } from 'vitest';
import { createPipeline } from '../../support/pipeline.ts';
import { startReceiver, type Receiver, type ReceiverAnswer } from '../../support/receiver.ts';

type TargetOptions = NonNullable<Parameters<Awaited<ReturnType<typeof createPipeline>>['target']>[1]>;

async function setup(options: Parameters<typeof createPipeline>[0] = {}) {
  const pipeline = await createPipeline(options);
  const receivers: Receiver[] = [];
  await pipeline.fixtures.eventType({ name: 'user.deleted' });
  const { publisher, caller, rows, worker } = pipeline;
  return {
    ...pipeline,
    /** A receiver and a target that gets one type of events from it. */
    async endpoint(
      eventType: string,
      answer: ReceiverAnswer | (() => Promise<ReceiverAnswer>) = 200,
      more: TargetOptions = {},
    ) {
      const receiver = await startReceiver(answer);
      receivers.push(receiver);
      return { receiver, ...(await pipeline.target(receiver.url, { eventTypes: [eventType], ...more })) };
    },
    async publishMany(eventType: string, count: number) {
      const events = Array.from({ length: count }, (_, index) => ({ eventType, data: { index } }));
      expect(await publisher.publishMany(caller, events)).toMatchObject({ ok: true });
    },
    count: async (where: string) => (await rows(`select from deliveries where ${where}`)).length,
    /** Everything due and held, to its end. */
    async drain() {
      while ((await rows("select from deliveries where status = 'PENDING'")).length > 0) {
        await worker.sweeper.run();
        await pipeline.runDue();
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(receivers.map((receiver) => receiver[Symbol.asyncDispose]()));
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

/** Of what comes soon, unless the machine is busy. */
const PATIENCE = { timeout: 20_000 };

const hang = () => new Promise<never>(() => {});

/** Answers when it is told to, and knows how many requests were open at most. */
function createGate() {
  const waiting: (() => void)[] = [];
  const seen = { open: 0, successes: 0, breaches: 0, mostOpen: 0 };
  let isOpen = false;
  let mayBeOpen = (_successes: number) => Infinity;
  const handle = async (): Promise<ReceiverAnswer> => {
    seen.mostOpen = Math.max(seen.mostOpen, ++seen.open);
    if (seen.open > mayBeOpen(seen.successes)) seen.breaches++;
    if (!isOpen) await new Promise<void>((resolve) => waiting.push(resolve));
    seen.open--;
    seen.successes++;
    return 200;
  };
  return {
    handle,
    seen,
    expectAtMost: (bound: typeof mayBeOpen) => void (mayBeOpen = bound),
    /** Answers what is open now, or the oldest ones of it. */
    answer: (count = waiting.length) => waiting.splice(0, count).forEach((letGo) => letGo()),
    open() {
      isOpen = true;
      for (const letGo of waiting.splice(0)) letGo();
    },
  };
}

test('forty targets that hang take nothing from one that answers', async () => {
  await using t = await setup({ concurrency: 80, timeoutMs: 60_000 });
  const healthy = await t.endpoint('user.created');
  await t.publishMany('user.created', 1);
  await t.runDue();
  await healthy.receiver.next();

  const hung = await Promise.all(Array.from({ length: 40 }, () => t.endpoint('user.deleted', hang)));
  await t.publishMany('user.deleted', 20);
  t.worker.dispatcher.wake();
  await Promise.race(hung.map(({ receiver }) => receiver.next()));
  for (let count = 0; count < 20; count++) {
    await t.publishMany('user.created', 1);
    t.worker.dispatcher.wake();
    await healthy.receiver.next();
  }

  // Once they are known to hang, they take nothing from a target of which nothing is known either.
  const received = () => hung.filter(({ receiver }) => receiver.requests.length > 0).length;
  while (received() < 40) {
    const before = received();
    await t.clock.advance(1_000);
    t.worker.dispatcher.wake();
    await expect.poll(received, PATIENCE).toBeGreaterThan(before);
  }
  await t.clock.advance(1_000);
  const newcomer = await t.endpoint('user.created');
  await t.publishMany('user.created', 1);
  t.worker.dispatcher.wake();
  await newcomer.receiver.next();
  const open = hung.map(({ receiver }) => receiver.requests.length);
  expect(open.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(64);
});

test('targets that hang take nothing from another one at the same address', async () => {
  await using t = await setup({ concurrency: 80, timeoutMs: 60_000 });
  const { receiver } = await t.endpoint('user.created');
  receiver.respondWith(({ url }) => (url.startsWith('/hang') ? hang() : 200));
  await t.publishMany('user.created', 1);
  await t.runDue();
  await receiver.next();
  const path = (name: string) => receiver.url.replace('/hook', name);
  for (let index = 0; index < 40; index++) await t.target(path(`/hang/${index}`), { eventTypes: ['user.deleted'] });
  await t.publishMany('user.deleted', 1);
  t.worker.dispatcher.wake();
  for (let received = 0; received < 40; received += 8) {
    for (let count = 0; count < 8; count++) await receiver.next(({ url }) => url.startsWith('/hang'));
    await t.publishMany('user.created', 1);
    await t.clock.advance(1_000);
    t.worker.dispatcher.wake();
    await receiver.next(({ url }) => url.startsWith('/hook'));
    // Before a second passes: a request that is under way then is slow.
    await expect.poll(() => t.count(`status = 'DELIVERED'`), PATIENCE).toBe(received / 8 + 2);
  }
});

const receive = async (receiver: Receiver, count: number) => {
  for (let received = 0; received < count; received++) await receiver.next();
};

test('a new target is sent four requests, and one more at once for each that it answers, up to its width', async () => {
  await using t = await setup({ targetConcurrency: 8 });
  const gate = createGate();
  gate.expectAtMost((successes) => Math.min(4 + successes, 8));
  const { receiver } = await t.endpoint('user.created', gate.handle);
  await t.publishMany('user.created', 60);
  t.worker.dispatcher.wake();
  await receive(receiver, 4);
  gate.answer(1);
  await receive(receiver, 2);
  expect(gate.seen).toMatchObject({ open: 5, mostOpen: 5 });
  gate.answer();
  await receive(receiver, 8);
  gate.open();
  await t.drain();
  expect(gate.seen).toMatchObject({ successes: 60, breaches: 0, mostOpen: 8 });
});

test('a target that refused connections is sent one request when it is back, and then gradually more', async () => {
  await using t = await setup();
  const { id } = await t.target('http://127.0.0.1:2/');
  await t.publishMany('user.created', 20);
  await t.drain();
  expect(await t.count("status = 'RETRYING'")).toBe(20);

  const gate = createGate();
  gate.expectAtMost((successes) => 1 + Math.sqrt(2 * successes + 2 * Math.log(successes + 1)));
  await using receiver = await startReceiver(gate.handle);
  await t.rows('update webhook_targets set url = $1 where id = $2', [receiver.url, id]);
  await t.publishMany('user.created', 200);
  t.worker.dispatcher.wake();
  await receiver.next();
  // As many as have just ended may wait in memory.
  await expect.poll(() => t.count('held'), PATIENCE).toBe(200 - 1 - 20);
  expect(receiver.requests).toHaveLength(1);
  for (const atOnce of [2, 2, 3, 4]) {
    gate.answer();
    await receive(receiver, atOnce);
    expect(gate.seen.open).toBe(atOnce);
  }
  gate.open();
  await t.drain();
  expect(gate.seen).toMatchObject({ successes: 200, breaches: 0 });
});

test('a target has at most maxConcurrency requests open', async () => {
  await using t = await setup();
  const gate = createGate();
  const { receiver, id } = await t.endpoint('user.created', gate.handle, { maxConcurrency: 2 });
  await t.publishMany('user.created', 30);
  t.worker.dispatcher.wake();
  for (let received = 0; received < 30; received += 2) {
    await receive(receiver, 2);
    gate.answer();
  }
  await t.worker.dispatcher.idle();
  expect(gate.seen).toMatchObject({ successes: 30, mostOpen: 2 });

  await t.rows('update webhook_targets set max_concurrency = null where id = $1', [id]);
  await t.publishMany('user.created', 20);
  t.worker.dispatcher.wake();
  await receive(receiver, 2);
  gate.answer();
  await receive(receiver, 4);
  gate.open();
  await t.drain();
  expect(await t.count("status = 'DELIVERED'")).toBe(50);
});

test('a target is sent no more per second than its rate; what is over it waits, and arrives', async () => {
  await using t = await setup();
  const { receiver } = await t.endpoint('user.created', 200, { rateLimitPerSecond: 5 });
  const other = await t.endpoint('user.deleted');
  await t.publishMany('user.created', 12);
  t.worker.dispatcher.wake();
  await receiver.next();
  for (let count = 2; count <= 12; count++) {
    await t.publishMany('user.deleted', 1);
    t.worker.dispatcher.wake();
    await other.receiver.next(); // What waits for its time keeps nobody else waiting.
    expect(receiver.requests).toHaveLength(count - 1);
    await t.clock.advance(200);
    await t.worker.sweeper.run();
    t.worker.dispatcher.wake();
    await receiver.next();
  }
  await t.worker.dispatcher.idle();
  expect(receiver.requests).toHaveLength(12);
  expect(await t.count("status = 'DELIVERED' and attempt_count = 1")).toBe(12 + 11);
});

test('a change of the limits applies to what is held already', async () => {
  await using t = await setup();
  const gate = createGate();
  const { receiver, id } = await t.endpoint('user.created', gate.handle, { maxConcurrency: 1 });
  await t.publishMany('user.created', 20);
  t.worker.dispatcher.wake();
  await receiver.next();
  await expect.poll(() => t.count('held'), PATIENCE).toBe(18); // One in flight, one waits behind it.
  await t.rows('update webhook_targets set max_concurrency = 6 where id = $1', [id]);
  await t.worker.sweeper.run();
  for (const atOnce of [2, 4, 6, 6]) {
    gate.answer();
    await receive(receiver, atOnce);
  }
  gate.open();
  await t.drain();
  expect(gate.seen).toMatchObject({ successes: 20, mostOpen: 6 });
});

/** Limits that targets have for themselves hold over all worker processes together. Each worker here is a process. */
import { expect, test } from 'vitest';
import { createLeaseRows, type LeaseRows } from '../../../src/pipeline/dispatch/lanes/lease-rows.ts';
import { createPipeline } from '../../support/pipeline.ts';
import { startReceiver, type Receiver, type ReceiverAnswer } from '../../support/receiver.ts';

type TargetOptions = NonNullable<Parameters<Awaited<ReturnType<typeof createPipeline>>['target']>[1]>;
type Worker = Awaited<ReturnType<typeof createPipeline>>['worker'];

/** Of what comes soon, unless the machine is busy. */
const PATIENCE = { timeout: 20_000 };
const TIMEOUT_MS = 5_000;

async function setup({ workerCount = 3 } = {}) {
  const pipeline = await createPipeline({ timeoutMs: TIMEOUT_MS });
  const { clock, publisher, caller, rows } = pipeline;
  const workers = [pipeline.worker];
  while (workers.length < workerCount) workers.push(await pipeline.createWorker());
  const receivers: Receiver[] = [];
  await pipeline.fixtures.eventType({ name: 'user.deleted' });

  /** What a second does: the sweep, and a look at everything. */
  async function wake(awake: readonly Worker[] = workers): Promise<void> {
    for (const { sweeper, dispatcher } of awake) {
      await sweeper.run();
      dispatcher.wake();
      dispatcher.heedDeferrals();
    }
  }
  return {
    ...pipeline,
    workers,
    wake,
    async endpoint(more: TargetOptions, answer: ReceiverAnswer | (() => Promise<ReceiverAnswer>) = 200) {
      const receiver = await startReceiver(answer);
      receivers.push(receiver);
      return { receiver, ...(await pipeline.target(receiver.url, { eventTypes: ['user.created'], ...more })) };
    },
    async publishMany(count: number, eventType = 'user.created') {
      const events = Array.from({ length: count }, (_, index) => ({ eventType, data: { index } }));
      expect(await publisher.publishMany(caller, events)).toMatchObject({ ok: true });
    },
    /** Requests come one by one, `everyMs` apart, whichever worker sends them; `count` so far, `more` to come. */
    async expectOneBy(
      { receiver, everyMs, more }: { receiver: Receiver; everyMs: number; more: number },
      awake = workers,
    ) {
      let count = receiver.requests.length;
      for (let step = 0; step < more; step++) {
        await clock.advance(everyMs);
        await wake(awake);
        while (receiver.requests.length <= count) {
          await wake(awake);
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(receiver.requests).toHaveLength(++count);
      }
    },
    holderOf: (targetId: string) => workers.filter(({ lanes }) => lanes.get(targetId)?.lease),
    /** The worker that has the lease hears nothing any more. */
    hang(targetId: string) {
      const [holder] = workers.filter(({ lanes }) => lanes.get(targetId)?.lease);
      pipeline.deaf.add(holder!.dispatcher);
      return holder;
    },
    /** The term of the holder ends: another worker has its leases. */
    async takeOver(targetId: string, other: Worker) {
      await other.dispatcher.idle(); // What it learned before is not from after.
      await rows(`update lease_terms set is_over = true, ends_at = clock_timestamp() - interval '1 ms'
        where id in (select term_id from target_leases)`);
      await clock.advance(7_000);
      await wake([other]);
      await expect.poll(() => other.lanes.get(targetId)?.lease, PATIENCE).toBeTruthy();
    },
    count: async (where: string) => (await rows(`select from deliveries where ${where}`)).length,
    async [Symbol.asyncDispose]() {
      pipeline.deaf.clear();
      await Promise.all(receivers.map((receiver) => receiver[Symbol.asyncDispose]()));
      await Promise.all(workers.map(({ dispatcher }) => dispatcher.stop()));
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

function createGate() {
  const waiting: (() => void)[] = [];
  const seen = { open: 0, mostOpen: 0, answered: 0 };
  return {
    seen,
    async handle(): Promise<ReceiverAnswer> {
      seen.mostOpen = Math.max(seen.mostOpen, ++seen.open);
      await new Promise<void>((resolve) => waiting.push(resolve));
      seen.open--;
      seen.answered++;
      return 200;
    },
    answer: () => waiting.splice(0).forEach((resolve) => resolve()),
  };
}

test('rateLimitPerSecond holds over three workers', async () => {
  await using t = await setup();
  const { receiver, id } = await t.endpoint({ rateLimitPerSecond: 10 });
  await t.publishMany(15);
  await t.wake();
  await receiver.next();
  await t.expectOneBy({ receiver, everyMs: 100, more: 14 });
  expect(t.holderOf(id)).toHaveLength(1);
  await expect.poll(() => t.count("status = 'DELIVERED' and attempt_count = 1"), PATIENCE).toBe(15);
});

test('maxConcurrency holds over three workers', async () => {
  await using t = await setup();
  const gate = createGate();
  await t.endpoint({ maxConcurrency: 3 }, gate.handle);
  await t.publishMany(60);
  while (gate.seen.answered < 60) {
    await t.wake();
    const open = Math.min(3, 60 - gate.seen.answered);
    await expect.poll(() => gate.seen.open, PATIENCE).toBe(open);
    gate.answer();
    await expect.poll(() => gate.seen.answered % 3, PATIENCE).toBe(0);
  }
  expect(gate.seen.mostOpen).toBe(3);
});

test('manual retries are inside the limit, as all requests, whichever worker claims them', async () => {
  await using t = await setup();
  const { receiver, id } = await t.endpoint({ rateLimitPerSecond: 10 }, 500);
  const { deliveryIds } = await t.publish();
  await t.wake();
  await receiver.next();
  await expect.poll(() => t.count("status = 'RETRYING'"), PATIENCE).toBe(1);
  receiver.respondWith(200);
  const [second, third] = t.workers.filter((worker) => !t.holderOf(id).includes(worker));
  expect(await t.deliveries.retry(t.caller, { id: deliveryIds[0]! })).toMatchObject({ ok: true });
  await t.wake([second!]);
  await second!.dispatcher.idle(); // It has claimed the retry, and may not make it.
  await t.publishMany(2);
  await t.wake([third!]);
  await third!.dispatcher.idle();
  expect(receiver.requests).toHaveLength(1);
  await t.expectOneBy({ receiver, everyMs: 100, more: 3 });
  await expect.poll(() => t.count("status = 'DELIVERED'"), PATIENCE).toBe(3);
});

test('a manual retry passes the deferral of a target with limits, whichever worker claims it first', async () => {
  await using t = await setup({ workerCount: 2 });
  const { receiver, id } = await t.endpoint({ rateLimitPerSecond: 10 }, 500);
  const { deliveryIds } = await t.publish();
  await t.wake();
  await receiver.next();
  await expect.poll(() => t.count("status = 'RETRYING'"), PATIENCE).toBe(1);
  receiver.respondWith(200);
  const [holder] = t.holderOf(id);
  const other = t.workers.find((worker) => worker !== holder)!;
  await t.rows(`update webhook_targets set deferred_until = $1`, [new Date(t.clock.now().getTime() + 3_600_000)]);
  expect(await t.deliveries.retry(t.caller, { id: deliveryIds[0]! })).toMatchObject({ ok: true });
  await t.wake([other]);
  await other.dispatcher.idle();
  expect(receiver.requests).toHaveLength(1);
  await t.clock.advance(500);
  await t.wake([holder!]);
  await expect.poll(() => t.count("status = 'DELIVERED'"), PATIENCE).toBe(1);
});

test('a worker that stops hands its leases over at once', async () => {
  await using t = await setup({ workerCount: 2 });
  const { receiver, id } = await t.endpoint({ rateLimitPerSecond: 10 });
  await t.publishMany(20);
  await t.wake();
  await receiver.next();
  await t.expectOneBy({ receiver, everyMs: 100, more: 4 });
  const [holder] = t.holderOf(id);
  const other = t.workers.find((worker) => worker !== holder)!;
  await holder!.dispatcher.stop();
  expect(t.holderOf(id)).not.toContain(holder);
  await expect.poll(() => t.holderOf(id), PATIENCE).toEqual([other]); // Nothing but the doorbell told it.
  await t.expectOneBy({ receiver, everyMs: 100, more: 5 }, [other]);
});

test('a worker that stops keeps the lease of a target that limits open requests until its own have ended', async () => {
  await using t = await setup({ workerCount: 2 });
  const gate = createGate();
  const { id } = await t.endpoint({ maxConcurrency: 2 }, gate.handle);
  await t.publishMany(6);
  await t.wake();
  await expect.poll(() => gate.seen.open, PATIENCE).toBe(2);
  const [holder] = t.holderOf(id);
  const stopped = holder!.dispatcher.stop();
  const other = t.workers.find((worker) => worker !== holder)!;
  await expect.poll(() => t.wake([other]).then(() => t.count('held')), PATIENCE).toBe(4); // It gave back what waited.
  expect(t.holderOf(id)).toEqual([holder]);
  gate.answer();
  await stopped;
  while (gate.seen.answered < 6) {
    await t.wake([other]);
    gate.answer();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(gate.seen.mostOpen).toBe(2);
});

test('the lease of a worker that died passes to another one, which catches nothing up in a burst', async () => {
  await using t = await setup({ workerCount: 2 });
  const { receiver, id } = await t.endpoint({ rateLimitPerSecond: 10 });
  await t.publishMany(30);
  await t.wake();
  await receiver.next();
  await t.expectOneBy({ receiver, everyMs: 100, more: 4 });
  const dead = t.hang(id);
  const other = t.workers.filter((worker) => worker !== dead);
  await t.wake(other);
  await t.takeOver(id, other[0]!);
  await expect.poll(() => receiver.requests.length, PATIENCE).toBe(6);
  await t.expectOneBy({ receiver, everyMs: 100, more: 10 }, other);
});

test('after a worker died, requests that it may have open count against maxConcurrency until their timeout', async () => {
  await using t = await setup({ workerCount: 2 });
  const gate = createGate();
  const { receiver, id } = await t.endpoint({ maxConcurrency: 1 }, gate.handle);
  await t.publishMany(5);
  await t.wake();
  await receiver.next();
  const dead = t.hang(id);
  const other = t.workers.filter((worker) => worker !== dead);
  await t.takeOver(id, other[0]!);
  const waitMs = other[0]!.lanes.get(id)!.nextStartMs - t.clock.monotonicMs();
  expect(waitMs).toBeGreaterThan(0);
  expect(waitMs).toBeLessThanOrEqual(TIMEOUT_MS);
  gate.answer();
  await t.clock.advance(TIMEOUT_MS);
  await t.wake(other);
  await receiver.next();
  gate.answer();
});

test('a worker that cannot extend its term sends nothing from before its end, and goes on if nobody took over', async () => {
  await using t = await setup({ workerCount: 1 });
  const real = createLeaseRows(t.database, TIMEOUT_MS);
  let isAway = false;
  const extend: LeaseRows['extend'] = async (termId) => {
    if (isAway) throw new Error('Postgres is away');
    return real.extend(termId);
  };
  const errors: unknown[] = [];
  const worker = await t.createWorker({
    leaseRows: { ...real, extend },
    onDispatchError: (error) => errors.push(error),
  });
  t.workers.splice(0, 1, worker);
  const limited = await t.endpoint({ rateLimitPerSecond: 10 });
  const free = await t.endpoint({ eventTypes: ['user.deleted'] });
  await t.publishMany(30);
  await t.wake();
  await limited.receiver.next();
  isAway = true;
  await t.expectOneBy({ receiver: limited.receiver, everyMs: 100, more: 5 });
  await t.clock.advance(5_000);
  await t.publishMany(1, 'user.deleted');
  await t.wake();
  await free.receiver.next();
  expect(limited.receiver.requests).toHaveLength(6);
  expect(errors).not.toEqual([]);
  isAway = false;
  await t.expectOneBy({ receiver: limited.receiver, everyMs: 1_000, more: 1 });
  await t.expectOneBy({ receiver: limited.receiver, everyMs: 100, more: 5 });
});

test('a worker whose term another one ended sends nothing more, and sets free what waits in its memory', async () => {
  await using t = await setup({ workerCount: 2 });
  const { receiver, id } = await t.endpoint({ rateLimitPerSecond: 10 });
  await t.publishMany(20);
  await t.wake();
  await receiver.next();
  await t.expectOneBy({ receiver, everyMs: 100, more: 3 });
  const hanging = t.hang(id);
  const other = t.workers.filter((worker) => worker !== hanging);
  await t.takeOver(id, other[0]!);
  await expect.poll(() => receiver.requests.length, PATIENCE).toBe(5);
  t.deaf.clear();
  await t.expectOneBy({ receiver, everyMs: 100, more: 15 }); // Both are awake again.
  expect(t.holderOf(id)).toEqual(other);
  await expect.poll(() => t.count("status = 'DELIVERED' and attempt_count = 1"), PATIENCE).toBe(20);
});

test('a lease that a failover lost, and another worker took, is lost to its holder as soon as it extends its term', async () => {
  await using t = await setup({ workerCount: 1 });
  const { receiver, id } = await t.endpoint({ rateLimitPerSecond: 10 });
  await t.publishMany(20);
  await t.wake();
  await receiver.next();
  await t.rows(`with another as (
      insert into lease_terms (id, ends_at) values (gen_random_uuid(), clock_timestamp() + interval '1 hour') returning id
    )
    update target_leases set term_id = another.id from another`);
  await t.clock.advance(2_000);
  await t.wake();
  await expect.poll(() => t.holderOf(id), PATIENCE).toEqual([]);
  await expect.poll(async () => (await t.count('held')) + receiver.requests.length, PATIENCE).toBe(20);
});

test('limits that are set, and removed, while deliveries run hold from the next look', async () => {
  await using t = await setup();
  const gate = createGate();
  const { id } = await t.endpoint({}, gate.handle);
  await t.publishMany(60);
  await t.wake();
  await expect.poll(() => gate.seen.open, PATIENCE).toBeGreaterThan(3);
  const set = (maxConcurrency: number | null) => t.targets.update(t.caller, { id, maxConcurrency });
  expect(await set(1)).toMatchObject({ ok: true });
  await t.wake();
  await expect.poll(() => t.holderOf(id).length, PATIENCE).toBe(1);
  const others = t.workers.filter((worker) => !t.holderOf(id).includes(worker));
  await expect.poll(() => others.flatMap(({ lanes }) => lanes.get(id)?.waiting), PATIENCE).toEqual([]);
  gate.answer();
  gate.seen.mostOpen = 0;
  for (let count = 0; count < 5; count++) {
    await t.wake();
    await expect.poll(() => gate.seen.open, PATIENCE).toBe(1);
    gate.answer();
    await expect.poll(() => gate.seen.open, PATIENCE).toBeLessThanOrEqual(1);
  }
  expect(gate.seen.mostOpen).toBe(1);

  expect(await set(null)).toMatchObject({ ok: true });
  while ((await t.count("status = 'DELIVERED'")) < 60) {
    await t.wake();
    gate.answer();
  }
  expect(gate.seen.mostOpen).toBeGreaterThan(1);
  await t.clock.advance(2_000);
  await t.wake();
  await expect.poll(() => t.rows('select from target_leases where term_id is not null'), PATIENCE).toEqual([]);
});

test('a target without limits costs no lease, and no statement', async () => {
  await using t = await setup({ workerCount: 1 });
  const asked: string[] = [];
  const refuse = (name: string) => async () => {
    asked.push(name);
    throw new Error(`${name} was asked for`);
  };
  const names = ['begin', 'extend', 'end', 'take', 'giveUp', 'leasesOf', 'withHeld'] as const;
  const leaseRows = Object.fromEntries(names.map((name) => [name, refuse(name)])) as unknown as LeaseRows;
  t.workers.splice(0, 1, await t.createWorker({ leaseRows }));
  const { receiver } = await t.endpoint({});
  await t.publishMany(50);
  for (let count = 0; count < 50; count++) await Promise.all([t.wake(), receiver.next()]);
  await t.clock.advance(60_000);
  await t.wake();
  await t.workers[0]!.dispatcher.stop();
  expect(asked).toEqual([]);
  expect(await t.rows('select from lease_terms')).toEqual([]);
});

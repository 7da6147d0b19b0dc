/** Counting changes: each attempt once, whatever happens to it. */
import { expect, test } from 'vitest';
import { createRollUp } from '../../../../src/pipeline/upkeep/statistics/roll-up.ts';
import { untilFinal } from '../../../support/changes.ts';
import { SCHEDULE_MS } from '../../../support/pipeline.ts';
import { statisticsDifferences, unequalSums } from '../../../support/postgres/statistics.ts';
import { setup as setupControl } from '../../control-setup.ts';

const fail = (error: unknown) => {
  throw error;
};
const STEPS = [60, 3_600, 86_400];

async function setup(...options: Parameters<typeof setupControl>) {
  const t = await setupControl(...options);
  const createCounter = () => createRollUp({ database: t.database, clock: t.clock, onError: fail });
  const rollUp = createCounter();
  await rollUp.counting.run(); // It begins here.
  return {
    ...t,
    rollUp,
    createCounter,
    async count() {
      await untilFinal(t.database);
      await rollUp.counting.run();
      await rollUp.history.run();
    },
    /** All that differs, before and after merging. */
    async differences() {
      await this.count();
      const fresh = await statisticsDifferences(t.database.pool);
      await rollUp.merging.run();
      const merged = await Promise.all(STEPS.map((seconds) => statisticsDifferences(t.database.pool, seconds)));
      return [...fresh, ...merged.flat(), ...(await unequalSums(t.database.pool))];
    },
    organization: async () =>
      (
        await t.rows(
          `select * from delivery_statistics where step_seconds = 86400 and target_id = '' and event_type = ''`,
        )
      )[0],
  };
}

test('attempts, outcomes, retries and durations are counted, in minutes, hours and days', async () => {
  await using t = await setup();
  const { id: one } = await t.target(t.receiver.url);
  await t.target(t.receiver.url);
  await t.publish();
  await t.runDue();
  t.receiver.respondWith(503);
  await t.publish();
  await t.runDue();
  expect(await t.differences()).toEqual([]);
  t.receiver.respondWith(200);
  await t.clock.advance(SCHEDULE_MS[0]!);
  await t.runDue();
  expect(await t.differences()).toEqual([]);
  expect(await t.organization()).toMatchObject({ attempts: '6', delivered: '4', retries: '2', exhausted: '0' });
  const [own] = await t.rows(
    `select attempts, delivered from delivery_statistics where step_seconds = 86400 and target_id = $1 and event_type = ''`,
    [one],
  );
  expect(own).toEqual({ attempts: '3', delivered: '2' });
});

test('deliveries that end FAILED are counted, and what a person asked for', async () => {
  await using t = await setup({ maxAttempts: 1 }, 500);
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  await t.runDue();
  await t.deliveries.retry(t.caller, { id: deliveryIds[0]! });
  await t.runDue();
  expect(await t.differences()).toEqual([]);
  expect(await t.organization()).toMatchObject({ attempts: '2', manual: '1', exhausted: '2' });
});

test('an event that is sent again has no latency, however soon that is', async () => {
  await using t = await setup();
  const { id: targetId } = await t.target(t.receiver.url);
  const { eventId } = await t.publish();
  await t.runDue();
  await t.clock.advance(1);
  expect(await t.deliveries.redeliver(t.caller, { eventId, targetId })).toMatchObject({ ok: true });
  await t.runDue();
  await t.differences();
  const { attempts, latencies } = await t.organization();
  expect(attempts).toBe('2');
  expect(latencies.filter((_: number, index: number) => index % 2 === 1)).toEqual([1]);
});

test('an answer that comes after its delivery was cancelled is counted', async () => {
  await using t = await setup({}, 500);
  const { id, requests } = await t.startSecondAttempt();
  await t.deliveries.cancel(t.caller, { id });
  requests.letGo(200);
  await t.worker.dispatcher.idle();
  expect(await t.differences()).toEqual([]);
  expect(await t.organization()).toMatchObject({ attempts: '2', delivered: '1', latencies: [] });
  expect(await t.rows('select from uncounted_attempts')).toEqual([]);
  expect(await t.history(id)).toEqual(['>PENDING', 'PENDING>RETRYING#1', 'RETRYING>CANCELLED']);
});

test.each(['before', 'after'])(
  'an attempt that is corrected %s it was counted counts once, as a success',
  async (when) => {
    await using t = await setup({}, 500);
    await t.target(t.receiver.url);
    const { deliveryIds } = await t.publish();
    const [first, second] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
    const answers = [first, second];
    t.receiver.respondWith(() => answers.shift()!.promise);
    t.worker.dispatcher.wake();
    await t.receiver.next();
    await t.takeForDead();
    const other = await t.createWorker();
    other.dispatcher.wake();
    await t.receiver.next();
    second.resolve(500);
    await other.dispatcher.idle();
    if (when === 'after') expect(await t.differences()).toEqual([]);
    first.resolve(200);
    await t.worker.dispatcher.idle();
    expect(await t.attempts(deliveryIds[0]!)).toMatchObject([{ outcome: 'DELIVERED' }]);
    expect(await t.differences()).toEqual([]);
    expect(await t.organization()).toMatchObject({ attempts: '1', delivered: '1' });
    await other.dispatcher.stop();
  },
);

test('changes of the release before are counted from their attempts, also when these were corrected', async () => {
  await using t = await setup();
  await t.target(t.receiver.url);
  for (const status of [200, 500, 404]) {
    t.receiver.respondWith(status);
    await t.publish();
    await t.runDue();
  }
  await t.rows(
    'update delivery_changes set trigger = null, outcome = null, duration_ms = null, latency_ms = null, response_status = null',
  );
  // The release before corrected an attempt with a second change.
  const [failed] = await t.rows(`select * from delivery_attempts where response_status = 500`);
  await t.rows(`update delivery_attempts set outcome = 'DELIVERED', response_status = 200 where delivery_id = $1`, [
    failed.delivery_id,
  ]);
  await t.rows(
    `insert into delivery_changes (organization_id, delivery_id, target_id, event_id, event_type, previous_status, status,
       attempt_number, occurred_at)
     select organization_id, id, target_id, event_id, event_type, 'RETRYING', 'DELIVERED', 1, updated_at from deliveries where id = $1`,
    [failed.delivery_id],
  );
  expect(await t.differences()).toEqual([]);
  expect(await t.organization()).toMatchObject({ attempts: '3', delivered: '2' });
});

test('what was recorded before the first start is counted beside what is new', async () => {
  await using t = await setup();
  await t.target(t.receiver.url);
  await t.publish();
  await t.runDue();
  await untilFinal(t.database);
  await t.rows('delete from statistics_progress');
  await t.rollUp.counting.run();
  await t.publish();
  await t.runDue();
  await untilFinal(t.database);
  await t.rollUp.counting.run();
  expect(await t.rows('select sum(attempts)::int as attempts from fresh_statistics')).toEqual([{ attempts: 1 }]);
  expect(await t.differences()).toEqual([]);
  expect(await t.rows('select part from statistics_progress')).toEqual([{ part: 'live' }]);
});

test('several workers count, merge and delete at once, and each attempt counts once', async () => {
  await using t = await setup();
  for (let nth = 0; nth < 5; nth++) await t.target(t.receiver.url);
  const workers = Array.from({ length: 4 }, () => t.createCounter());
  for (let round = 0; round < 5; round++) {
    await t.publish();
    await t.runDue();
    await Promise.all(
      workers.flatMap(({ counting, history, merging }) => [counting.run(), history.run(), merging.run()]),
    );
  }
  expect(await t.differences()).toEqual([]);
  expect(await t.organization()).toMatchObject({ attempts: '25' });
});

test('a round of merging comes to every organization, however much the first one gets meanwhile', async () => {
  await using t = await setup();
  const add = (organizationId: string, targets: number) =>
    t.rows(
      `insert into fresh_statistics (organization_id, target_id, event_type, at, attempts, delivered, retries, manual,
         exhausted, outcomes, durations, latencies)
       select $1, 'target-' || n, 'user.created', date_trunc('minute', $2::timestamptz), 1, 1, 0, 0, 0, '[]', '[]', '[]'
       from generate_series(1, $3::int) as n`,
      [organizationId, t.clock.now(), targets],
    );
  const left = async (organizationId: string) =>
    (await t.rows('select from fresh_statistics where organization_id = $1', [organizationId])).length;
  await add('first', 300);
  await add('last', 1);
  let additions = 0;
  const transaction: typeof t.database.transaction = async (work) => {
    const value = await t.database.transaction(work);
    if (additions++ < 5) await add('first', 300);
    return value;
  };
  await createRollUp({ database: { ...t.database, transaction }, clock: t.clock, onError: fail }).merging.run();
  expect(await left('last')).toBe(0);
  expect(await left('first')).toBeGreaterThan(0); // They wait for the next round.
});

test('a step whose transaction is lost is made again', async () => {
  await using t = await setup();
  await t.target(t.receiver.url);
  await t.publish();
  await t.runDue();
  await untilFinal(t.database);
  let lost = 0;
  const losing: typeof t.database.transaction = (work) =>
    t.database.transaction(async (tx) => {
      const done = await work(tx);
      if (lost++ < 2) throw new Error('lost');
      return done;
    });
  const rollUp = createRollUp({ database: { ...t.database, transaction: losing }, clock: t.clock, onError: fail });
  await expect(rollUp.counting.run()).rejects.toThrow('lost');
  await expect(rollUp.counting.run()).rejects.toThrow('lost');
  await rollUp.counting.run();
  lost = 0;
  await expect(rollUp.merging.run()).rejects.toThrow('lost');
  expect(await t.differences()).toEqual([]);
});

test('steps that are too old are deleted, and a day stays for 400 days', async () => {
  await using t = await setup();
  await t.target(t.receiver.url);
  await t.publish();
  await t.runDue();
  await t.count();
  await t.rollUp.merging.run();
  const kept = async () =>
    (await t.rows('select distinct step_seconds as seconds from delivery_statistics order by 1')).map(
      ({ seconds }) => seconds,
    );
  const days = async (count: number) => {
    await t.clock.advance(count * 86_400_000);
    await t.rollUp.merging.run();
    return kept();
  };
  expect(await days(2)).toEqual(STEPS);
  expect(await days(2)).toEqual([3_600, 86_400]);
  expect(await days(26)).toEqual([3_600, 86_400]);
  expect(await days(3)).toEqual([86_400]);
  expect(await days(367)).toEqual([86_400]);
  expect(await days(3)).toEqual([]);
});

/** What settled attempts teach about their target, and when it is disabled. Times are those at which attempts end. */
import { expect, test } from 'vitest';
import type { Statement } from '../../../../src/database/statement.ts';
import type { Claim } from '../../../../src/pipeline/deliver/claim.ts';
import { judge, type Verdict } from '../../../../src/pipeline/deliver/judge.ts';
import type { SendResult } from '../../../../src/pipeline/deliver/send.ts';
import { createRandom } from '../../../support/changes.ts';
import { createPipeline, SCHEDULE_MS, STAMP } from '../../../support/pipeline.ts';
import { startReceiver } from '../../../support/receiver.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DURATION_MS = 40;

type Answer = number | { readonly error: string };

async function setup(options: Parameters<typeof createPipeline>[0] = {}) {
  const t = await createPipeline(options);
  const { id: targetId } = await t.target('http://127.0.0.1:2/');
  const policy = { scheduleMs: SCHEDULE_MS };

  /** What an attempt that ends now, on a delivery of its own, comes to. */
  const verdict = async (answer: Answer, { endedAt = t.clock.now(), durationMs = DURATION_MS, to = targetId } = {}) => {
    const jobId = t.clock.uuid();
    const { organizationId } = t;
    const { id: deliveryId } = await t.fixtures.delivery({ organizationId, targetId: to, jobId });
    const progress = { scheduleStep: 0, maxAttempts: 10, trigger: 'SCHEDULE', resumeAt: null } as const;
    const claim = {
      job: { id: jobId, deliveryId, retryCount: 0 },
      deliveryId,
      organizationId,
      targetId: to,
      eventId: 'e',
      eventType: 'a.b',
      status: 'PENDING',
      number: 1,
      progress,
      exemption: null,
      url: 'https://example.com/hook',
      headers: null,
    } as unknown as Claim;
    const time = { startedAt: new Date(endedAt.getTime() - durationMs), durationMs, resent: false };
    const result: SendResult =
      typeof answer === 'number'
        ? { kind: 'response', status: answer, headers: {}, body: '', bodyTruncated: false, ...time }
        : { kind: 'failure', outcome: 'TIMEOUT', ...answer, ...time };
    return judge({ claim, stamp: STAMP }, result, { policy, now: endedAt, random: 0 });
  };
  const settle = async (...answers: Answer[]) => {
    const verdicts: Verdict[] = [];
    for (const answer of answers) verdicts.push(await verdict(answer));
    await Promise.all(verdicts.map((one) => t.worker.settler.settle(one)));
  };
  return {
    ...t,
    targetId,
    verdict,
    settle,
    fails: (times: number) => settle(...Array<Answer>(times).fill(500)),
    row: async () => (await t.rows('select * from webhook_targets where id = $1', [targetId]))[0],
    setActive: () =>
      t.targets.update(t.caller, { id: targetId, status: 'ACTIVE' }).then((result) => expect(result.ok).toBe(true)),
    [Symbol.asyncDispose]: t[Symbol.asyncDispose],
  };
}

type Health = {
  failure_count: number;
  failing_since: Date | null;
  last_success_at: Date | null;
  last_failure_at: Date | null;
  last_failure_reason: string | null;
  last_attempt_at: Date | null;
};

/** Nothing was told of the target: these settlers tell nothing. */
const UNTOLD = { is_told_failing: false, told_failing_at: null, exhausted_count: 0, told_exhausted_at: null };

const later = (one: Date | null, other: Date): Date => (one !== null && one > other ? one : other);

/** The rules, one attempt after another. */
function replay(attempts: readonly { outcome: string; error: string; startedAt: Date; endedAt: Date }[]): Health {
  const health: Health = {
    failure_count: 0,
    failing_since: null,
    last_success_at: null,
    last_failure_at: null,
    last_failure_reason: null,
    last_attempt_at: null,
  };
  for (const { outcome, error, startedAt, endedAt } of attempts) {
    health.last_attempt_at = later(health.last_attempt_at, startedAt);
    if (outcome === 'DELIVERED') {
      [health.failure_count, health.failing_since] = [0, null];
      health.last_success_at = later(health.last_success_at, endedAt);
      continue;
    }
    health.failure_count++;
    if (!health.failing_since || endedAt < health.failing_since) health.failing_since = endedAt;
    if (!health.last_failure_at || endedAt >= health.last_failure_at) health.last_failure_reason = error;
    health.last_failure_at = later(health.last_failure_at, endedAt);
  }
  return health;
}

// The row of a target is locked by one batch at a time, which notes its turn; within a batch, changes are in its order.
const NOTE_TURNS = `
  create table turns (turn bigserial, target_id text, xid xid8);
  create function note_turn() returns trigger language plpgsql as $$
    begin insert into turns (target_id, xid) values (new.target_id, pg_current_xact_id()); return null; end $$;
  create trigger note_turn after update on target_health for each row execute function note_turn()`;

const IN_ORDER = `
  select a.outcome, a.error, a.started_at as "startedAt",
    a.started_at + a.duration_ms * interval '1 ms' as "endedAt", turns.turn
  from delivery_attempts a
  join delivery_changes c on c.delivery_id = a.delivery_id and c.attempt_number = a.number
  join turns on turns.xid = c.xid and turns.target_id = c.target_id
  where c.target_id = $1
  order by turns.turn, c.seq`;

test.each([0.01, 0.1, 0.9])(
  'a thousand outcomes settled by two workers at once count like one after another (%d of them successes)',
  async (successes) => {
    await using t = await setup({ disable: { afterMs: 365 * DAY, afterFailures: 1_000_000 } });
    await t.rows(NOTE_TURNS);
    const { id: other } = await t.fixtures.target({ organizationId: t.organizationId });
    const workers = [t.worker, await t.createWorker()];
    const random = createRandom(3);
    const verdicts: Verdict[] = [];
    for (let nth = 0; nth < 1_250; nth++) {
      const answer = random() < successes ? 200 : { error: `failure ${nth}` };
      // Ends in another order than it is settled in, now and then at the same time.
      const endedAt = new Date(t.clock.now().getTime() + Math.floor(random() * 2_000));
      verdicts.push(
        await t.verdict(answer, { endedAt, durationMs: Math.floor(random() * 900), to: nth % 5 ? t.targetId : other }),
      );
    }
    await Promise.all(verdicts.map((one, nth) => workers[nth % 2]!.settler.settle(one)));

    for (const [targetId, count] of [
      [t.targetId, 1_000],
      [other, 250],
    ] as const) {
      const attempts = (await t.rows(IN_ORDER, [targetId])) as (Parameters<typeof replay>[0][number] & {
        turn: string;
      })[];
      expect(attempts).toHaveLength(count);
      expect(new Set(attempts.map(({ turn }) => turn)).size).toBeGreaterThan(5); // Else nothing was concurrent.
      expect(await t.health(targetId)).toEqual({ target_id: targetId, ...replay(attempts), ...UNTOLD });
    }
  },
);

test('a batch is one statement beside those of its jobs, whatever it does to targets', async () => {
  await using t = await setup();
  const { transact } = t.database;
  const batches: string[][] = [];
  Object.assign(t.database, {
    transact: (...[statements]: Parameters<typeof transact>) => {
      batches.push((statements as Statement[]).map(({ name }) => name));
      return transact(statements);
    },
  });
  await t.settle(200);
  await t.settle(500);
  await t.settle(410);
  expect(await t.row()).toMatchObject({ status: 'DISABLED' });
  expect(batches).toEqual([
    ['settle_successes', 'plan_by_job_id', 'delete_jobs', 'record_destinations'], // The first request to it.
    ['settle_outcomes', 'plan_by_job_id', 'delete_jobs', 'insert_queued_jobs'],
    ['settle_outcomes', 'plan_by_job_id', 'delete_jobs', 'insert_queued_jobs'],
  ]);
});

test('a target is disabled by the failure that makes its row long and numerous enough, and not by one before', async () => {
  await using t = await setup();
  const firstFailedAt = t.clock.now();
  await t.fails(1);
  await t.clock.advance(5 * DAY - 1);
  await t.fails(30);
  expect(await t.row()).toMatchObject({ status: 'ACTIVE', disabled_reason: null });

  await t.clock.advance(1);
  await t.fails(1);
  const since = firstFailedAt.toISOString().replace('.000Z', 'Z');
  expect(await t.row()).toMatchObject({
    status: 'DISABLED',
    updated_at: t.clock.now(),
    disabled_reason:
      `32 attempts in a row failed since ${since}, the last one with: The target answered 500; a 2xx status was ` +
      'expected. Once the target receives again, set its status to ACTIVE. A replay of mode MISSED then sends what was ' +
      'published meanwhile.',
  });
  const { disabled_reason: reason } = await t.row();
  const organization_id = t.organizationId;
  expect(await t.rows('select * from target_changes')).toMatchObject([
    {
      organization_id,
      target_id: t.targetId,
      previous_status: 'ACTIVE',
      status: 'DISABLED',
      reason,
      occurred_at: t.clock.now(),
    },
  ]);
  expect(t.disabled).toEqual([t.targetId]);
});

test('five days of failures are not enough while they are fewer than twenty', async () => {
  await using t = await setup();
  await t.fails(1);
  await t.clock.advance(100 * DAY);
  await t.fails(18);
  expect(await t.row()).toMatchObject({ status: 'ACTIVE' });
  await t.fails(1);
  expect(await t.row()).toMatchObject({ status: 'DISABLED' });
});

test('time without events is no time of failures: a quiet week and a bad hour leave a target ACTIVE', async () => {
  await using t = await setup();
  await t.settle(200);
  await t.clock.advance(7 * DAY);
  await t.fails(40);
  await t.clock.advance(HOUR);
  await t.fails(40);
  expect(await t.row()).toMatchObject({ status: 'ACTIVE' });
  expect(await t.health(t.targetId)).toMatchObject({ failure_count: 80 });
});

test('one success starts the row of failures anew', async () => {
  await using t = await setup();
  await t.fails(19);
  await t.clock.advance(4 * DAY);
  await t.settle(500, 200, 500);
  expect(await t.health(t.targetId)).toMatchObject({ failure_count: 1, failing_since: t.clock.now() });
  await t.clock.advance(4 * DAY);
  await t.fails(40);
  expect(await t.row()).toMatchObject({ status: 'ACTIVE' });
});

test('410 Gone disables at once; the attempt is a failure like others, and its delivery is held', async () => {
  await using t = await setup();
  await using receiver = await startReceiver(() => 410);
  await t.rows('update webhook_targets set url = $1', [receiver.url]);
  const { deliveryIds } = await t.publish();
  const id = deliveryIds[0]!;
  await t.runDue();
  expect(await t.row()).toMatchObject({
    status: 'DISABLED',
    disabled_reason: expect.stringMatching(/^The target answered 410 Gone.* set its status to ACTIVE\. /),
  });
  expect(await t.health(t.targetId)).toMatchObject({ failure_count: 1 });
  expect(await t.delivery(id)).toMatchObject({ status: 'RETRYING', attempt_count: 1 });
  expect((await t.publish()).deliveryIds).toEqual([]);

  await t.clock.advance(SCHEDULE_MS[0]!);
  await t.runDue();
  expect(await t.delivery(id)).toMatchObject({ status: 'RETRYING', held: true, attempt_count: 1 });

  receiver.respondWith(200);
  await t.setActive();
  await t.worker.sweeper.run();
  await t.worker.dispatcher.idle();
  expect(await t.delivery(id)).toMatchObject({ status: 'DELIVERED', attempt_count: 2 });
  expect(await t.row()).toMatchObject({ status: 'ACTIVE', disabled_reason: null });
  expect(await t.targetHistory(t.targetId)).toEqual(['ACTIVE>DISABLED', 'DISABLED>ACTIVE']);
});

test('set ACTIVE again, a target gets as much patience as at first', async () => {
  await using t = await setup();
  await t.fails(19);
  await t.clock.advance(5 * DAY);
  await t.fails(1);
  expect(await t.row()).toMatchObject({ status: 'DISABLED' });
  await t.setActive();
  expect(await t.row()).toMatchObject({ status: 'ACTIVE', disabled_reason: null });
  await t.fails(20);
  await t.clock.advance(5 * DAY - 1);
  await t.fails(20);
  expect(await t.row()).toMatchObject({ status: 'ACTIVE' });
  await t.clock.advance(1);
  await t.fails(1);
  expect(await t.row()).toMatchObject({ status: 'DISABLED' });
  expect(await t.targetHistory(t.targetId)).toEqual(['ACTIVE>DISABLED', 'DISABLED>ACTIVE', 'ACTIVE>DISABLED']);
});

test('two workers at once disable a target once', async () => {
  await using t = await setup();
  const workers = [t.worker, await t.createWorker()];
  await t.fails(1);
  await t.clock.advance(6 * DAY);
  const verdicts: Verdict[] = [];
  for (let made = 0; made < 600; made++) verdicts.push(await t.verdict(made % 50 === 0 ? 410 : 500));
  await Promise.all(verdicts.map((one, nth) => workers[nth % 2]!.settler.settle(one)));
  expect(await t.targetHistory(t.targetId)).toEqual(['ACTIVE>DISABLED']);
  expect(t.disabled).toEqual([t.targetId]);
  expect(await t.health(t.targetId)).toMatchObject({ failure_count: 601 });
});

test.each(['PAUSED', 'DISABLED'])(
  'what ends while a target is %s is counted, and leaves its status alone',
  async (status) => {
    await using t = await setup();
    await t.rows(`update webhook_targets set status = $1::webhook_target_status, updated_at = '2000-01-01'`, [status]);
    const before = await t.row();
    await t.fails(1);
    await t.clock.advance(6 * DAY);
    await t.settle(...Array<Answer>(20).fill(500), 410);
    expect(await t.row()).toEqual(before);
    expect(await t.health(t.targetId)).toMatchObject({ failure_count: 22 });
    expect(t.disabled).toEqual([]);
  },
);

test('a deleted target is not disabled', async () => {
  await using t = await setup();
  await t.rows('update webhook_targets set deleted_at = now()');
  await t.settle(410);
  expect(await t.row()).toMatchObject({ status: 'ACTIVE' });
  expect(await t.targetHistory(t.targetId)).toEqual([]);
});

test('of two targets in a batch, only the one that is gone is disabled', async () => {
  await using t = await setup();
  const { id: other } = await t.fixtures.target({ organizationId: t.organizationId });
  const verdicts = [await t.verdict(410), await t.verdict(500, { to: other }), await t.verdict(200, { to: other })];
  await Promise.all(verdicts.map((one) => t.worker.settler.settle(one)));
  expect(t.disabled).toEqual([t.targetId]);
  expect(await t.targetHistory(other)).toEqual([]);
});

test('an attempt that ends after its delivery was cancelled counts by the same rules', async () => {
  await using t = await setup();
  await t.fails(1);
  await t.clock.advance(6 * DAY);
  await t.fails(18);
  const late = [await t.verdict({ error: 'too late' }), await t.verdict(200)];
  for (const { claim } of late) await t.deliveries.cancel(t.caller, { id: claim.deliveryId });
  await t.worker.settler.settle(late[0]!);
  expect(await t.row()).toMatchObject({
    status: 'DISABLED',
    disabled_reason: expect.stringContaining('the last one with: too late'),
  });
  expect(t.disabled).toEqual([t.targetId]);
  await t.worker.settler.settle(late[1]!);
  expect(await t.health(t.targetId)).toMatchObject({ failure_count: 0, failing_since: null });
});

test('a person who sets a target ACTIVE while workers disable it: every change goes on from the one before', async () => {
  await using t = await setup();
  for (let round = 0; round < 20; round++) {
    const verdicts = [await t.verdict(410), await t.verdict(410)];
    await Promise.all([...verdicts.map((one) => t.worker.settler.settle(one)), t.setActive(), t.setActive()]);
  }
  const history = await t.targetHistory(t.targetId);
  for (const [nth, step] of history.entries()) expect(step).toBe(nth % 2 ? 'DISABLED>ACTIVE' : 'ACTIVE>DISABLED');
});

test('a person who sets a target ACTIVE locks its rows in the order of a worker that disables it', async () => {
  await using t = await setup();
  await t.settle(410);
  const worker = await t.database.pool.connect();
  await worker.query('begin');
  await worker.query('select from target_health where target_id = $1 for update', [t.targetId]);
  const person = t.setActive();
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  await expect.poll(async () => (await t.rows(waiting)).length).toBe(1);
  await worker.query(`set local lock_timeout = '1s'`);
  await worker.query('select from webhook_targets where id = $1 for update', [t.targetId]);
  await worker.query('commit');
  worker.release();
  await person;
  expect(await t.row()).toMatchObject({ status: 'ACTIVE' });
});

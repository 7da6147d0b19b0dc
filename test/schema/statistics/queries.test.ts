/** Statistics as clients are shown them: each attempt in its step, and only those of the caller's organization. */
import { expect, test } from 'vitest';
import type { Caller } from '../../../src/access/caller.ts';
import { createRollUp } from '../../../src/pipeline/upkeep/statistics/roll-up.ts';
import { untilFinal } from '../../support/changes.ts';
import { setup as setupApi } from '../setup.ts';

const POINT = `at attempts delivered failed retries manual exhausted outcomes { outcome statusClass count }
  durationMs { p50 p95 p99 max } latencyMs { p50 p95 p99 max }`;
const STATISTICS = `query ($range: DateTimeRange!, $granularity: StatisticsGranularity!, $filter: StatisticsFilter, $first: Int) {
  deliveryStatistics(range: $range, granularity: $granularity, filter: $filter) {
    upTo total { ${POINT} } points { ${POINT} }
    byTarget(first: $first) { target { id } total { attempts failed } }
    byEventType(first: $first) { eventType { name } total { attempts failed } }
  }
}`;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const fail = (error: unknown) => {
  throw error;
};

/** As variables come from a client. */
const sent = (variables: object): Record<string, unknown> => JSON.parse(JSON.stringify(variables));

type Attempt = {
  readonly organizationId?: string;
  readonly targetId?: string;
  readonly eventType?: string;
  readonly number?: number;
  readonly outcome?: string;
  readonly trigger?: string;
  readonly status?: string;
  readonly responseStatus?: number | null;
  readonly durationMs?: number;
  readonly latencyMs?: number | null;
};

async function setup() {
  const t = await setupApi();
  const targetId = (await t.fixtures.target({ organizationId: t.own })).id;
  for (const name of ['user.created', 'user.deleted']) await t.fixtures.eventType({ name });
  const rollUp = createRollUp({ database: t.database, clock: t.clock, onError: fail });
  await rollUp.counting.run();
  const statistics = async (variables: object, caller: Caller = t.member) =>
    (await t.query(STATISTICS, sent({ granularity: 'HOUR', ...variables }), caller)).deliveryStatistics;
  return Object.assign(t, {
    rollUp,
    targetId,
    statistics,
    /** Attempts that end now, as settling records them. */
    async attempts(...attempts: readonly Attempt[]) {
      for (const attempt of attempts) {
        const { outcome = 'DELIVERED', responseStatus = outcome === 'DELIVERED' ? 200 : null } = attempt;
        await t.database.pool.query(
          `insert into delivery_changes (organization_id, delivery_id, target_id, event_id, event_type, previous_status, status,
             attempt_number, occurred_at, trigger, outcome, duration_ms, latency_ms, response_status)
           values ($1, 'delivery', $2, 'event', $3, 'PENDING', $4, $5, $6, $7, $8, $9, $10, $11)`,
          [
            attempt.organizationId ?? t.own,
            attempt.targetId ?? targetId,
            attempt.eventType ?? 'user.created',
            attempt.status ?? (outcome === 'DELIVERED' ? 'DELIVERED' : 'RETRYING'),
            attempt.number ?? 1,
            t.clock.now(),
            attempt.trigger ?? 'SCHEDULE',
            outcome,
            attempt.durationMs ?? 5,
            attempt.latencyMs ?? null,
            responseStatus,
          ],
        );
      }
    },
    async count() {
      await untilFinal(t.database);
      await rollUp.counting.run();
    },
    /** Whole hours around now. */
    hours: (before: number, after = 1) => {
      const hour = t.clock.now().getTime() - (t.clock.now().getTime() % HOUR);
      return { gte: new Date(hour - before * HOUR), lt: new Date(hour + after * HOUR) };
    },
  });
}

const attemptsOf = (points: readonly { attempts: number }[]) => points.map(({ attempts }) => attempts);

test('points: oldest first, one for each step of the range, empty ones included', async () => {
  await using t = await setup();
  await t.attempts({}, { outcome: 'TIMEOUT', number: 2 });
  await t.clock.advance(2 * HOUR);
  await t.attempts({ outcome: 'HTTP_ERROR', responseStatus: 503, number: 3, trigger: 'MANUAL', status: 'FAILED' });
  await t.count();
  for (const isMerged of [false, true]) {
    if (isMerged) await t.rollUp.merging.run();
    const { points, total } = await t.statistics({ range: t.hours(3) });
    expect(attemptsOf(points)).toEqual([0, 2, 0, 1]);
    const starts = [3, 2, 1, 0].map((hours) => t.hours(hours).gte.toISOString());
    expect(points.map(({ at }: { at: string }) => at)).toEqual(starts);
    expect(points[0]).toMatchObject({ outcomes: [], durationMs: null, latencyMs: null });
    expect(total).toMatchObject({
      at: starts[0],
      attempts: 3,
      delivered: 1,
      failed: 2,
      retries: 2,
      manual: 1,
      exhausted: 1,
    });
    expect(total.outcomes).toHaveLength(3);
    for (const one of [
      { outcome: 'DELIVERED', statusClass: 2, count: 1 },
      { outcome: 'TIMEOUT', statusClass: null, count: 1 },
      { outcome: 'HTTP_ERROR', statusClass: 5, count: 1 },
    ])
      expect(total.outcomes).toContainEqual(one);
  }
});

test('days are those of UTC, and a step is counted whole although the range cuts it', async () => {
  await using t = await setup();
  const midnight = new Date(t.clock.now().getTime() - (t.clock.now().getTime() % DAY) + DAY);
  await t.clock.advance(midnight.getTime() - 1 - t.clock.now().getTime());
  await t.attempts({});
  await t.clock.advance(1);
  await t.attempts({}, {});
  await t.count();
  const range = { gte: new Date(midnight.getTime() - 1), lt: new Date(midnight.getTime() + 1) };
  const { points } = await t.statistics({ range, granularity: 'DAY' });
  expect(attemptsOf(points)).toEqual([1, 2]);
  expect(points[1].at).toBe(midnight.toISOString());
});

test('latency and duration are percentiles of what was counted', async () => {
  await using t = await setup();
  await t.attempts(...[1, 2, 3, 7].map((ms) => ({ durationMs: ms, latencyMs: ms + 1 })), {
    durationMs: 9,
    latencyMs: null,
  });
  await t.count();
  const { total } = await t.statistics({ range: t.hours(0) });
  expect(total.durationMs).toEqual({ p50: 3, p95: 9, p99: 9, max: 9 });
  expect(total.latencyMs).toEqual({ p50: 3, p95: 8, p99: 8, max: 8 });
});

test('rankings: the most failed attempts first, then the most attempts', async () => {
  await using t = await setup();
  const targets = await Promise.all([1, 2, 3].map(async () => (await t.fixtures.target({ organizationId: t.own })).id));
  const [busy, failing, worst] = targets as [string, string, string];
  await t.fixtures.target({ organizationId: t.own }); // Without attempts.
  for (const at of [0, 1]) {
    await t.attempts(...Array(3).fill({ targetId: busy }), {
      targetId: failing,
      outcome: 'TIMEOUT',
      eventType: 'user.deleted',
    });
    await t.attempts({ targetId: worst, outcome: 'TIMEOUT' }, { targetId: worst, outcome: 'DNS_ERROR' });
    await t.count();
    if (at === 0) await t.rollUp.merging.run();
    await t.clock.advance(DAY + 5 * HOUR);
  }
  const range = t.hours(80);
  const { byTarget, byEventType } = await t.statistics({ range });
  expect(byTarget).toEqual([
    { target: { id: worst }, total: { attempts: 4, failed: 4 } },
    { target: { id: failing }, total: { attempts: 2, failed: 2 } },
    { target: { id: busy }, total: { attempts: 6, failed: 0 } },
  ]);
  expect(byEventType).toEqual([
    { eventType: { name: 'user.created' }, total: { attempts: 10, failed: 4 } },
    { eventType: { name: 'user.deleted' }, total: { attempts: 2, failed: 2 } },
  ]);
  expect((await t.statistics({ range, first: 1 })).byTarget).toHaveLength(1);
  const filtered = await t.statistics({ range, filter: { eventType: ['user.deleted'] } });
  expect(filtered.byTarget).toEqual([{ target: { id: failing }, total: { attempts: 2, failed: 2 } }]);
  expect(filtered.total.attempts).toBe(2);
  const ofTarget = await t.statistics({ range, filter: { targetId: worst } });
  expect(ofTarget.byTarget).toEqual([{ target: { id: worst }, total: { attempts: 4, failed: 4 } }]);
  expect(ofTarget.byEventType).toEqual([{ eventType: { name: 'user.created' }, total: { attempts: 4, failed: 4 } }]);
});

test('a pattern stands for every type below it', async () => {
  await using t = await setup();
  for (const eventType of ['user.created', 'user.deleted', 'users.created']) await t.attempts({ eventType });
  await t.count();
  for (const isMerged of [false, true]) {
    if (isMerged) await t.rollUp.merging.run();
    const range = t.hours(0);
    const of = (...eventType: string[]) => t.statistics({ range, filter: { eventType } });
    expect(await of('user.*')).toMatchObject({ total: { attempts: 2 }, byTarget: [{ total: { attempts: 2 } }] });
    expect((await of('user.*')).byEventType).toHaveLength(2);
    expect((await of('users.created', 'user.*')).total.attempts).toBe(3);
    expect((await of('.*', '*')).total.attempts).toBe(0);
  }
});

test('a filter that cannot match counts nothing', async () => {
  await using t = await setup();
  await t.attempts({});
  await t.count();
  await t.rollUp.merging.run();
  const range = t.hours(0);
  for (const filter of [
    { eventType: [] },
    { eventType: [''] },
    { eventType: ['user.created', ''] },
    { eventType: ['nothing.of.that'] },
    { eventType: ['a\0b'] },
    { targetId: '' },
    { targetId: 'a\0b' },
    { targetId: t.other },
  ]) {
    const found = await t.statistics({ range, filter });
    expect(found, JSON.stringify(filter)).toMatchObject({ total: { attempts: 0 }, byTarget: [], byEventType: [] });
  }
  const all = await t.statistics({
    range,
    filter: { targetId: t.targetId, eventType: ['user.created', 'user.deleted'] },
  });
  expect(all.total.attempts).toBe(1);
});

test('what another organization sent is not counted, not by its target either', async () => {
  await using t = await setup();
  const { id: others } = await t.fixtures.target({ organizationId: t.other });
  await t.attempts({}, { organizationId: t.other, targetId: others }, { organizationId: t.other, targetId: others });
  await t.count();
  for (const isMerged of [false, true]) {
    if (isMerged) await t.rollUp.merging.run();
    const range = t.hours(0);
    expect((await t.statistics({ range })).total.attempts).toBe(1);
    expect((await t.statistics({ range, filter: { targetId: others } })).total.attempts).toBe(0);
    expect((await t.statistics({ range }, t.stranger)).total.attempts).toBe(2);
    expect((await t.statistics({ range, filter: { targetId: t.targetId } }, t.stranger)).total.attempts).toBe(0);
  }
});

test('WebhookTarget.statistics is that of the target, and byTarget still shows a deleted one', async () => {
  await using t = await setup();
  await t.attempts({}, { targetId: 'another' });
  await t.count();
  const range = t.hours(0);
  const document = `query ($id: ID!, $range: DateTimeRange!) {
    webhookTarget(id: $id) { statistics(range: $range, granularity: MINUTE) { total { attempts } points { attempts } } } }`;
  const { webhookTarget } = await t.query(document, sent({ id: t.targetId, range }), t.member);
  expect(webhookTarget.statistics.total.attempts).toBe(1);
  expect(webhookTarget.statistics.points).toHaveLength(60);
  await t.database.pool.query('update webhook_targets set deleted_at = now() where id = $1', [t.targetId]);
  expect((await t.statistics({ range })).byTarget).toMatchObject([{ target: { id: t.targetId } }]);
});

test('the statistics of a list of targets are read together, and each gets its own', async () => {
  await using t = await setup();
  const targets = [t.targetId];
  while (targets.length < 20) targets.push((await t.fixtures.target({ organizationId: t.own })).id);
  for (const isFresh of [false, true]) {
    for (const [index, targetId] of targets.entries()) {
      await t.attempts(...Array(index % 3).fill({ targetId, outcome: 'TIMEOUT' }), { targetId });
    }
    await t.count();
    if (!isFresh) await t.rollUp.merging.run();
  }
  const of = (name: string, granularity: string) => `${name}: statistics(range: $range, granularity: ${granularity}) {
    upTo total { attempts failed } points { attempts } }`;
  const document = `query ($range: DateTimeRange!) {
    webhookTargets(first: 50) { nodes { id ${of('hours', 'HOUR')} ${of('days', 'DAY')} } } }`;
  t.statements.length = 0;
  const { webhookTargets } = await t.query(document, sent({ range: t.hours(30) }), t.member);
  expect(webhookTargets.nodes).toHaveLength(20);
  for (const { id, hours, days } of webhookTargets.nodes) {
    const failed = 2 * (targets.indexOf(id) % 3);
    const expected = { total: { attempts: failed + 2, failed } };
    expect(hours).toMatchObject(expected);
    expect(days).toMatchObject(expected);
    expect(attemptsOf(hours.points)).toEqual([...Array(30).fill(0), failed + 2]);
  }
  // For hours and for days: their points and their totals.
  expect(t.statements.filter((text) => text.includes('delivery_statistics'))).toHaveLength(4);
  expect(t.statements.filter((text) => text.includes('statistics_progress'))).toHaveLength(1);
});

test('a long list of targets is read some at a time', async () => {
  await using t = await setup();
  for (let nth = 0; nth < 9; nth++) await t.fixtures.target({ organizationId: t.own });
  await t.attempts({});
  await t.count();
  await t.rollUp.merging.run();
  const document = `query ($range: DateTimeRange!) {
    webhookTargets { nodes { id statistics(range: $range, granularity: HOUR) { points { attempts } } } } }`;
  t.statements.length = 0;
  const { webhookTargets } = await t.query(document, sent({ range: t.hours(719) }), t.member);
  for (const { id, statistics } of webhookTargets.nodes) {
    expect(attemptsOf(statistics.points).reduce((sum, count) => sum + count)).toBe(id === t.targetId ? 1 : 0);
  }
  // Two targets with 720 hours each are 1440 rows.
  expect(t.statements.filter((text) => text.includes('delivery_statistics'))).toHaveLength(5);
});

test('upTo: until now, or to the oldest change that is not counted', async () => {
  await using t = await setup();
  const now = () => t.clock.now().getTime();
  const upTo = async () => Date.parse((await t.statistics({ range: t.hours(0) })).upTo);
  expect(await upTo()).toBe(now() - 1_000);
  const at = now();
  await t.attempts({});
  await t.clock.advance(7_000);
  expect(await upTo()).toBe(at - 1_000);
  await t.count();
  expect(await upTo()).toBe(now() - 1_000);
});

test.each([
  ['no beginning', { lt: 0 }, 'HOUR', 'range.gte'],
  ['more than 1000 steps', { gte: -17 * HOUR }, 'MINUTE', 'expected at most 1000 steps of MINUTE, got 10'],
  ['minutes of three days ago', { gte: -3 * DAY, lt: -3 * DAY + HOUR }, 'MINUTE', 'kept for 48 hours'],
  ['hours of 32 days ago', { gte: -32 * DAY, lt: -31 * DAY }, 'HOUR', 'Ask for DAY, which is kept for 400 days'],
  ['days of two years ago', { gte: -730 * DAY, lt: -700 * DAY }, 'DAY', 'Begin later'],
])('%s: BAD_USER_INPUT', async (_, range, granularity, message) => {
  await using t = await setup();
  const at = Object.entries(range).map(([name, ms]) => [name, new Date(t.clock.now().getTime() + ms)]);
  const variables = { range: Object.fromEntries(at), granularity };
  const { errors } = await t.execute(STATISTICS, sent(variables), t.member);
  expect(errors).toMatchObject([
    { code: 'BAD_USER_INPUT', message: expect.stringContaining(message), extensions: { argument: 'range' } },
  ]);
});

test('the longest ranges: 1000 minutes, 48 hours of minutes ago, 30 days of hours, 400 days', async () => {
  await using t = await setup();
  const ago = (ms: number) => new Date(t.clock.now().getTime() - ms);
  const minutes = { gte: ago(48 * HOUR), lt: ago(48 * HOUR - 999 * 60_000) };
  for (const [range, granularity, steps] of [
    [minutes, 'MINUTE', 1_000],
    [{ gte: ago(30 * DAY) }, 'HOUR', 721],
    [{ gte: ago(400 * DAY) }, 'DAY', 401],
    [{ gte: ago(0), lt: ago(0) }, 'DAY', 0],
    [{ gte: ago(0), lt: ago(HOUR) }, 'DAY', 0],
  ] as const) {
    const { points } = await t.statistics({ range, granularity });
    expect(Math.abs(points.length - steps), `${granularity} ${points.length}`).toBeLessThanOrEqual(steps === 0 ? 0 : 1);
  }
});

test.each([0, 101, -1])('byTarget(first: %i): BAD_USER_INPUT', async (first) => {
  await using t = await setup();
  const { errors } = await t.execute(STATISTICS, sent({ range: t.hours(0), granularity: 'HOUR', first }), t.member);
  expect(errors[0]).toMatchObject({ code: 'BAD_USER_INPUT', extensions: { argument: 'first' } });
});

test('it needs DELIVERIES_READ', async () => {
  await using t = await setup();
  const caller = await t.caller(t.own, ['TARGETS_READ']);
  const { errors } = await t.execute(STATISTICS, sent({ range: t.hours(0), granularity: 'HOUR' }), caller);
  expect(errors).toMatchObject([{ code: 'FORBIDDEN' }]);
});

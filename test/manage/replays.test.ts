import { expect, test } from 'vitest';
import type { Result } from '../../src/errors.ts';
import type { CreateReplayInput } from '../../src/manage/replays.ts';
import { createReplays } from '../../src/manage/replays.ts';
import { createReplayCount } from '../../src/pipeline/replay/count-replay.ts';
import { setup as setupTargets } from './targets-setup.ts';

const DAY_MS = 86_400_000;

async function setup() {
  const t = await setupTargets();
  const { database, clock, fixtures, own } = t;
  const retentionDays = 30;
  const ring = (channel: string) => void t.rings.push(channel);
  const count = createReplayCount({ reads: database.reads, clock, retentionDays });
  const replays = createReplays({ database, clock, ids: fixtures.ids, retentionDays, count, ring });
  const target = await fixtures.target({ organizationId: own.id });
  await clock.advance(1_000);
  const createdAt = { gte: new Date(clock.now().getTime() - DAY_MS), lt: clock.now() };
  const scope = { targetId: target.id, mode: 'MISSED', createdAt } as const;
  const create = (input: Partial<CreateReplayInput> = {}, caller = t.member) =>
    replays.create(caller, { scope, ...input });
  return Object.assign(t, { replays, target, createdAt, scope, create });
}

const codes = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);
const messageOf = (result: Result<unknown>) => (result.ok ? '' : result.userErrors[0]!.message);

test('a replay begins RUNNING, with a change for the stream and a row of the audit log', async () => {
  await using t = await setup();
  const created = await t.create({ ratePerSecond: 7 });
  expect(created).toEqual({ ok: true, value: { replayId: expect.any(String) } });
  const [row] = await t.rowsOf('select * from replays');
  expect(row).toMatchObject({ status: 'RUNNING', mode: 'MISSED', rate_per_second: 7, ended_at: null, runner: null });
  expect(row).toMatchObject({ published_from: t.createdAt.gte, published_until: t.createdAt.lt, event_types: [] });
  expect(await t.rowsOf('select status, replayed_count from replay_changes')).toEqual([
    { status: 'RUNNING', replayed_count: 0 },
  ]);
  expect(await t.rowsOf('select subject_type, subject_id, before, after from audit_log')).toMatchObject([
    { subject_type: 'Replay', subject_id: row.id, before: null, after: { mode: 'MISSED', ratePerSecond: 7 } },
  ]);
  expect(t.rings).toEqual(['replay_changes']);
});

test('the rate is 50 a second unless one is given', async () => {
  await using t = await setup();
  await t.create();
  expect(await t.rowsOf('select rate_per_second from replays')).toEqual([{ rate_per_second: 50 }]);
});

test('a replay of a PAUSED target begins WAITING; for a DISABLED one it is refused', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.own.id, status: 'PAUSED' });
  expect(await t.create({ scope: { ...t.scope, targetId: id } })).toMatchObject({ ok: true });
  expect(await t.rowsOf('select status from replays')).toEqual([{ status: 'WAITING' }]);
  await t.rowsOf(`update webhook_targets set status = 'DISABLED' where id = $1`, [t.target.id]);
  expect(codes(await t.create())).toEqual(['INVALID_STATE input.scope.targetId']);
});

test('of 40 concurrent createReplay for one target, one runs, and the others are told its id', async () => {
  await using t = await setup();
  const results = await Promise.all(Array.from({ length: 40 }, () => t.create()));
  const created = results.filter(({ ok }) => ok);
  expect(created).toHaveLength(1);
  const [{ id }] = (await t.rowsOf('select id from replays')) as [{ id: string }];
  expect(await t.rowsOf('select count(*)::int from replays')).toEqual([{ count: 1 }]);
  for (const result of results.filter(({ ok }) => !ok)) {
    expect(codes(result)).toEqual(['INVALID_STATE input.scope.targetId']);
    expect(messageOf(result)).toContain(id);
  }
});

test('after the end of a replay another one may begin; one of all targets runs beside it', async () => {
  await using t = await setup();
  const first = await t.create();
  const everybody = { scope: { ...t.scope, targetId: null, mode: 'FAILED' } } as const;
  expect(await t.create(everybody)).toMatchObject({ ok: true });
  expect(codes(await t.create(everybody))).toEqual(['INVALID_STATE undefined']);
  expect(await t.replays.cancel(t.member, { id: first.ok ? first.value.replayId : '' })).toMatchObject({ ok: true });
  expect(await t.create()).toMatchObject({ ok: true });
});

test('an organization has at most 100 replays that have not ended, also of concurrent ones', async () => {
  await using t = await setup();
  const create = async (organizationId = t.own.id, caller = t.member) => {
    const { id } = await t.fixtures.target({ organizationId });
    return t.create({ scope: { ...t.scope, targetId: id } }, caller);
  };
  const created = await Promise.all(Array.from({ length: 98 }, () => create()));
  expect(created.filter(({ ok }) => ok)).toHaveLength(98);
  const last = await Promise.all(Array.from({ length: 5 }, () => create()));
  expect(last.filter(({ ok }) => ok)).toHaveLength(2);
  for (const refused of last.filter(({ ok }) => !ok)) {
    expect(codes(refused)).toEqual(['TOO_MANY undefined']);
    expect(messageOf(refused)).toContain('100 replays that have not ended');
  }
  const first = created[0]!;
  expect(await t.replays.cancel(t.member, { id: first.ok ? first.value.replayId : '' })).toMatchObject({ ok: true });
  expect(await create()).toMatchObject({ ok: true });
  expect(codes(await create())).toEqual(['TOO_MANY undefined']);
});

const REFUSED_SCOPES = [
  [{ targetId: null }, 'REQUIRED input.scope.targetId'],
  [{ targetId: null, mode: 'ALL' }, 'REQUIRED input.scope.targetId'],
  [{ targetId: 'no id' }, 'NOT_FOUND input.scope.targetId'],
  [{ createdAt: { lt: new Date(0) } }, 'REQUIRED input.scope.createdAt.gte'],
  [{ createdAt: { gte: new Date(0) } }, 'REQUIRED input.scope.createdAt.lt'],
  [{ createdAt: { gte: new Date(1), lt: new Date(1) } }, 'INVALID input.scope.createdAt'],
  [{ createdAt: { gte: new Date(0), lt: new Date(31 * DAY_MS) } }, 'INVALID input.scope.createdAt'],
  [{ createdAt: { gte: new Date('2036-01-01'), lt: new Date('2036-01-02') } }, 'INVALID input.scope.createdAt'],
  [{ eventType: [] }, 'REQUIRED input.scope.eventType'],
  [{ eventType: Array.from({ length: 1_001 }, () => 'customer.created') }, 'TOO_MANY input.scope.eventType'],
  [{ eventType: ['customer.create'] }, 'UNKNOWN_EVENT_TYPE input.scope.eventType.0'],
  [{ eventType: ['customer.*', 'customers.*'] }, 'UNKNOWN_EVENT_TYPE input.scope.eventType.1'],
  [{ customerId: '' }, 'REQUIRED input.scope.customerId'],
  [{ customerId: 'a\0' }, 'INVALID input.scope.customerId'],
] as const;

test('a scope that cannot be replayed is refused, by createReplay and by replayPreview', async () => {
  await using t = await setup();
  for (const [fields, error] of REFUSED_SCOPES) {
    const scope = { ...t.scope, ...fields } as CreateReplayInput['scope'];
    expect(codes(await t.create({ scope }))).toEqual([error]);
    expect(codes(await t.replays.preview(t.member, scope))).toEqual([error]);
  }
});

test('a rate is 1 to 1000, and an expectedCount is not negative', async () => {
  await using t = await setup();
  expect(codes(await t.create({ ratePerSecond: 0 }))).toEqual(['INVALID input.ratePerSecond']);
  expect(codes(await t.create({ ratePerSecond: 1_001 }))).toEqual(['INVALID input.ratePerSecond']);
  expect(codes(await t.create({ expectedCount: -1 }))).toEqual(['INVALID input.expectedCount']);
});

test('names, archived ones and patterns are taken as event types', async () => {
  await using t = await setup();
  const eventType = ['customer.*', 'old.type'];
  expect(await t.create({ scope: { ...t.scope, eventType } })).toMatchObject({ ok: true });
  expect(await t.rowsOf('select event_types from replays')).toEqual([{ event_types: eventType }]);
});

test('an end in the future counts as now', async () => {
  await using t = await setup();
  const createdAt = { ...t.createdAt, lt: new Date(t.clock.now().getTime() + DAY_MS) };
  await t.create({ scope: { ...t.scope, createdAt } });
  expect(await t.rowsOf('select published_until as until from replays')).toEqual([{ until: t.clock.now() }]);
});

test('a replay does not begin when its count is off by more than a tenth of the expected one', async () => {
  await using t = await setup();
  const createdAt = new Date(t.clock.now().getTime() - 1);
  for (let nth = 0; nth < 10; nth++) await t.fixtures.event({ organizationId: t.own.id, createdAt });
  expect(await t.replays.preview(t.member, t.scope)).toEqual({
    ok: true,
    value: { count: 10, estimate: null, oldestAt: createdAt, newestAt: createdAt },
  });
  for (const expectedCount of [0, 8, 9, 12]) {
    expect(codes(await t.create({ expectedCount }))).toEqual(['INVALID_STATE input.expectedCount']);
  }
  for (const expectedCount of [10, 11]) {
    const created = await t.create({ expectedCount });
    expect(created).toMatchObject({ ok: true });
    await t.replays.cancel(t.member, { id: created.ok ? created.value.replayId : '' });
  }
});

test('a second replay is told of the first one, not of a count that the first one has changed', async () => {
  await using t = await setup();
  const created = await t.create();
  const refused = await t.create({ expectedCount: 10 });
  expect(codes(refused)).toEqual(['INVALID_STATE input.scope.targetId']);
  expect(messageOf(refused)).toContain(created.ok ? created.value.replayId : 'the replay');
});

test('a replay of another organization, and of its target, is not found', async () => {
  await using t = await setup();
  const stranger = { ...t.member, organizationId: t.other.id };
  expect(codes(await t.create({}, stranger))).toEqual(['NOT_FOUND input.scope.targetId']);
  const created = await t.create();
  const id = created.ok ? created.value.replayId : '';
  expect(codes(await t.replays.cancel(stranger, { id }))).toEqual(['NOT_FOUND input.id']);
  expect(codes(await t.replays.cancel(t.member, { id: 'no id' }))).toEqual(['NOT_FOUND input.id']);
  expect(await t.replays.cancel({ ...stranger, isPlatformAdmin: true }, { id })).toMatchObject({ ok: true });
});

test('cancelling writes a change and a row of the audit log, once', async () => {
  await using t = await setup();
  const created = await t.create();
  const id = created.ok ? created.value.replayId : '';
  await t.replays.cancel(t.member, { id });
  expect(codes(await t.replays.cancel(t.member, { id }))).toEqual(['INVALID_STATE input.id']);
  expect((await t.rowsOf('select status from replay_changes order by xid, seq')).map(({ status }) => status)).toEqual([
    'RUNNING',
    'CANCELLED',
  ]);
  expect((await t.rowsOf('select before, after from audit_log order by id'))[1]).toEqual({
    before: { status: 'RUNNING' },
    after: { status: 'CANCELLED' },
  });
});

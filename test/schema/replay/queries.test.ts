import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

const DAY_MS = 86_400_000;

async function setupReplays() {
  const t = await setup();
  const target = await t.fixtures.target({ organizationId: t.own });
  await t.clock.advance(1_000);
  const createdAt = () => ({
    gte: new Date(t.clock.now().getTime() - DAY_MS).toISOString(),
    lt: t.clock.now().toISOString(),
  });
  const scope = (more: object = {}) => ({ targetId: target.id, mode: 'MISSED', createdAt: createdAt(), ...more });
  return Object.assign(t, { target, scope });
}

const PREVIEW = `query ($scope: ReplayScopeInput!) {
  replayPreview(scope: $scope) { count estimate oldestAt newestAt userErrors { field code message } }
}`;

test('replayPreview counts what a replay would send: of each mode', async () => {
  await using t = await setupReplays();
  const organizationId = t.own;
  const times: Date[] = [];
  for (const status of ['DELIVERED', 'FAILED', 'PENDING', null] as const) {
    await t.clock.advance(1_000);
    times.push(t.clock.now());
    const event = await t.fixtures.event({ organizationId });
    if (status !== null)
      await t.fixtures.delivery({ organizationId, targetId: t.target.id, eventId: event.id, status });
  }
  await t.clock.advance(1_000);
  const count = async (more: object) => (await t.query(PREVIEW, { scope: t.scope(more) })).replayPreview;
  const [first, second, , last] = times.map((time) => time.toISOString());
  const exact = { estimate: null, userErrors: [] };
  expect(await count({ mode: 'MISSED' })).toEqual({ ...exact, count: 1, oldestAt: last, newestAt: last });
  expect(await count({ mode: 'FAILED' })).toEqual({ ...exact, count: 1, oldestAt: second, newestAt: second });
  expect(await count({ mode: 'ALL' })).toEqual({ ...exact, count: 3, oldestAt: first, newestAt: last });
  expect(await count({ mode: 'ALL', customerId: 'nobody' })).toEqual({
    ...exact,
    count: 0,
    oldestAt: null,
    newestAt: null,
  });
});

test('beyond 10,000, replayPreview estimates', async () => {
  await using t = await setupReplays();
  const ids = Array.from({ length: 10_500 }, () => t.fixtures.ids.next());
  await t.database.pool.query(
    `insert into events (id, organization_id, event_type, body, created_at)
     select id, $2, 'customer.created', '{}', $3 from unnest($1::text[]) as id`,
    [ids, t.own, t.clock.now()],
  );
  await t.database.pool.query('analyze events');
  const at = t.clock.now().toISOString();
  await t.clock.advance(1_000);
  const { replayPreview } = await t.query(PREVIEW, { scope: t.scope() });
  expect(replayPreview).toMatchObject({ count: null, oldestAt: at, newestAt: at, userErrors: [] });
  expect(replayPreview.estimate).toBeGreaterThan(10_000);
  expect(replayPreview.estimate).toBeLessThan(11_500);
});

test('replayPreview refuses a scope with the path of its argument', async () => {
  await using t = await setupReplays();
  const { replayPreview } = await t.query(PREVIEW, { scope: t.scope({ targetId: null }) });
  expect(replayPreview).toMatchObject({
    count: null,
    userErrors: [{ field: ['scope', 'targetId'], code: 'REQUIRED' }],
  });
});

const REPLAYS = `query ($filter: ReplayFilter, $first: Int, $after: String) {
  replays(filter: $filter, first: $first, after: $after) {
    nodes { id status target { id } } totalCount pageInfo { hasNextPage endCursor }
  }
}`;

test('replays lists them newest first, in pages, by target and by status', async () => {
  await using t = await setupReplays();
  const organizationId = t.own;
  const ended = await t.fixtures.replay({ organizationId, targetId: t.target.id, status: 'COMPLETED' });
  const everybodys = await t.fixtures.replay({ organizationId });
  const running = await t.fixtures.replay({ organizationId, targetId: t.target.id });
  const ids = async (variables: object = {}) =>
    (await t.query(REPLAYS, { ...variables })).replays.nodes.map(({ id }: { id: string }) => id);
  expect(await ids()).toEqual([running.id, everybodys.id, ended.id]);
  expect(await ids({ filter: { targetId: t.target.id } })).toEqual([running.id, ended.id]);
  expect(await ids({ filter: { status: ['COMPLETED', 'HALTED'] } })).toEqual([ended.id]);
  expect(await ids({ filter: { status: [] } })).toEqual([]);
  const { replays: page } = await t.query(REPLAYS, { first: 2 });
  expect(page).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
  expect(await ids({ first: 2, after: page.pageInfo.endCursor })).toEqual([ended.id]);
});

test('a replay lists what it created or retried, by filters too; a delivery names the replay that created it', async () => {
  await using t = await setupReplays();
  const replay = await t.fixtures.replay({ organizationId: t.own, targetId: t.target.id });
  const ids = await t.deliveries(3, { targetId: t.target.id });
  await t.deliveries(1, { targetId: t.target.id });
  const [created, retried] = [ids.slice(0, 2), ids[2]!];
  await t.database.pool.query(`update deliveries set status = 'FAILED' where id = $1`, [retried]);
  await t.database.pool.query('update deliveries set replay_id = $2 where id = any($1)', [created, replay.id]);
  await t.database.pool.query('insert into replay_deliveries select $2, unnest($1::text[])', [ids, replay.id]);
  const document = `query ($id: ID!, $filter: DeliveryFilter) {
    replay(id: $id) { deliveries(filter: $filter) { nodes { id replay { id } } totalCount } }
  }`;
  const listed = async (filter: object | null = null) =>
    (await t.query(document, { id: replay.id, filter })).replay.deliveries;
  expect(await listed()).toEqual({
    totalCount: 3,
    nodes: [
      { id: retried, replay: null },
      { id: created[1], replay: { id: replay.id } },
      { id: created[0], replay: { id: replay.id } },
    ],
  });
  expect(await listed({ status: ['FAILED'] })).toMatchObject({ totalCount: 1, nodes: [{ id: retried }] });
  expect(await listed({ targetId: t.fixtures.ids.next() })).toMatchObject({ totalCount: 0 });
});

test('a replay that is no longer kept is not named by its deliveries', async () => {
  await using t = await setupReplays();
  const [id] = await t.deliveries(1, { targetId: t.target.id });
  await t.database.pool.query('update deliveries set replay_id = $2 where id = $1', [id, t.fixtures.ids.next()]);
  expect(await t.query('query ($id: ID!) { delivery(id: $id) { replay { id } } }', { id })).toEqual({
    delivery: { replay: null },
  });
});

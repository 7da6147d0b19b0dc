import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

const TARGETS = `query ($id: ID!, $first: Int, $after: String) { event(id: $id) { targets(first: $first, after: $after) {
  nodes { target { id } delivery { id } reason } pageInfo { hasNextPage endCursor } totalCount } } }`;

test('lists every target of the organization once, newest first, page by page, and no deleted or foreign one', async () => {
  await using t = await setup();
  const ids: string[] = [];
  for (let made = 0; made < 3; made++) ids.unshift((await t.fixtures.target({ organizationId: t.own })).id);
  await t.fixtures.target({ organizationId: t.own, deletedAt: t.clock.now() });
  await t.fixtures.target({ organizationId: t.other });
  const { id } = await t.fixtures.event({ organizationId: t.own });
  const page = async (after: string | null) => (await t.query(TARGETS, { id, first: 2, after })).event.targets;
  const first = await page(null);
  const second = await page(first.pageInfo.endCursor);
  const shown = [...first.nodes, ...second.nodes].map(({ target }: { target: { id: string } }) => target.id);
  expect(shown).toEqual(ids);
  expect([first.totalCount, second.pageInfo.hasNextPage]).toEqual([3, false]);
});

test('shows the first delivery of several, and none of another event', async () => {
  await using t = await setup();
  const { id: first, targetId, eventId } = await t.delivery();
  await t.delivery({ targetId });
  await t.clock.advance(1_000);
  await t.fixtures.delivery({ organizationId: t.own, targetId, eventId });
  const { targets } = (await t.query(TARGETS, { id: eventId })).event;
  expect(targets.nodes).toEqual([{ target: { id: targetId }, delivery: { id: first }, reason: null }]);
});

test('a status that was changed since is told as it was when the event was published', async () => {
  await using t = await setup();
  const set = (id: string, status: string) =>
    t.query(`mutation { updateWebhookTarget(input: { id: "${id}", status: ${status} }) { userErrors { code } } }`);
  const published = async () => {
    await t.clock.advance(1_000);
    const { id } = await t.fixtures.event({ organizationId: t.own });
    await t.clock.advance(1_000);
    return id;
  };
  const { id: target } = await t.fixtures.target({ organizationId: t.own });
  const whileActive = await published();
  await set(target, 'DISABLED');
  const whileDisabled = await published();
  await set(target, 'PAUSED');
  const whilePaused = await published();
  const reasons = async () => {
    const all = await Promise.all([whileActive, whileDisabled, whilePaused].map((id) => t.query(TARGETS, { id })));
    return all.map(({ event }) => event.targets.nodes[0].reason);
  };
  expect(await reasons()).toEqual(['CHANGED', 'DISABLED', null]);
  await set(target, 'DISABLED');
  expect(await reasons()).toEqual(['DISABLED', 'DISABLED', 'DISABLED']);
});

test('a copy of an event of another organization went only to targets that name its type: EVENT_TYPE', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.own, eventTypes: ['target.*'] });
  await t.fixtures.target({ organizationId: t.own, global: true });
  await t.fixtures.target({ organizationId: t.own });
  await t.clock.advance(1_000);
  const reasonsOf = async (organizationId: string) => {
    const event = { organizationId: t.own, eventType: 'target.created', data: { organizationId } };
    const { targets } = (await t.query(TARGETS, { id: (await t.fixtures.event(event)).id })).event;
    return targets.nodes.map(({ reason }: { reason: string | null }) => reason);
  };
  expect(await reasonsOf(t.other)).toEqual(['EVENT_TYPE', 'EVENT_TYPE', null]);
  expect(await reasonsOf(t.own)).toEqual([null, null, null]);
});

test('an event older than retention may have had a delivery: EXPIRED', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.own });
  await t.clock.advance(1_000);
  const { id } = await t.fixtures.event({ organizationId: t.own });
  await t.clock.advance(30 * 86_400_000 + 1);
  const { targets } = (await t.query(TARGETS, { id })).event;
  expect(targets.nodes).toMatchObject([{ delivery: null, reason: 'EXPIRED' }]);
});

test('needs EVENTS_READ and TARGETS_READ, and DELIVERIES_READ for the delivery', async () => {
  await using t = await setup();
  const { id, eventId } = await t.delivery();
  const viaDelivery = `{ delivery(id: "${id}") { event { targets { nodes { reason } } } } }`;
  const scopesOf = async (query: string, scopes: ('EVENTS_READ' | 'TARGETS_READ' | 'DELIVERIES_READ')[]) => {
    const { errors } = await t.execute(query, { id: eventId }, await t.caller(t.own, scopes));
    return errors.flatMap(({ extensions }) => extensions['requiredScopes']);
  };
  expect(await scopesOf(TARGETS, ['EVENTS_READ'])).toEqual(['TARGETS_READ']);
  expect(await scopesOf(viaDelivery, ['DELIVERIES_READ', 'TARGETS_READ'])).toEqual(['EVENTS_READ']);
  expect(await scopesOf(TARGETS, ['EVENTS_READ', 'TARGETS_READ'])).toEqual(['DELIVERIES_READ']);
  expect(await scopesOf(TARGETS, ['EVENTS_READ', 'TARGETS_READ', 'DELIVERIES_READ'])).toEqual([]);
});

test('a filter that the event does not satisfy is told apart from one that it does, until the event is erased', async () => {
  await using t = await setup();
  const create = async (equals: string) => {
    const { id } = await t.fixtures.target({ organizationId: t.own });
    const set = 'update webhook_targets set filter = $2, filter_version = gen_random_uuid() where id = $1';
    await t.database.pool.query(set, [id, { where: { path: ['data', 'kind'], equals } }]);
    return id;
  };
  const [taking, leaving] = [await create('big'), await create('small')];
  await t.clock.advance(1_000);
  const { publishEvent } = await t.query(`mutation {
    publishEvent(input: { eventType: "customer.created", data: { kind: "big" } }) { event { id } } }`);
  const { targets } = (await t.query(TARGETS, { id: publishEvent.event.id })).event;
  expect(targets.nodes).toEqual([
    { target: { id: leaving }, delivery: null, reason: 'FILTER' },
    { target: { id: taking }, delivery: { id: expect.any(String) }, reason: null },
  ]);
  await t.database.pool.query(`update events set body = '', erased_at = now()`);
  const { targets: erased } = (await t.query(TARGETS, { id: publishEvent.event.id })).event;
  expect(erased.nodes[0]).toEqual({ target: { id: leaving }, delivery: null, reason: null });
});

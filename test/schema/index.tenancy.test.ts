import { expect, test } from 'vitest';
import { attemptId } from '../../src/domain/ksuid.ts';
import { setup } from './setup.ts';

/** One object of each type, of the other organization; and ids of the same shape that nothing has. */
async function setupForeign() {
  const t = await setup();
  const { fixtures, other: organizationId } = t;
  const target = await fixtures.target({ organizationId, name: 'theirs' });
  const delivery = await t.delivery({ organizationId, targetId: target.id });
  await t.attempt({ deliveryId: delivery.id, number: 1 });
  const apiKey = await fixtures.apiKey({ organizationId });
  const foreign = {
    target: target.id,
    event: delivery.eventId,
    delivery: delivery.id,
    apiKey: apiKey.id,
    organization: organizationId,
    attempt: attemptId(delivery.id, 1),
  };
  const next = () => fixtures.ids.next();
  const unknown: typeof foreign = {
    target: next(),
    event: next(),
    delivery: next(),
    apiKey: next(),
    organization: next(),
    attempt: attemptId(next(), 1),
  };
  return Object.assign(t, { foreign, unknown });
}

const READS = `query ($target: ID!, $event: ID!, $delivery: ID!, $apiKey: ID!, $organization: ID!, $attempt: ID!) {
  webhookTarget(id: $target) { id }
  event(id: $event) { id }
  delivery(id: $delivery) { id }
  targetNode: node(id: $target) { id }
  eventNode: node(id: $event) { id }
  deliveryNode: node(id: $delivery) { id }
  attemptNode: node(id: $attempt) { id }
  apiKeyNode: node(id: $apiKey) { id }
  organizationNode: node(id: $organization) { id }
  ofTarget: deliveries(filter: { targetId: $target }) { nodes { id } totalCount pageInfo { hasNextPage } }
  ofEvent: deliveries(filter: { eventId: $event }) { nodes { id } totalCount pageInfo { hasNextPage } }
  failed: deliveries(filter: { targetId: $target, status: [PENDING, FAILED] }) { nodes { id } totalCount }
  deliveries { nodes { id } totalCount }
  events { nodes { id } totalCount }
  webhookTargets { nodes { id } totalCount }
  searched: webhookTargets(filter: { search: "theirs" }) { nodes { id } totalCount }
  apiKeys { id }
  apiKeysConnection { nodes { id } totalCount }
}`;

const LOOKUPS = `query ($target: ID!, $event: ID!, $delivery: ID!, $apiKey: ID!, $organization: ID!, $attempt: ID!) {
  webhookTarget(id: $target) { id deliveries { nodes { id } } }
  event(id: $event) { id body deliveries { nodes { id } } }
  delivery(id: $delivery) { id event { id } target { id } }
  apiKey: node(id: $apiKey) { id ... on ApiKey { name } }
  organization: node(id: $organization) { id ... on Organization { name } }
  attempt: node(id: $attempt) { id ... on DeliveryAttempt { number } }
}`;

test('a platform admin looks up the objects of every organization, and lists its own', async () => {
  await using t = await setupForeign();
  const { foreign: ids } = t;
  expect(await t.query(LOOKUPS, ids, t.admin)).toMatchObject({
    webhookTarget: { id: ids.target, deliveries: { nodes: [{ id: ids.delivery }] } },
    event: { id: ids.event, deliveries: { nodes: [{ id: ids.delivery }] } },
    delivery: { id: ids.delivery, event: { id: ids.event }, target: { id: ids.target } },
    apiKey: { id: ids.apiKey, name: 'test' },
    organization: { id: ids.organization, name: 'Other' },
    attempt: { id: ids.attempt, number: 1 },
  });
  const { deliveries, events, webhookTargets } = await t.query(READS, ids, t.admin);
  for (const list of [deliveries, events, webhookTargets]) expect(list).toEqual({ nodes: [], totalCount: 0 });
});

test('organizations that use the same tag list and stream their own only, alone and in one batch', async () => {
  await using t = await setup();
  const watch = async (caller: typeof t.member) => {
    const { stream } = await t.subscribe(
      'subscription { eventPublished(filter: { tags: ["tx"] }) { event { id } } }',
      {},
      caller,
    );
    return stream!;
  };
  const callers = [t.member, t.stranger];
  const streams = await Promise.all(callers.map(watch));
  const ids: string[] = [];
  for (const caller of [t.stranger, t.member]) {
    const publish =
      'mutation { publishEvent(input: { eventType: "customer.created", data: {}, tags: ["tx"] }) { event { id } } }';
    await t.fixtures.target({ organizationId: caller.organizationId });
    ids.unshift((await t.query(publish, {}, caller)).publishEvent.event.id);
  }
  const lists = `{ events(filter: { tags: ["tx", "y"] }) { nodes { id } totalCount }
    one: events(filter: { tags: ["tx"] }) { nodes { id } totalCount }
    deliveries(filter: { tags: ["tx"] }) { nodes { event { id } } totalCount }
    open: deliveries(filter: { tags: ["tx"], status: [PENDING] }) { nodes { event { id } } totalCount } }`;
  const answers = await Promise.all(callers.map((caller) => t.query(lists, {}, caller)));
  for (const [index, id] of ids.entries()) {
    const [own, delivery] = [
      { nodes: [{ id }], totalCount: 1 },
      { nodes: [{ event: { id } }], totalCount: 1 },
    ];
    expect(answers[index]).toEqual({ events: own, one: own, deliveries: delivery, open: delivery });
    await using stream = streams[index]!;
    expect((await stream.next())!.data).toEqual({ eventPublished: { event: { id } } });
  }
});

test('a batch that serves callers of several organizations gives each only its own rows', async () => {
  await using t = await setupForeign();
  const own = await t.delivery();
  const query = `query ($own: ID!, $theirs: ID!) { own: delivery(id: $own) { id } theirs: delivery(id: $theirs) { id }
    ownNode: node(id: $own) { id } theirNode: node(id: $theirs) { id } }`;
  const variables = { own: own.id, theirs: t.foreign.delivery };
  t.statements.length = 0;
  const [mine, theirs, admins] = await Promise.all(
    [t.member, t.stranger, t.admin].map((caller) => t.query(query, variables, caller)),
  );
  expect(mine).toMatchObject({ own: {}, theirs: null, ownNode: {}, theirNode: null });
  expect(theirs).toMatchObject({ own: null, theirs: {}, ownNode: null, theirNode: {} });
  expect(admins).toMatchObject({ own: {}, theirs: {}, ownNode: {}, theirNode: {} });
  // Proof that they did share: by themselves they would need nine.
  expect(t.statements.length).toBeLessThanOrEqual(3);
});

test('a deleted target is gone from everything but its old deliveries', async () => {
  await using t = await setup();
  const { id, targetId } = await t.delivery();
  const query = `{ webhookTarget(id: "${targetId}") { id } node(id: "${targetId}") { id }
    webhookTargets { nodes { id } totalCount } delivery(id: "${id}") { target { id name } }
    deliveries(filter: { targetId: "${targetId}" }) { nodes { id } } }`;
  const target = { id: targetId, name: null };
  expect(await t.query(query)).toMatchObject({
    webhookTarget: { id: targetId },
    node: {},
    webhookTargets: { totalCount: 1 },
  });
  await t.query(`mutation { deleteWebhookTarget(input: { id: "${targetId}" }) { deletedId } }`);
  expect(await t.query(query)).toEqual({
    webhookTarget: null,
    node: null,
    webhookTargets: { nodes: [], totalCount: 0 },
    delivery: { target },
    deliveries: { nodes: [{ id }] },
  });
});

test('an id of the wrong shape finds nothing', async () => {
  await using t = await setup();
  for (const id of [
    '',
    'x',
    '0'.repeat(26),
    '0'.repeat(28),
    'z'.repeat(27),
    `${'0'.repeat(26)}\0`,
    `${'0'.repeat(26)}é`,
  ]) {
    const query = `query ($id: ID!) {
      node(id: $id) { id } webhookTarget(id: $id) { id } event(id: $id) { id } delivery(id: $id) { id } }`;
    expect(await t.query(query, { id })).toEqual({ node: null, webhookTarget: null, event: null, delivery: null });
  }
});

import { expect, test } from 'vitest';
import { API_SCOPES, type ApiScope } from '../../../src/domain/api-keys/scope.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import { setup } from '../setup.ts';

const ID = '0'.repeat(27);

type Need = ApiScope | 'ANY_KEY' | 'PUBLIC' | 'TARGETS_READ and EVENTS_READ';

const QUERIES: Readonly<Record<string, [Need, string]>> = {
  apiKeys: ['API_KEYS_MANAGE', 'apiKeys { id }'],
  apiKeysConnection: ['API_KEYS_MANAGE', 'apiKeysConnection { totalCount }'],
  auditLog: ['API_KEYS_MANAGE', 'auditLog { nodes { apiKeyName } }'],
  deliveries: ['DELIVERIES_READ', 'deliveries { totalCount }'],
  delivery: ['DELIVERIES_READ', `delivery(id: "${ID}") { id }`],
  deliveryStatistics: [
    'DELIVERIES_READ',
    'deliveryStatistics(range: { gte: "2026-01-01T00:00:00Z", lt: "2026-01-02T00:00:00Z" }, granularity: DAY) { upTo }',
  ],
  deliveryStreamCursor: ['DELIVERIES_READ', 'deliveryStreamCursor'],
  erasure: ['EVENTS_ERASE', `erasure(id: "${ID}") { id }`],
  erasures: ['EVENTS_ERASE', 'erasures { totalCount }'],
  event: ['EVENTS_READ', `event(id: "${ID}") { id }`],
  eventStreamCursor: ['EVENTS_READ', 'eventStreamCursor'],
  eventType: ['ANY_KEY', 'eventType(name: "x") { name }'],
  eventTypes: ['ANY_KEY', 'eventTypes { name }'],
  events: ['EVENTS_READ', 'events { totalCount }'],
  node: ['ANY_KEY', `node(id: "${ID}") { id }`],
  organization: ['PLATFORM_ADMIN', `organization(id: "${ID}") { id }`],
  organizations: ['PLATFORM_ADMIN', 'organizations { nodes { id } }'],
  portalSessions: ['API_KEYS_MANAGE', 'portalSessions { nodes { id } }'],
  replay: ['DELIVERIES_READ', `replay(id: "${ID}") { id }`],
  replayPreview: ['DELIVERIES_READ', 'replayPreview(scope: { mode: FAILED, createdAt: {} }) { count }'],
  replayStreamCursor: ['DELIVERIES_READ', 'replayStreamCursor'],
  replays: ['DELIVERIES_READ', 'replays { totalCount }'],
  signingKeys: ['PUBLIC', 'signingKeys { id }'],
  testWebhookTargetFilter: [
    'TARGETS_READ and EVENTS_READ',
    'testWebhookTargetFilter(input: { filter: { all: [] }, body: 1 }) { matches }',
  ],
  viewer: ['ANY_KEY', 'viewer { apiKey { id } }'],
  webhookTarget: ['TARGETS_READ', `webhookTarget(id: "${ID}") { id }`],
  webhookTargetStreamCursor: ['TARGETS_READ', 'webhookTargetStreamCursor'],
  webhookTargets: ['TARGETS_READ', 'webhookTargets { totalCount }'],
};

const MUTATIONS: Readonly<Record<string, [Need, string]>> = {
  archiveEventType: ['PLATFORM_ADMIN', '(input: { name: "no.such" })'],
  cancelDeliveries: ['DELIVERIES_WRITE', `(input: { targetId: "${ID}" })`],
  cancelDelivery: ['DELIVERIES_WRITE', `(input: { id: "${ID}" })`],
  cancelReplay: ['DELIVERIES_WRITE', `(input: { id: "${ID}" })`],
  createApiKey: ['API_KEYS_MANAGE', '(input: { name: "", scopes: [] })'],
  createEventType: ['PLATFORM_ADMIN', '(input: { name: "", category: "" })'],
  createOrganization: ['PLATFORM_ADMIN', '(input: { name: "" })'],
  createPortalSession: ['API_KEYS_MANAGE', '(input: { scopes: [] })'],
  createReplay: ['DELIVERIES_WRITE', '(input: { scope: { mode: ALL, createdAt: {} } })'],
  createWebhookTarget: ['TARGETS_WRITE', '(input: { url: "" })'],
  deleteOrganization: ['PLATFORM_ADMIN', `(input: { id: "${ID}" })`],
  deleteWebhookTarget: ['TARGETS_WRITE', `(input: { id: "${ID}" })`],
  eraseEventData: ['EVENTS_ERASE', `(input: { eventId: "${ID}" })`],
  publishEvent: ['EVENTS_PUBLISH', '(input: { eventType: "no.such" })'],
  publishEvents: ['EVENTS_PUBLISH', '(input: { events: [] })'],
  redeliver: ['DELIVERIES_WRITE', `(input: { eventId: "${ID}", targetId: "${ID}" })`],
  retryDelivery: ['DELIVERIES_WRITE', `(input: { id: "${ID}" })`],
  revokeApiKey: ['API_KEYS_MANAGE', `(input: { id: "${ID}" })`],
  revokePortalSession: ['API_KEYS_MANAGE', `(input: { id: "${ID}" })`],
  rotateWebhookTargetSecret: ['TARGETS_WRITE', `(input: { id: "${ID}" })`],
  sendTestEvent: ['TARGETS_WRITE', `(input: { targetId: "${ID}" })`],
  unarchiveEventType: ['PLATFORM_ADMIN', '(input: { name: "no.such" })'],
  updateEventType: ['PLATFORM_ADMIN', '(input: { name: "no.such" })'],
  updateOrganization: ['PLATFORM_ADMIN', `(input: { id: "${ID}" })`],
  updateWebhookTarget: ['TARGETS_WRITE', `(input: { id: "${ID}" })`],
};

const SUBSCRIPTIONS: Readonly<Record<string, Need>> = {
  deliveryStatusChanged: 'DELIVERIES_READ',
  eventPublished: 'EVENTS_READ',
  replayProgressed: 'DELIVERIES_READ',
  webhookTargetStatusChanged: 'TARGETS_READ',
};

const OPERATIONS: readonly [string, Need, string][] = [
  ...Object.entries(QUERIES).map(([name, [need, field]]) => [name, need, `{ ${field} }`] as const),
  ...Object.entries(MUTATIONS).map(
    ([name, [need, args]]) => [name, need, `mutation { ${name}${args} { userErrors { code } } }`] as const,
  ),
].map(([name, need, document]) => [name, need, document]);

/** PLATFORM_ADMIN is everything, and who may write may read. No other scope includes EVENTS_ERASE. */
const INCLUDES: Readonly<Record<string, readonly Need[]>> = {
  TARGETS_WRITE: ['TARGETS_READ'],
  DELIVERIES_WRITE: ['DELIVERIES_READ'],
};
const covers = (scope: ApiScope, need: Need): boolean =>
  ['ANY_KEY', 'PUBLIC', scope].includes(need) || scope === 'PLATFORM_ADMIN' || !!INCLUDES[scope]?.includes(need);

test('the table below knows every root field', () => {
  const schema = buildSchema();
  expect(Object.keys(schema.getQueryType()!.getFields()).sort()).toEqual(Object.keys(QUERIES));
  expect(Object.keys(schema.getMutationType()!.getFields()).sort()).toEqual(Object.keys(MUTATIONS));
  expect(Object.keys(schema.getSubscriptionType()!.getFields()).sort()).toEqual(Object.keys(SUBSCRIPTIONS));
});

test('every field answers the keys that have its scope, and names it to the others', async () => {
  await using t = await setup();
  for (const scope of API_SCOPES) {
    const caller = await t.caller(t.own, [scope]);
    for (const [name, need, document] of OPERATIONS) {
      const { errors } = await t.execute(document, {}, caller);
      const expected = covers(scope, need)
        ? []
        : [{ code: 'FORBIDDEN', extensions: { requiredScopes: need.split(' and ') } }];
      expect({ name, scope, errors }).toMatchObject({ name, scope, errors: expected });
      if (errors[0]) expect(errors[0].message).toMatch(new RegExp(`^${name} needs the scopes? ${need}, `));
    }
  }
});

test('a field that needs two scopes answers a key that has both', async () => {
  await using t = await setup();
  const [, field] = QUERIES['testWebhookTargetFilter']!;
  const both = await t.execute(`{ ${field} }`, {}, await t.caller(t.own, ['EVENTS_READ', 'TARGETS_WRITE']));
  expect(both).toEqual({ data: { testWebhookTargetFilter: { matches: true } }, errors: [] });
});

test('without an API key only public fields answer', async () => {
  await using t = await setup();
  for (const [name, need, document] of OPERATIONS) {
    const { errors } = await t.execute(document, {}, null);
    expect({ name, codes: errors.map(({ code }) => code) }).toEqual({
      name,
      codes: need === 'PUBLIC' ? [] : ['UNAUTHENTICATED'],
    });
  }
});

test('access is judged before the arguments', async () => {
  await using t = await setup();
  expect((await t.execute('{ deliveries(first: 101) { totalCount } }', {}, null)).errors).toMatchObject([
    { code: 'UNAUTHENTICATED' },
  ]);
  const caller = await t.caller(t.own, ['EVENTS_READ']);
  expect((await t.execute('{ deliveries(first: 101) { totalCount } }', {}, caller)).errors).toMatchObject([
    { code: 'FORBIDDEN' },
  ]);
});

test.each(Object.entries(SUBSCRIPTIONS))('a subscription to %s is refused before it starts', async (name, need) => {
  await using t = await setup();
  const document = `subscription { ${name} { cursor } }`;
  for (const scope of API_SCOPES) {
    const { stream, errors } = await t.subscribe(document, {}, await t.caller(t.own, [scope]));
    await stream?.[Symbol.asyncDispose]();
    const expected = covers(scope, need) ? [] : ['FORBIDDEN'];
    expect({ scope, codes: errors.map(({ code }) => code) }).toEqual({ scope, codes: expected });
  }
  expect((await t.subscribe(document, {}, null)).errors).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
});

test('a delivery shows its event and target, and the data only to those who may read or publish events', async () => {
  await using t = await setup();
  const { id, eventId, targetId } = await t.delivery();
  const narrow = `{ delivery(id: "${id}") {
    event { id eventType { name } } target { id url deliveries { totalCount } } } }`;
  const reader = await t.caller(t.own, ['DELIVERIES_READ']);
  expect(await t.query(narrow, {}, reader)).toMatchObject({
    delivery: { event: { id: eventId }, target: { id: targetId } },
  });

  for (const field of ['data', 'body']) {
    const wide = `{ delivery(id: "${id}") { event { ${field} } } }`;
    const [error] = (await t.execute(wide, {}, reader)).errors;
    expect(error).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('EVENTS_READ or EVENTS_PUBLISH'),
    });
    for (const scope of ['EVENTS_READ', 'EVENTS_PUBLISH'] as const) {
      const caller = await t.caller(t.own, ['DELIVERIES_READ', scope]);
      expect((await t.query(wide, {}, caller)).delivery.event[field]).toBeDefined();
    }
  }
});

test('deliveries under an event or a target need DELIVERIES_READ', async () => {
  await using t = await setup();
  const { eventId, targetId } = await t.delivery();
  const caller = await t.caller(t.own, ['EVENTS_READ', 'TARGETS_READ']);
  for (const parent of [`event(id: "${eventId}")`, `webhookTarget(id: "${targetId}")`]) {
    const { errors } = await t.execute(`{ ${parent} { id deliveries { totalCount } } }`, {}, caller);
    expect(errors).toMatchObject([{ code: 'FORBIDDEN', message: expect.stringContaining('DELIVERIES_READ') }]);
  }
});

test('what publishing returns can be read by its publisher', async () => {
  await using t = await setup();
  const publisher = await t.caller(t.own, ['EVENTS_PUBLISH']);
  const publish =
    'mutation { publishEvent(input: { eventType: "customer.created", data: [1] }) { event { id data body } } }';
  expect((await t.query(publish, {}, publisher)).publishEvent.event.data).toEqual([1]);
});

test('node answers null for a type whose scope the key lacks', async () => {
  await using t = await setup();
  const { id, eventId, targetId } = await t.delivery();
  await t.attempt({ deliveryId: id, number: 1 });
  const attempt = (await t.query(`{ delivery(id: "${id}") { attempts { nodes { id } } } }`)).delivery.attempts.nodes[0]
    .id;
  const nodes: [string, ApiScope | 'ANY_KEY'][] = [
    [t.own, 'ANY_KEY'],
    [t.member.apiKeyId, 'API_KEYS_MANAGE'],
    [(await t.auditEntry()).id, 'API_KEYS_MANAGE'],
    [targetId, 'TARGETS_READ'],
    [eventId, 'EVENTS_READ'],
    [id, 'DELIVERIES_READ'],
    [attempt, 'DELIVERIES_READ'],
  ];
  for (const scope of API_SCOPES) {
    const caller = await t.caller(t.own, [scope]);
    for (const [node, need] of nodes) {
      const data = await t.query(`{ node(id: "${node}") { __typename id } }`, {}, caller);
      expect({ scope, need, id: data.node?.id }).toEqual({ scope, need, id: covers(scope, need) ? node : undefined });
    }
  }
});

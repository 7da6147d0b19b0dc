/** The Dakota webhooks guide: targets, events, managing. Its other parts are in the files beside. */
import { afterAll, expect, test } from 'vitest';
import { startProduct } from '../support/product.ts';
import { startReceiver } from '../support/receiver.ts';
import { GUIDE_EVENT_TYPES, listed } from '../support/reference/event-types.ts';
import { CREATE_TARGET, DELETE_TARGET, PUBLISH, UPDATE_TARGET } from '../support/tenant.ts';
import { testEventTypes } from './event-type-rows.ts';

const t = await startProduct();
/** As it is without settings of its own: https:// and public addresses only. */
const strict = await startProduct({ ROLES: 'api', ALLOW_HTTP_TARGETS: undefined, ALLOWED_NETWORKS: undefined });
afterAll(() => Promise.all([t.stop(), strict.stop()]));

const TYPES = ['transaction.auto.updated', 'customer.kyb_status.updated'];
const PUBLIC_URL = 'https://your-app.example.com/webhooks/dakota';

// ------------------------------------------------------------------ setting up

test('guide: an endpoint is told of an event when it happens: one POST of JSON, acknowledged by 200', async () => {
  await using receiver = await startReceiver(200);
  const tenant = await t.tenant();
  await tenant.createTarget({ url: `${receiver.url}/webhooks/dakota` });
  const { id, deliveries } = await tenant.publish('customer.created', { id: '31TgvufZK3gDXBcA3BnSeLWiSn7' });
  const { method, url, body } = await receiver.next();
  expect([method, url]).toEqual(['POST', '/hook/webhooks/dakota']);
  expect(JSON.parse(body.toString())).toMatchObject({ id, event: 'customer.created' });
  await tenant.reached(deliveries[0].id, 'DELIVERED');
  expect(receiver.requests).toHaveLength(1);
});

test('guide: registering a target needs X-API-Key', async () => {
  const tenant = await t.tenant();
  const input = { url: PUBLIC_URL };
  const without = await tenant.ask(CREATE_TARGET, { input }, { 'x-api-key': '' });
  expect(without).toMatchObject({ status: 401, body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
  expect(await tenant.ask(CREATE_TARGET, { input })).toMatchObject({ status: 200 });
});

test('guide: url is required', async () => {
  const tenant = await t.tenant();
  const { status, body } = await tenant.ask(CREATE_TARGET, { input: { eventTypes: TYPES } });
  expect([status, body.errors![0]!.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  expect(body.errors![0]!.message).toContain('url');
});

test('guide: url is an HTTPS endpoint', async () => {
  const tenant = await strict.tenant();
  const input = { url: PUBLIC_URL.replace('https', 'http') };
  expect(await tenant.refused(CREATE_TARGET, { input })).toMatchObject([{ field: ['input', 'url'] }]);
  expect(await tenant.createTarget({ url: PUBLIC_URL })).toMatchObject({ url: PUBLIC_URL });
});

test('guide: global is optional and false by default', async () => {
  const tenant = await t.tenant();
  expect(await tenant.createTarget({ url: PUBLIC_URL })).toMatchObject({ global: false });
});

test('guide: a global target receives the events of all customers', async () => {
  const tenant = await t.tenant();
  const status = 'PAUSED';
  const one = await tenant.createTarget({ url: PUBLIC_URL, customerIds: ['customer-1'], status });
  const all = await tenant.createTarget({ url: PUBLIC_URL, customerIds: ['customer-1'], global: true, status });
  const receivers = async (customerId: string | null) =>
    (await tenant.publish('user.created', {}, { customerId })).deliveries.map((one: any) => one.target.id).sort();
  expect(await receivers('customer-1')).toEqual([one.id, all.id].sort());
  expect(await receivers('customer-2')).toEqual([all.id]);
  expect(await receivers(null)).toEqual([all.id]);
});

test('guide: event_types is the array of event types to subscribe to', async () => {
  await using receiver = await startReceiver();
  const tenant = await t.tenant();
  await tenant.createTarget({ url: receiver.url, eventTypes: TYPES });
  for (const type of ['user.created', ...TYPES]) await tenant.publish(type);
  const received = [await receiver.next(), await receiver.next()];
  expect(received.map(({ headers }) => headers['x-dakota-event-type']).sort()).toEqual([...TYPES].sort());
});

test('guide: without event_types, a target receives all events', async () => {
  const tenant = await t.tenant();
  const target = await tenant.createTarget({ url: PUBLIC_URL, status: 'PAUSED' });
  expect(target.eventTypes).toEqual([]);
  for (const type of ['user.created', 'wallet.deposit', 'order.filled']) {
    expect((await tenant.publish(type)).deliveries).toHaveLength(1);
  }
});

test('guide: the response is the target: id, url, global, event_types, created_at in RFC 3339', async () => {
  const tenant = await t.tenant();
  const target = await tenant.createTarget({ url: PUBLIC_URL, global: false, eventTypes: TYPES });
  expect(target).toMatchObject({
    id: expect.stringMatching(/^[0-9A-Za-z]{27}$/),
    url: PUBLIC_URL,
    global: false,
    eventTypes: TYPES,
    createdAt: t.clock.now().toISOString(),
  });
});

// ------------------------------------------------------------------ events

const TRANSACTION = { id: '31TgvvnYkN6edEJUTmF1LzTj2ug', customer_id: '31TgvufZK3gDXBcA3BnSeLWiSn7' };
const UPDATED = {
  status: 'completed',
  previous_status: 'processing',
  type: 'onramp',
  amount: { value: '1000.00', currency: 'USD' },
};
const ERROR = { code: 'insufficient_funds', message: 'Insufficient balance for transaction' };
const CREATE_TYPE = `mutation ($name: String!) {
  createEventType(input: { name: $name, category: "transaction" }) { eventType { name } userErrors { message } }
}`;

test.each([
  ['transaction.status.updated', { ...TRANSACTION, ...UPDATED }],
  ['transaction.failed', { ...TRANSACTION, error: ERROR }],
  ['transaction.completed', TRANSACTION],
])(
  'guide: %s is a simplified name, not in the catalog; a platform that adds it sends the example',
  async (name, data) => {
    await using receiver = await startReceiver();
    const tenant = await t.tenant();
    await tenant.createTarget({ url: receiver.url });
    const refusals = await tenant.refused(PUBLISH, { input: { eventType: name, data } });
    expect(refusals).toMatchObject([{ code: 'UNKNOWN_EVENT_TYPE', field: ['input', 'eventType'] }]);
    await t.platform.run(CREATE_TYPE, { name });
    const { id, createdAt } = await tenant.publish(name, data);
    const { body } = await receiver.next();
    expect(JSON.parse(body.toString())).toEqual({ id, event: name, data, created_at: createdAt });
  },
);

test.each([
  ['customer.kyb_status.updated', { id: TRANSACTION.customer_id, kyb_status: 'approved', previous_status: 'pending' }],
  ['customer.created', { id: TRANSACTION.customer_id }],
])('guide: the example of %s arrives as event, data, created_at and id', async (name, data) => {
  await using receiver = await startReceiver();
  const tenant = await t.tenant();
  await tenant.createTarget({ url: receiver.url });
  const { id, createdAt } = await tenant.publish(name, data);
  const { body } = await receiver.next();
  expect(JSON.parse(body.toString())).toEqual({ id, event: name, data, created_at: createdAt });
});

// ------------------------------------------------------------------ managing

const LIST = 'query ($first: Int) { webhookTargets(first: $first) { nodes { id url } totalCount } }';

test('guide: listing shows every target of the account, and of no other', async () => {
  const [tenant, other] = [await t.tenant(), await t.tenant()];
  await other.createTarget({ url: PUBLIC_URL });
  const made = [await tenant.createTarget({ url: PUBLIC_URL }), await tenant.createTarget({ url: PUBLIC_URL })];
  const { nodes, totalCount } = await tenant.run(LIST, { first: 20 });
  expect(totalCount).toBe(2);
  expect(nodes.map(({ id }: any) => id).sort()).toEqual(made.map(({ id }) => id).sort());
});

test('guide: an update changes what it names, such as global', async () => {
  const tenant = await t.tenant();
  const { id, secret, ...target } = await tenant.createTarget({ url: PUBLIC_URL, global: true, eventTypes: TYPES });
  expect(secret).toMatch(/^whsec_/);
  expect(await tenant.updateTarget({ id, global: false })).toEqual({ ...target, id, global: false });
});

test('guide: a deleted target is listed no more and receives nothing', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: PUBLIC_URL });
  expect(await tenant.run(DELETE_TARGET, { id })).toMatchObject({ deletedId: id });
  expect(await tenant.run(LIST)).toEqual({ nodes: [], totalCount: 0 });
  expect((await tenant.publish('user.created')).deliveries).toEqual([]);
  expect(await tenant.refused(UPDATE_TARGET, { input: { id, global: false } })).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test.each([
  ['registering', CREATE_TARGET, () => ({ input: { url: PUBLIC_URL } })],
  ['updating', UPDATE_TARGET, (id: string) => ({ input: { id, global: false } })],
  ['deleting', DELETE_TARGET, (id: string) => ({ id })],
])(
  'guide: %s with an X-Idempotency-Key is done once, and answered the same again',
  async (_, mutation, variablesOf) => {
    const tenant = await t.tenant();
    const { id } = await tenant.createTarget({ url: PUBLIC_URL });
    const send = () =>
      tenant.ask(mutation, variablesOf(id), { 'x-idempotency-key': '8f14e45f-ceea-467f-9c3a-1b2d3e4f5a6b' });
    const first = await send();
    const [after] = [await tenant.run(LIST)];
    expect(await send()).toMatchObject({ status: 200, body: first.body });
    expect(await tenant.run(LIST)).toEqual(after);
  },
);

// ------------------------------------------------------------------ event types reference

testEventTypes('guide', t, 'dakota', listed(GUIDE_EVENT_TYPES));

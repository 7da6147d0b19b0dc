/** The overview of organization webhooks: endpoints and event types. Lists and delivery events are in the file beside. */
import { afterAll, expect, test } from 'vitest';
import { verifyWebhook } from '../../src/verify/index.ts';
import { startProduct } from '../support/product.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, DELETE_TARGET, ROTATE_SECRET, TARGET, UPDATE_TARGET } from '../support/tenant.ts';

const t = await startProduct();
/** As it is without settings of its own: https:// and public addresses only. */
const strict = await startProduct({ ROLES: 'api', ALLOW_HTTP_TARGETS: undefined, ALLOWED_NETWORKS: undefined });
afterAll(() => Promise.all([t.stop(), strict.stop()]));

const URL = 'https://example.com/webhooks';
const LIST = `{ webhookTargets { nodes { ${TARGET} } } }`;

const ids = ({ nodes }: any): string[] => nodes.map(({ id }: any) => id);

// ------------------------------------------------------------------ create, get

test('overview: create: the signing secret is returned once; no read includes it', async () => {
  const tenant = await t.tenant();
  const { id, secret } = await tenant.createTarget({ url: URL });
  expect(secret).toMatch(/^whsec_/);
  for (const [query, variables] of [
    [LIST, {}],
    [UPDATE_TARGET, { input: { id } }],
    [`{ node(id: "${id}") { ... on WebhookTarget { ${TARGET} } } }`, {}],
  ] as const) {
    const { body } = await tenant.ask(query, variables);
    expect(JSON.stringify(body)).toContain(id);
    expect(JSON.stringify(body)).not.toContain(secret);
  }
});

test('overview: create: name is the display name', async () => {
  const tenant = await t.tenant();
  expect(await tenant.createTarget({ url: URL, name: 'Back office' })).toMatchObject({ name: 'Back office' });
});

test('overview: create: the endpoint is HTTPS', async () => {
  const tenant = await strict.tenant();
  const refusals = await tenant.refused(CREATE_TARGET, { input: { url: 'http://example.com/webhooks' } });
  expect(refusals).toMatchObject([{ field: ['input', 'url'] }]);
});

test('overview: create: event_types filters to a subset; omitted, every event is received', async () => {
  const tenant = await t.tenant();
  const status = 'PAUSED';
  const all = await tenant.createTarget({ url: URL, status });
  const subset = await tenant.createTarget({ url: URL, status, eventTypes: ['user.created', 'user.updated'] });
  const receivers = async (type: string) =>
    (await tenant.publish(type)).deliveries.map((one: any) => one.target.id).sort();
  expect(await receivers('user.created')).toEqual([all.id, subset.id].sort());
  expect(await receivers('wallet.deposit')).toEqual([all.id]);
});

test('overview: create: the same Idempotency-Key with the same body returns the cached response', async () => {
  const tenant = await t.tenant();
  const send = () => tenant.ask(CREATE_TARGET, { input: { url: URL } }, { 'idempotency-key': 'create-1' });
  const first = await send();
  expect((await send()).body, 'the secret included').toEqual(first.body);
  expect(ids(await tenant.run(LIST))).toEqual([first.body.data.createWebhookTarget.target.id]);
});

test('overview: create: the same Idempotency-Key with a different body returns 409', async () => {
  const tenant = await t.tenant();
  const send = (url: string) => tenant.ask(CREATE_TARGET, { input: { url } }, { 'idempotency-key': 'create-1' });
  await send(URL);
  const { status, body } = await send(`${URL}/other`);
  expect([status, body.errors![0]!.extensions.code]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);
  expect(ids(await tenant.run(LIST))).toHaveLength(1);
});

test.each([
  ['1 character', '!', true],
  ['255 characters', '~'.repeat(255), true],
  ['256 characters', '~'.repeat(256), false],
  ['a character outside of printable ASCII', 'clé', false],
])('overview: create: an Idempotency-Key has 1 to 255 printable ASCII characters: %s', async (_, key, accepted) => {
  const tenant = await t.tenant();
  const { status } = await tenant.ask(CREATE_TARGET, { input: { url: URL } }, { 'idempotency-key': key });
  expect(status).toBe(accepted ? 200 : 400);
  expect(ids(await tenant.run(LIST))).toHaveLength(accepted ? 1 : 0);
});

test('overview: get returns a single webhook by id', async () => {
  const tenant = await t.tenant();
  const { secret: _, ...target } = await tenant.createTarget({
    url: URL,
    name: 'Back office',
    eventTypes: ['user.created'],
  });
  expect(await tenant.target(target.id)).toEqual(target);
});

test.each([
  ['the id', { id: expect.stringMatching(/^[0-9A-Za-z]{27}$/) }],
  ['the resource type', { __typename: 'WebhookTarget' }],
  ['the display name', { name: 'Back office' }],
  ['the HTTPS endpoint', { url: URL }],
  ['the lifecycle status, active at first', { status: 'ACTIVE' }],
  ['the subscribed event types', { eventTypes: ['user.created'] }],
  ['whether a signing secret is configured', { hasSigningSecret: true }],
  ['no last delivery attempt before the first', { lastTriggeredAt: null }],
  ['when it was created, in RFC 3339', { createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) }],
  ['when it was changed, in RFC 3339', { updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) }],
])('overview: a webhook shows %s', async (_, fields) => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL, name: 'Back office', eventTypes: ['user.created'] });
  expect(await tenant.target(id)).toMatchObject(fields);
});

test('overview: the most recent delivery attempt is shown once there is one, failed or not', async () => {
  await using receiver = await startReceiver(500);
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: receiver.url });
  await t.advance(60_000);
  await tenant.reached((await tenant.publish('user.created')).deliveries[0].id, 'RETRYING');
  expect(await tenant.target(id)).toMatchObject({ lastTriggeredAt: t.clock.now().toISOString() });
});

// ------------------------------------------------------------------ update, delete, rotate

test.each([
  ['name', { name: 'Front office' }],
  ['url', { url: `${URL}/new` }],
  ['event_types', { eventTypes: ['wallet.deposit'] }],
])('overview: update: %s changes alone; updated_at advances, created_at does not', async (_, fields) => {
  const tenant = await t.tenant();
  const { secret: _secret, ...target } = await tenant.createTarget({
    url: URL,
    name: 'Back office',
    eventTypes: ['user.created'],
  });
  await t.advance(60_000);
  const updated = await tenant.updateTarget({ id: target.id, ...fields });
  expect(updated).toEqual({ ...target, ...fields, updatedAt: t.clock.now().toISOString() });
  expect(updated.updatedAt).not.toBe(target.updatedAt);
});

test('overview: delete: later events are not delivered, and what was delivered stays on record', async () => {
  await using receiver = await startReceiver();
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: receiver.url });
  const [delivery] = (await tenant.publish('user.created')).deliveries;
  await tenant.reached(delivery.id, 'DELIVERED');
  expect(await tenant.run(DELETE_TARGET, { id })).toEqual({ deletedId: id, userErrors: [] });
  expect((await tenant.publish('user.created')).deliveries).toEqual([]);
  expect(await tenant.target(id)).toBeNull();
  expect(await tenant.delivery(delivery.id)).toMatchObject({ status: 'DELIVERED', target: { id } });
});

test('overview: rotate: a new HMAC signing secret, which signs from then on', async () => {
  await using receiver = await startReceiver();
  const tenant = await t.tenant();
  const { id, secret: old } = await tenant.createTarget({ url: receiver.url });
  const { __typename, secret } = await tenant.run(ROTATE_SECRET, { id });
  expect(__typename).toBe('RotateWebhookTargetSecretPayload');
  expect(secret).not.toBe(old);
  await tenant.publish('user.created');
  const { headers, body } = await receiver.next();
  for (const given of [secret, old]) {
    const verdict = await verifyWebhook({ headers, body, secrets: [given], now: t.clock.now() });
    expect(verdict, 'the old one signs on for a day, so that receivers can change').toMatchObject({ ok: true });
  }
});

test('overview: rotate: the secret is returned on this response only', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL });
  const { secret } = await tenant.run(ROTATE_SECRET, { id });
  expect(JSON.stringify(await tenant.target(id))).not.toContain(secret);
});

// ------------------------------------------------------------------ event types

const EVENT_TYPES =
  'query ($category: String) { eventTypes(filter: { category: $category }) { name category displayName description } }';

test('overview: event types: the list is what event_types takes, each with category, name for people and trigger', async () => {
  const tenant = await t.tenant();
  const types = await tenant.run(EVENT_TYPES);
  for (const { displayName, description } of types)
    expect([displayName, description]).toEqual([expect.stringMatching(/\w/), expect.stringMatching(/\w/)]);
  const eventTypes = types.map(({ name }: any) => name);
  expect(await tenant.createTarget({ url: URL, eventTypes })).toMatchObject({ eventTypes });
});

test.each(['wallet', 'security', 'compliance'])('overview: event types: %s is a grouping', async (category) => {
  const types = await (await t.tenant()).run(EVENT_TYPES, { category });
  expect(types.length).toBeGreaterThan(0);
  expect(new Set(types.map((type: any) => type.category))).toEqual(new Set([category]));
});

/** Daya, update a webhook: PATCH /public/v1/webhooks/{id}. */
import { afterAll, expect, test } from 'vitest';
import { startProduct } from '../support/product.ts';
import { startReceiver } from '../support/receiver.ts';
import { EVENT_TYPES, listed } from '../support/reference/event-types.ts';
import { DELETE_TARGET, ROTATE_SECRET, UPDATE_TARGET } from '../support/tenant.ts';
import { testEventTypes } from './event-type-rows.ts';

const t = await startProduct();
/** As it is without settings of its own: https:// and public addresses only. */
const strict = await startProduct({ ROLES: 'api', ALLOW_HTTP_TARGETS: undefined, ALLOWED_NETWORKS: undefined });
afterAll(() => Promise.all([t.stop(), strict.stop()]));

const URL = 'https://example.com/webhooks/daya';
const EVENTS = ['order.filled', 'trade.executed'];
const MINUTE = 60_000;

async function setup(product = t) {
  const tenant = await product.tenant();
  const { secret, ...target } = await tenant.createTarget({
    url: URL,
    description: 'Order notifications',
    eventTypes: EVENTS,
  });
  await product.advance(MINUTE);
  const update = (fields: object) => tenant.updateTarget({ id: target.id, ...fields });
  const refused = (fields: object) => tenant.refused(UPDATE_TARGET, { input: { id: target.id, ...fields } });
  return { tenant, target, secret, update, refused };
}

// ------------------------------------------------------------------ fields

test.each([
  ['url', { url: 'https://example.com/webhooks/other' }],
  ['events', { eventTypes: ['order.created'] }],
  ['status', { status: 'PAUSED' }],
  ['description', { description: 'Trades only' }],
])('daya: %s can be updated alone, and nothing else changes', async (_, fields) => {
  const { target, update } = await setup();
  expect(await update(fields)).toEqual({ ...target, ...fields, updatedAt: t.clock.now().toISOString() });
});

test('daya: all fields are optional: an update may name none', async () => {
  const { target, update } = await setup();
  expect(await update({})).toMatchObject({ id: target.id, url: URL, eventTypes: EVENTS });
});

test('daya: url must be HTTPS', async () => {
  const { tenant, target, refused } = await setup(strict);
  expect(await refused({ url: URL.replace('https', 'http') })).toMatchObject([{ field: ['input', 'url'] }]);
  expect(await tenant.target(target.id)).toMatchObject({ url: URL });
});

test('daya: events outside of the allowed values are refused', async () => {
  const { refused } = await setup();
  expect(await refused({ eventTypes: ['order.filled', 'order.expired'] })).toMatchObject([
    { code: 'UNKNOWN_EVENT_TYPE', message: expect.stringContaining('order.expired') },
  ]);
});

test('daya: status paused holds deliveries back, status active lets them go', async () => {
  await using receiver = await startReceiver();
  const { tenant, update } = await setup();
  await update({ url: receiver.url, status: 'PAUSED' });
  const [{ id, status }] = (await tenant.publish('order.filled')).deliveries;
  expect(status).toBe('PENDING');
  await update({ status: 'ACTIVE' });
  await tenant.reached(id, 'DELIVERED');
  expect(receiver.requests).toHaveLength(1);
});

test('daya: a status that is none is an error that names the field and what came, and nothing is written', async () => {
  const { tenant, target } = await setup();
  const { status, body } = await tenant.ask(UPDATE_TARGET, {
    input: { id: target.id, status: 'stopped', description: 'x' },
  });
  expect([status, body.errors![0]!.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  expect(body.errors![0]!.message).toMatch(/status.*stopped/);
  expect(await tenant.target(target.id)).toEqual(target);
});

test('daya: the allowed values of status can be asked for', async () => {
  const { tenant } = await setup();
  const { enumValues } = await tenant.run('{ __type(name: "WebhookTargetStatus") { enumValues { name } } }');
  expect(enumValues.map(({ name }: any) => name)).toEqual(expect.arrayContaining(['ACTIVE', 'PAUSED']));
});

// ------------------------------------------------------------------ authentication

test('daya: X-Api-Key needs the write scope', async () => {
  const { tenant, target } = await setup();
  const { tenant: other } = await setup();
  expect(other.apiKey).not.toBe(tenant.apiKey);
  const query = { input: { id: target.id, status: 'PAUSED' } };
  const keyOf = async (scope: string) => ({ 'x-api-key': await tenant.newApiKey({ scopes: [scope] }) });
  const refused = await tenant.ask(UPDATE_TARGET, query, await keyOf('TARGETS_READ'));
  expect(refused).toMatchObject({ status: 403, body: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } });
  expect(await tenant.target(target.id)).toMatchObject({ status: 'ACTIVE' });
  const done = await tenant.ask(UPDATE_TARGET, query, await keyOf('TARGETS_WRITE'));
  expect(done.body.data.updateWebhookTarget).toMatchObject({ target: { status: 'PAUSED' } });
});

test('daya: an id that no webhook of the caller has is not found', async () => {
  const [{ tenant }, { target }] = [await setup(), await setup()];
  for (const id of ['770e8400-e29b-41d4-a716-446655440000', target.id]) {
    expect(await tenant.refused(UPDATE_TARGET, { input: { id } })).toMatchObject([{ code: 'NOT_FOUND' }]);
  }
});

// ------------------------------------------------------------------ response

test('daya: success: no userErrors, and data: the updated webhook', async () => {
  const { tenant, target } = await setup();
  const { status, body } = await tenant.ask(UPDATE_TARGET, { input: { id: target.id, eventTypes: EVENTS } });
  expect(status).toBe(200);
  expect(body.data.updateWebhookTarget).toMatchObject({ target: { id: target.id }, userErrors: [] });
});

test('daya: not success: userErrors with a code and a message for people, and no data', async () => {
  const { tenant, target } = await setup();
  const { status, body } = await tenant.ask(UPDATE_TARGET, { input: { id: target.id, url: 'no url' } });
  expect(status).toBe(200);
  expect(body.data.updateWebhookTarget).toMatchObject({
    target: null,
    userErrors: [{ code: 'INVALID', field: ['input', 'url'], message: expect.stringMatching(/\w/) }],
  });
});

test('daya: failure_count, last_success_at, last_failure_at and last_failure_reason before the first attempt', async () => {
  const { update } = await setup();
  expect(await update({})).toMatchObject({
    failureCount: 0,
    lastSuccessAt: null,
    lastFailureAt: null,
    lastFailureReason: null,
  });
});

test('daya: failure_count, last_failure_at and last_failure_reason after a failure, last_success_at after a success', async () => {
  await using receiver = await startReceiver(500);
  const { tenant, update } = await setup();
  await update({ url: receiver.url });
  await tenant.reached((await tenant.publish('order.filled')).deliveries[0].id, 'RETRYING');
  const failedAt = t.clock.now().toISOString();
  const failed = { lastFailureAt: failedAt, lastFailureReason: expect.stringContaining('500') };
  expect(await update({})).toMatchObject({ failureCount: 1, lastSuccessAt: null, ...failed });

  receiver.respondWith(200);
  await t.advance(1_000);
  await tenant.reached((await tenant.publish('order.filled')).deliveries[0].id, 'DELIVERED');
  expect(await update({})).toMatchObject({ failureCount: 0, lastSuccessAt: t.clock.now().toISOString(), ...failed });
});

test('daya: created_at stays, updated_at is the time of the update', async () => {
  const { target, update } = await setup();
  expect(await update({ description: null })).toMatchObject({
    description: null,
    createdAt: target.createdAt,
    updatedAt: t.clock.now().toISOString(),
  });
  expect(Date.parse(target.createdAt)).toBe(t.clock.now().getTime() - MINUTE);
});

// ------------------------------------------------------------------ rate limit, next steps

test('daya: 100 requests per minute per API key', async () => {
  const { tenant } = await setup();
  const { createApiKey } = (await tenant.ask(CREATE_DEFAULT_KEY)).body.data;
  expect(createApiKey.apiKey.rateLimitPerMinute).toBe(100);
  const headers = { 'x-api-key': createApiKey.secret };
  const answers = await Promise.all(
    Array.from({ length: 101 }, () => tenant.ask('{ viewer { apiKey { id } } }', {}, headers)),
  );
  const [refused, ...others] = answers.filter(({ status }) => status !== 200);
  expect(others).toEqual([]);
  expect(refused).toMatchObject({ status: 429, body: { errors: [{ extensions: { code: 'RATE_LIMITED' } }] } });
  expect(Number(refused!.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect(await tenant.ask('{ viewer { apiKey { id } } }'), 'another key has a limit of its own').toMatchObject({
    status: 200,
  });
});

const CREATE_DEFAULT_KEY = `mutation {
  createApiKey(input: { name: "default", scopes: [TARGETS_READ] }) { secret apiKey { rateLimitPerMinute } }
}`;

test('daya: delete webhook', async () => {
  const { tenant, target } = await setup();
  expect(await tenant.run(DELETE_TARGET, { id: target.id })).toMatchObject({ deletedId: target.id });
  expect(await tenant.target(target.id)).toBeNull();
});

test('daya: rotate secret generates a new signing secret', async () => {
  const { tenant, target, secret } = await setup();
  const rotated = await tenant.run(ROTATE_SECRET, { id: target.id });
  expect(rotated.secret).toMatch(/^whsec_/);
  expect(rotated.secret).not.toBe(secret);
});

testEventTypes('daya', t, 'daya', listed(EVENT_TYPES.daya));

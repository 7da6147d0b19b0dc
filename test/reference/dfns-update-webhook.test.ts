/** Dfns, update webhook: PUT /webhooks/{webhookId}. */
import { createHmac, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { mutate } from '../support/examples/sign.ts';
import { startProduct } from '../support/product.ts';
import { startReceiver } from '../support/receiver.ts';
import { EVENT_TYPES, listed } from '../support/reference/event-types.ts';
import { UPDATE_TARGET } from '../support/tenant.ts';
import { testEventTypes } from './event-type-rows.ts';

const t = await startProduct();
afterAll(() => t.stop());

const URL = 'https://example.com/webhooks/dfns';
const EVENTS = ['policy.triggered'];

async function setup() {
  const tenant = await t.tenant();
  const { secret, ...target } = await tenant.createTarget({ url: URL, description: 'Policies', eventTypes: EVENTS });
  const update = (fields: object) => tenant.updateTarget({ id: target.id, ...fields });
  const refused = (fields: object) => tenant.refused(UPDATE_TARGET, { input: { id: target.id, ...fields } });
  return { tenant, target, secret, update, refused };
}

// ------------------------------------------------------------------ authentication

test('dfns: Authorization: Bearer authenticates', async () => {
  const { tenant, target } = await setup();
  const request = (authorization: string) =>
    fetch(`${t.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query: UPDATE_TARGET, variables: { input: { id: target.id, description: 'x' } } }),
    });
  expect((await request('Bearer not-a-key')).status).toBe(401);
  const answer = await request(`Bearer ${tenant.apiKey}`);
  expect(await answer.json()).toMatchObject({ data: { updateWebhookTarget: { target: { description: 'x' } } } });
});

test('dfns: the permission Webhooks:Update, here TARGETS_WRITE, is always required', async () => {
  const { tenant, target } = await setup();
  const ask = async (...scopes: string[]) =>
    tenant.ask(UPDATE_TARGET, { input: { id: target.id } }, { 'x-api-key': await tenant.newApiKey({ scopes }) });
  const others = ['TARGETS_READ', 'EVENTS_READ', 'EVENTS_PUBLISH', 'DELIVERIES_WRITE', 'API_KEYS_MANAGE'];
  expect(await ask(...others)).toMatchObject({
    status: 403,
    body: { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
  });
  expect(await ask('TARGETS_WRITE')).toMatchObject({ status: 200 });
});

test('dfns: an organization user or service account may update, a user of another organization may not', async () => {
  const [{ target }, other] = [await setup(), await setup()];
  const refusals = await other.tenant.refused(UPDATE_TARGET, { input: { id: target.id, description: 'x' } });
  expect(refusals).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test('dfns: X-DFNS-USERACTION: with a key that signs, a change needs a signature, a read does not', async () => {
  const { tenant, target } = await setup();
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'der', type: 'spki' },
  });
  const apiKey = await tenant.newApiKey({ publicKey: publicKey.subarray(-32).toString('hex') });
  const input = { id: target.id, description: 'signed' };
  const unsigned = await tenant.ask(UPDATE_TARGET, { input }, { 'x-api-key': apiKey });
  expect(unsigned).toMatchObject({ status: 401, body: { errors: [{ extensions: { code: 'SIGNATURE_REQUIRED' } }] } });
  expect(await tenant.target(target.id)).toEqual(target);

  const read = await tenant.ask('{ webhookTargets { nodes { id } } }', {}, { 'x-api-key': apiKey });
  expect(read.body.data.webhookTargets.nodes).toEqual([{ id: target.id }]);
  const key = createPrivateKey(privateKey);
  const { body } = await tenant.ask('{ viewer { apiKey { id } } }', {}, { 'x-api-key': apiKey });
  const apiKeyId: string = body.data.viewer.apiKey.id;
  const done = await mutate(UPDATE_TARGET, { input }, { url: `${t.url}/graphql`, apiKey, apiKeyId, privateKey: key });
  expect(done).toMatchObject({ updateWebhookTarget: { target: { description: 'signed' } } });
});

// ------------------------------------------------------------------ path and body

test('dfns: webhookId has at least 1 character', async () => {
  const { refused } = await setup();
  expect(await refused({ id: '' })).toMatchObject([{ code: 'NOT_FOUND', field: ['input', 'id'] }]);
});

test.each([
  ['url', { url: 'https://example.com/webhooks/new' }],
  ['description', { description: 'Everything about wallets' }],
  ['events', { eventTypes: ['wallet.created', 'key.created'] }],
  ['status', { status: 'DISABLED' }],
])('dfns: %s can be updated, without the others', async (_, fields) => {
  const { target, update } = await setup();
  expect(await update(fields)).toMatchObject({ ...target, ...fields, updatedAt: expect.any(String) });
});

test('dfns: url, description, events and status can be put at once', async () => {
  const { target, update } = await setup();
  const fields = { url: `${URL}/v2`, description: 'All', eventTypes: ['key.created'], status: 'DISABLED' };
  expect(await update(fields)).toMatchObject({ ...target, ...fields, updatedAt: expect.any(String) });
});

test.each([
  [256, 'accepted', []],
  [257, 'refused', ['TOO_LONG']],
])('dfns: a description of %i characters is %s', async (length, _, codes) => {
  const { tenant, target } = await setup();
  const description = '🦊'.repeat(length);
  const { body } = await tenant.ask(UPDATE_TARGET, { input: { id: target.id, description } });
  expect(body.data.updateWebhookTarget.userErrors.map(({ code }: any) => code)).toEqual(codes);
});

test('dfns: events holds at least 1 type there; here an empty list stands for every type', async () => {
  const { tenant, update } = await setup();
  expect(await update({ eventTypes: [], status: 'PAUSED' })).toMatchObject({ eventTypes: [] });
  expect((await tenant.publish('wallet.created')).deliveries).toHaveLength(1);
});

test('dfns: an event kind that is none is refused by name', async () => {
  const { refused } = await setup();
  expect(await refused({ eventTypes: ['policy.ignored'] })).toMatchObject([
    { code: 'UNKNOWN_EVENT_TYPE', message: expect.stringContaining('policy.ignored') },
  ]);
});

test('dfns: status can be set to Disabled, when nothing is sent, and back to Enabled', async () => {
  await using receiver = await startReceiver();
  const { tenant, update } = await setup();
  await update({ url: receiver.url, status: 'DISABLED' });
  expect((await tenant.publish('policy.triggered')).deliveries).toEqual([]);
  expect(await update({ status: 'ACTIVE' })).toMatchObject({ status: 'ACTIVE', disabledReason: null });
  const { id, deliveries } = await tenant.publish('policy.triggered');
  await tenant.reached(deliveries[0].id, 'DELIVERED');
  expect(receiver.requests.map(({ headers }) => headers['x-dakota-event-id'])).toEqual([id]);
});

// ------------------------------------------------------------------ response

test('dfns: the response has id, url, events, status, dateCreated and dateUpdated', async () => {
  const { target, update } = await setup();
  const createdAt = t.clock.now().toISOString();
  await t.advance(1_000);
  expect(await update({ description: 'x' })).toMatchObject({
    id: target.id,
    url: URL,
    eventTypes: EVENTS,
    status: 'ACTIVE',
    description: 'x',
    createdAt,
    updatedAt: t.clock.now().toISOString(),
  });
});

test('dfns: description is optional: without one it is null', async () => {
  const { update } = await setup();
  expect(await update({ description: null })).toMatchObject({ description: null });
});

test('dfns: secret: the response says that there is one, and never what it is', async () => {
  const { tenant, target, secret } = await setup();
  const { body } = await tenant.ask(UPDATE_TARGET, { input: { id: target.id } });
  expect(body.data.updateWebhookTarget.target).toMatchObject({ hasSigningSecret: true });
  expect(JSON.stringify(body)).not.toContain(secret);
});

test('dfns: requests are signed with the secret: HMAC-SHA256 in webhook-signature', async () => {
  await using receiver = await startReceiver();
  const { tenant, update, secret } = await setup();
  await update({ url: receiver.url });
  await tenant.publish('policy.triggered');
  const { headers, body } = await receiver.next();
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(content).digest('base64');
  expect(String(headers['webhook-signature']).split(' ')).toContain(`v1,${signature}`);
});

testEventTypes('dfns', t, 'dfns', listed(EVENT_TYPES.dfns));

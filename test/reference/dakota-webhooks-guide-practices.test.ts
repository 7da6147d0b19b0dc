/** The Dakota webhooks guide: practices, testing, troubleshooting, monitoring. */
import { afterAll, expect, test } from 'vitest';
import { verifyWebhook } from '../../src/verify/index.ts';
import { certificates } from '../support/certificates/certificates.ts';
import { startProduct } from '../support/product.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, PUBLISH } from '../support/tenant.ts';

const t = await startProduct();
/** As it is without settings of its own: https:// and public addresses only. */
const strict = await startProduct({ ROLES: 'api', ALLOW_HTTP_TARGETS: undefined, ALLOWED_NETWORKS: undefined });
afterAll(() => Promise.all([t.stop(), strict.stop()]));

const TYPES = ['transaction.auto.updated', 'customer.kyb_status.updated'];

// ------------------------------------------------------------------ practices, testing, troubleshooting

test('guide: validate event data before processing: a schema of the type refuses other data at publish', async () => {
  const tenant = await t.tenant();
  const schema = { type: 'object', required: ['id'] };
  const UPDATE_TYPE = `mutation ($input: UpdateEventTypeInput!) { updateEventType(input: $input) { userErrors { message } } }`;
  await t.platform.run(UPDATE_TYPE, { input: { name: 'recipient.created', schema, example: { id: '1' } } });
  const input = { eventType: 'recipient.created', data: { name: 'Ada' } };
  expect(await tenant.refused(PUBLISH, { input })).toMatchObject([{ code: 'PAYLOAD_INVALID' }]);
  expect((await tenant.publish('recipient.created', { id: '1' })).deliveries).toEqual([]);
});

test('guide: log webhook events: every attempt is one line in the log', async () => {
  await using receiver = await startReceiver(418);
  const tenant = await t.tenant();
  await tenant.createTarget({ url: receiver.url });
  const event = await tenant.publish('user.created');
  await tenant.reached(event.deliveries[0].id, 'RETRYING');
  const lines = () => t.logs.filter((line) => line['eventId'] === event.id);
  await expect
    .poll(() => lines())
    .toMatchObject([
      { msg: 'delivery.attempted', eventType: 'user.created', outcome: 'HTTP_ERROR', responseStatus: 418, number: 1 },
    ]);
});

test('guide: a test of an endpoint: sendTestEvent sends it a signed example', async () => {
  await using receiver = await startReceiver();
  const tenant = await t.tenant();
  const { id, secret } = await tenant.createTarget({ url: receiver.url, eventTypes: TYPES });
  const SEND = `mutation ($id: ID!) { sendTestEvent(input: { targetId: $id }) { delivery { id } userErrors { message } } }`;
  await tenant.run(SEND, { id });
  const { headers, body } = await receiver.next();
  const verified = await verifyWebhook({ headers, body, secrets: [secret], now: t.clock.now() });
  expect(verified).toMatchObject({ ok: true, event: { event: TYPES[0], data: { status: 'completed' } } });
});

test('guide: a test by hand with a made-up signature is refused by a receiver that verifies', async () => {
  const tenant = await t.tenant();
  const signingKeys = await tenant.run('{ signingKeys { publicKeyHex } }');
  const timestamp = String(Math.floor(t.clock.now().getTime() / 1_000));
  const headers = { 'x-webhook-signature': 'base64_encoded_signature', 'x-webhook-timestamp': timestamp };
  const body = '{"event":"transaction.status.updated","data":{"status":"completed"}}';
  const publicKeys = signingKeys.map(({ publicKeyHex }: any) => publicKeyHex);
  expect(await verifyWebhook({ headers, body, publicKeys, now: t.clock.now() })).toMatchObject({ ok: false });
});

test.each(['https://10.0.0.1/hook', 'https://localhost/hook', 'https://169.254.169.254/latest'])(
  'guide: webhooks not received: %s is not accessible from the internet, and refused when it is registered',
  async (url) => {
    const tenant = await strict.tenant();
    const refusals = await tenant.refused(CREATE_TARGET, { input: { url } });
    expect(refusals).toMatchObject([{ code: 'FORBIDDEN_ADDRESS', field: ['input', 'url'] }]);
  },
);

test('guide: webhooks not received: an attempt tells of HTTPS that is not properly configured', async () => {
  await using receiver = await startReceiver(200, { certificate: certificates.selfSigned() });
  const tenant = await t.tenant();
  await tenant.createTarget({ url: receiver.url });
  const [{ id }] = (await tenant.publish('user.created')).deliveries;
  await tenant.reached(id, 'RETRYING');
  const { attempts } = await tenant.delivery(id);
  expect(attempts.nodes).toMatchObject([{ outcome: 'TLS_ERROR', error: expect.stringMatching(/\w/) }]);
});

test('guide: duplicate webhooks: a second publish with one idempotencyKey is the first event, delivered once', async () => {
  await using receiver = await startReceiver();
  const tenant = await t.tenant();
  await tenant.createTarget({ url: receiver.url });
  const [one, other] = [1, 2].map(() => tenant.publish('user.created', { id: 1 }, { idempotencyKey: 'user-1' }));
  const { id, deliveries } = await one;
  expect((await other)!.id).toBe(id);
  await tenant.reached(deliveries[0].id, 'DELIVERED');
  expect(receiver.requests).toHaveLength(1);
});

// ------------------------------------------------------------------ monitoring

test('guide: alerts for failures: failureCount of a target, with the last reason', async () => {
  await using receiver = await startReceiver(503);
  const tenant = await t.tenant();
  const target = await tenant.createTarget({ url: receiver.url });
  for (const { deliveries } of [await tenant.publish('user.created'), await tenant.publish('user.updated')]) {
    await tenant.reached(deliveries[0].id, 'RETRYING');
  }
  expect(await tenant.target(target.id)).toMatchObject({
    failureCount: 2,
    lastFailureAt: t.clock.now().toISOString(),
    lastFailureReason: expect.stringContaining('503'),
  });
});

test('guide: response times of endpoints: every attempt has its duration', async () => {
  await using receiver = await startReceiver(async () => {
    await t.advance(1_500);
    return 200;
  });
  const tenant = await t.tenant();
  await tenant.createTarget({ url: receiver.url });
  const [{ id }] = (await tenant.publish('user.created')).deliveries;
  await tenant.reached(id, 'DELIVERED');
  expect((await tenant.delivery(id)).attempts.nodes).toMatchObject([{ durationMs: 1_500 }]);
});

test('guide: success rates: the deliveries of each status can be counted', async () => {
  await using receiver = await startReceiver(({ headers }) =>
    headers['x-dakota-event-type'] === 'user.created' ? 200 : 500,
  );
  const tenant = await t.tenant();
  await tenant.createTarget({ url: receiver.url });
  const COUNT = 'query ($status: [DeliveryStatus!]) { deliveries(filter: { status: $status }) { totalCount } }';
  for (const type of ['user.created', 'user.created', 'user.deleted']) {
    const { deliveries } = await tenant.publish(type);
    await tenant.reached(deliveries[0].id, type === 'user.created' ? 'DELIVERED' : 'RETRYING');
  }
  expect(await tenant.run(COUNT, { status: ['DELIVERED'] })).toEqual({ totalCount: 2 });
  expect(await tenant.run(COUNT, { status: ['RETRYING', 'FAILED'] })).toEqual({ totalCount: 1 });
});

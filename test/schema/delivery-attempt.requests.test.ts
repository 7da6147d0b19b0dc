/** What the API tells of a request, compared with what the receiver got: byte for byte, but for the signatures, which are cut. */
import { expect, test } from 'vitest';
import { startReceiver, type ReceivedRequest } from '../support/receiver.ts';
import { startProduct } from '../support/product.ts';

const REQUESTS = `query ($id: ID!) { delivery(id: $id) { attempts { nodes {
  number outcome requestUrl requestHeaders } } } }`;

const SIGNATURES = ['X-Webhook-Signature', 'webhook-signature'];

const cut = (value: string): string =>
  value
    .split(' ')
    .map((entry) => `${/^(v1a?,)?.{8}/.exec(entry)![0]}…`)
    .join(' ');

/** Names and values as they were received, in their order, with the signatures cut as the API cuts them. */
function receivedHeaders({ rawHeaders }: ReceivedRequest): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = [rawHeaders[at]!, rawHeaders[at + 1]!];
    pairs.push([name, SIGNATURES.includes(name) ? cut(value) : value]);
  }
  return pairs;
}

async function setup() {
  const product = await startProduct();
  const tenant = await product.tenant();
  const receiver = await startReceiver();
  return {
    ...product,
    tenant,
    receiver,
    requests: async (id: string, apiKey = tenant.apiKey) => {
      const { body } = await tenant.ask(REQUESTS, { id }, { 'x-api-key': apiKey });
      if (!body.data) throw new Error(JSON.stringify(body.errors));
      return (body.data as any).delivery.attempts.nodes;
    },
    async [Symbol.asyncDispose]() {
      await receiver.close();
      await product.stop();
    },
  };
}

test('requestUrl and requestHeaders are what the receiver got, after the URL, the headers and the secret were changed', async () => {
  await using t = await setup();
  await using elsewhere = await startReceiver();
  t.receiver.respondWith(500);
  const target = await t.tenant.createTarget({
    url: `${t.receiver.url}?tenant=7`,
    eventTypes: ['user.created'],
    headers: [{ name: 'Authorization', value: 'Bearer of-that-time' }],
  });
  const { deliveries } = await t.tenant.publish('user.created', { name: 'Zoë 🦊' });
  const [{ id }] = deliveries;
  const first = await t.receiver.next();
  await t.tenant.reached(id, 'RETRYING');
  await t.tenant.updateTarget({ id: target.id, url: elsewhere.url, headers: [{ name: 'X-Api-Key', value: 'new' }] });
  await t.tenant.run(
    `mutation ($id: ID!) { rotateWebhookTargetSecret(input: { id: $id }) { userErrors { message } } }`,
    {
      id: target.id,
    },
  );
  await t.advance(2_000);
  await t.tenant.retry(id);
  const second = await elsewhere.next();
  await t.tenant.reached(id, 'DELIVERED');

  const [old, new_] = await t.requests(id);
  expect(old.requestUrl).toBe(`${t.receiver.url}?tenant=7`);
  expect(Object.entries(old.requestHeaders)).toEqual(receivedHeaders(first));
  expect(old.requestHeaders).toMatchObject({ Authorization: 'Bearer of-that-time' });
  expect(new_.requestUrl).toBe(elsewhere.url);
  expect(Object.entries(new_.requestHeaders)).toEqual(receivedHeaders(second));
  expect(new_.requestHeaders).toMatchObject({ 'X-Api-Key': 'new', 'X-Dakota-Delivery-Attempt': '2' });
  // The old secret signs on for a while, beside the new one.
  expect(new_.requestHeaders['webhook-signature'].split(' ').map((entry: string) => entry.split(',')[0])).toEqual([
    'v1a',
    'v1',
    'v1',
  ]);
});

test('own headers are shown to TARGETS_WRITE only', async () => {
  await using t = await setup();
  await t.tenant.createTarget({
    url: t.receiver.url,
    eventTypes: ['user.created'],
    headers: [{ name: 'Authorization', value: 'marker-of-a-value' }],
  });
  const { deliveries } = await t.tenant.publish('user.created');
  const [{ id }] = deliveries;
  await t.tenant.reached(id, 'DELIVERED');
  const reader = await t.tenant.newApiKey({ scopes: ['DELIVERIES_READ', 'TARGETS_READ'] });
  const [shown] = await t.requests(id, reader);
  expect(JSON.stringify(shown)).not.toContain('marker-of-a-value');
  expect(Object.keys(shown.requestHeaders)).not.toContain('Authorization');
  const [whole] = await t.requests(id);
  expect(whole.requestHeaders).toEqual({ ...shown.requestHeaders, Authorization: 'marker-of-a-value' });
});

test('of a request that was never sent the URL is told, and no headers', async () => {
  await using t = await setup();
  const { url } = t.receiver;
  await t.receiver.close();
  await t.tenant.createTarget({ url, eventTypes: ['user.created'] });
  const { deliveries } = await t.tenant.publish('user.created');
  const [{ id }] = deliveries;
  await t.tenant.reached(id, 'RETRYING');
  expect(await t.requests(id)).toEqual([
    { number: 1, outcome: 'CONNECTION_ERROR', requestUrl: url, requestHeaders: null },
  ]);
});

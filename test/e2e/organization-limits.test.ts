/** The limits of one organization, as settings of the product. */
import { afterAll, expect, test } from 'vitest';
import { openAcknowledged, openSocket, postGraphql, subscribeSse } from '../support/client.ts';
import { startProduct } from '../support/product.ts';

const t = await startProduct({
  ROLES: 'api',
  MAX_API_KEYS: '2',
  MAX_TARGETS: '1',
  MAX_SOCKETS: '1',
  MAX_STREAMS: '2',
  ORGANIZATION_RATE_LIMIT_PER_MINUTE: '40',
});
afterAll(() => t.stop());

const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { secret apiKey { expiresAt } userErrors { code field message } } }`;
const CREATE_TARGET = `mutation { createWebhookTarget(input: { url: "http://127.0.0.1:8443/" }) {
  target { id } userErrors { code field } } }`;
const UPDATE = `mutation ($input: UpdateOrganizationInput!) { updateOrganization(input: $input) {
  organization { id name rateLimitPerMinute } userErrors { code field } } }`;
const WATCH = { query: 'subscription { deliveryStatusChanged { cursor } }' };
const HELLO = { query: '{ viewer { organization { id rateLimitPerMinute } } }' };

test('MAX_API_KEYS and MAX_TARGETS hold for each organization', async () => {
  const own = await t.tenant();
  const other = await t.tenant();
  const input = { name: 'second', scopes: ['API_KEYS_MANAGE'] };
  for (const tenant of [own, other]) {
    await tenant.run(CREATE_KEY, { input });
    expect(await tenant.refused(CREATE_KEY, { input })).toMatchObject([{ code: 'TOO_MANY' }]);
    await tenant.run(CREATE_TARGET);
    expect(await tenant.refused(CREATE_TARGET)).toEqual([{ code: 'TOO_MANY', field: null }]);
  }
});

test('a key that expires makes no key that outlives it', async () => {
  const own = await t.tenant();
  const expiresAt = new Date(t.clock.now().getTime() + 3_600_000).toISOString();
  const input = { name: 'for an hour', scopes: ['API_KEYS_MANAGE'], expiresAt, organizationId: own.organizationId };
  const { secret } = await t.platform.run(CREATE_KEY, { input });
  const create = async (fields: object) => {
    const variables = { input: { name: 'child', scopes: ['API_KEYS_MANAGE'], ...fields } };
    return (await postGraphql(t.url, { query: CREATE_KEY, variables }, { apiKey: secret })).body.data as any;
  };
  const { createApiKey: refused } = await create({ expiresAt: '2100-01-01T00:00:00Z' });
  expect(refused).toMatchObject({ secret: null, userErrors: [{ code: 'INVALID', field: ['input', 'expiresAt'] }] });
  expect(refused.userErrors[0].message).toContain(`no later than ${expiresAt}`);
  const full = (await create({})).createApiKey;
  expect(full.userErrors).toMatchObject([{ code: 'TOO_MANY' }]); // It has its two.
  await t.platform.run('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { userErrors { message } } }', {
    id: (await own.run('{ viewer { apiKey { id } } }')).apiKey.id,
  });
  expect((await create({})).createApiKey).toMatchObject({ apiKey: { expiresAt }, userErrors: [] });
});

test('MAX_SOCKETS and MAX_STREAMS hold for all keys of an organization together', async () => {
  const own = await t.tenant();
  const second = await own.newApiKey();
  await using socket = await openAcknowledged(t.url, own.apiKey);
  await using refused = await openSocket(t.url);
  refused.send({ type: 'connection_init', payload: { apiKey: second } });
  expect(await refused.closed).toEqual({ code: 1013, reason: 'Too many sockets of this organization' });
  socket.send({ id: '1', type: 'subscribe', payload: WATCH });
  await using stream = await subscribeSse(t.url, WATCH, { apiKey: second });
  expect(stream.response.statusCode).toBe(200);
  socket.send({ id: '2', type: 'subscribe', payload: WATCH });
  const message = expect.stringContaining('At most 2 subscriptions of one organization');
  expect(await socket.next()).toMatchObject({ payload: { errors: [{ message }] } });
});

test('ORGANIZATION_RATE_LIMIT_PER_MINUTE holds for all keys together, until updateOrganization says otherwise', async () => {
  const own = await t.tenant();
  const { organizationId } = own;
  const keys = [own.apiKey, await own.newApiKey()];
  const ask = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => postGraphql(t.url, HELLO, { apiKey: keys[i % 2]! })));
  const answers = await ask(60);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(20);
  const { headers } = refused[0]!;
  expect(headers.get('ratelimit-policy')).toBe('"organization";q=40;w=60');
  const { organization } = await t.platform.run(UPDATE, { input: { id: organizationId, rateLimitPerMinute: 1_000 } });
  expect(organization).toEqual({ id: organizationId, name: 'Acme', rateLimitPerMinute: 1_000 });
  await t.advance(2_000); // Until then a process may go by what it knows of the key.
  const [more] = await ask(1);
  expect([more!.status, more!.headers.get('ratelimit-policy')]).toEqual([200, '"organization";q=1000;w=60']);
});

/** Portal sessions over the API: made, shown, used and revoked. */
import { expect, test } from 'vitest';
import { startProduct } from '../support/product.ts';
import { createTenant } from '../support/tenant.ts';

const CREATE = `mutation ($input: CreatePortalSessionInput!) { createPortalSession(input: $input) {
  session { id organization { id } scopes createdAt expiresAt revokedAt } token url userErrors { code field message }
} }`;
const REVOKE = `mutation ($id: ID!) { revokePortalSession(input: { id: $id }) {
  session { id revokedAt } userErrors { code field message } } }`;
const LIST = '{ portalSessions(first: 10) { nodes { id scopes revokedAt } } }';
const VIEWER =
  '{ viewer { organization { id } apiKey { id name scopes expiresAt } portalSession { id scopes expiresAt } } }';

async function setup(environment = {}) {
  const product = await startProduct(environment);
  const [tenant, other] = [await product.tenant(), await product.tenant()];
  const create = (input: object = {}, by = tenant) => by.run(CREATE, { input });
  const signIn = (token: string) => createTenant(product.url, token);
  const dispose = async () => product.stop();
  return { product, tenant, other, create, signIn, [Symbol.asyncDispose]: dispose };
}

test('the portal is opened by a URL that has the token in its fragment, at the address that browsers use', async () => {
  await using t = await setup({ PUBLIC_URL: 'https://hooks.example.com' });
  const { session, token, url } = await t.create({ scopes: ['DELIVERIES_READ'], expiresInSeconds: 600 });
  expect(url).toBe(`https://hooks.example.com/portal#token=${token}`);
  expect(session).toMatchObject({ organization: { id: t.tenant.organizationId }, scopes: ['DELIVERIES_READ'] });
  expect(Date.parse(session.expiresAt) - Date.parse(session.createdAt)).toBe(600_000);
});

test('without PUBLIC_URL it is where the service listens, and with CONSOLE=false there is none', async () => {
  await using t = await setup();
  expect((await t.create()).url).toMatch(new RegExp(`^${new URL(t.product.url).origin}/portal#token=hkp_`));
  await using bare = await setup({ CONSOLE: 'false' });
  expect(await bare.create()).toMatchObject({ url: null, token: expect.stringMatching(/^hkp_/) });
});

test('a session signs in like an API key: viewer says who it is, and what it may not do is refused', async () => {
  await using t = await setup();
  const { session, token } = await t.create({ scopes: ['TARGETS_READ', 'DELIVERIES_READ'] });
  const visitor = await t.signIn(token);
  const { id, scopes, expiresAt } = session;
  expect(await visitor.run(VIEWER)).toEqual({
    organization: { id: t.tenant.organizationId },
    apiKey: { id, name: 'portal session', scopes, expiresAt },
    portalSession: { id, scopes, expiresAt },
  });
  expect((await t.tenant.run(VIEWER)).portalSession).toBeNull();
  for (const [query, scope] of [
    ['{ apiKeys { id } }', 'API_KEYS_MANAGE'],
    [LIST, 'API_KEYS_MANAGE'],
    ['{ erasures { nodes { id } } }', 'EVENTS_ERASE'],
    ['{ events { nodes { id } } }', 'EVENTS_READ'],
    ['mutation { createPortalSession(input: {}) { token } }', 'API_KEYS_MANAGE'],
    ['mutation { createWebhookTarget(input: { url: "https://a.example/" }) { secret } }', 'TARGETS_WRITE'],
  ] as const) {
    const { body } = await visitor.ask(query);
    const expected = [{ extensions: { code: 'FORBIDDEN', requiredScopes: [scope] } }];
    expect({ query, errors: body.errors }).toMatchObject({ query, errors: expected });
  }
  const elsewhere = await visitor.ask(VIEWER, {}, { 'x-organization-id': t.other.organizationId });
  expect(elsewhere.body.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
});

test('sessions are listed newest first, to their own organization only', async () => {
  await using t = await setup();
  const ids = [(await t.create()).session.id, (await t.create()).session.id];
  const shown = await t.tenant.run(LIST);
  expect(shown.nodes.map(({ id }: { id: string }) => id)).toEqual(ids.toReversed());
  expect((await t.other.run(LIST)).nodes).toEqual([]);
});

test('revoking ends a session, only in one’s own organization', async () => {
  await using t = await setup();
  const { session, token } = await t.create();
  const visitor = await t.signIn(token);
  expect(await t.other.refused(REVOKE, { id: session.id })).toMatchObject([
    { code: 'NOT_FOUND', field: ['input', 'id'] },
  ]);
  expect((await visitor.ask(VIEWER)).status).toBe(200);
  const { session: revoked } = await t.tenant.run(REVOKE, { id: session.id });
  expect(revoked).toEqual({ id: session.id, revokedAt: t.product.clock.now().toISOString() });
  expect((await visitor.ask(VIEWER)).status).toBe(401);
});

test('revoking an API key ends the sessions that it made', async () => {
  await using t = await setup();
  const { secret, apiKey } = await t.tenant.run(
    'mutation { createApiKey(input: { name: "portals", scopes: [API_KEYS_MANAGE, TARGETS_READ, DELIVERIES_READ] }) { secret apiKey { id } } }',
  );
  const { token } = await t.create({}, { ...t.tenant, ...(await t.signIn(secret)) });
  const visitor = await t.signIn(token);
  await t.tenant.run('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { userErrors { message } } }', {
    id: apiKey.id,
  });
  expect((await visitor.ask(VIEWER)).status).toBe(401);
});

test('what somebody changes in the portal is in the audit log under their session', async () => {
  await using t = await setup();
  const { session, token } = await t.create({ scopes: ['TARGETS_WRITE', 'DELIVERIES_READ'] });
  const visitor = await t.signIn(token);
  const { id } = await visitor.createTarget({ url: 'https://a.example/' });
  const entries = `query ($filter: AuditFilter) { auditLog(filter: $filter) {
    nodes { actor apiKeyId apiKeyName operation subjectType subjectId } } }`;
  const made = { actor: 'PORTAL_SESSION', apiKeyId: session.id, apiKeyName: 'portal session' };
  expect((await t.tenant.run(entries, { filter: { apiKeyId: session.id } })).nodes).toEqual([
    { ...made, operation: 'createWebhookTarget', subjectType: 'WebhookTarget', subjectId: id },
  ]);
  expect((await t.tenant.run(entries, { filter: { subjectId: session.id } })).nodes).toMatchObject([
    { actor: 'API_KEY', operation: 'createPortalSession', subjectType: 'PortalSession' },
  ]);
  expect((await t.other.run(entries, { filter: { apiKeyId: session.id } })).nodes).toEqual([]);
});

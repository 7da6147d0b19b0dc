import { afterAll, expect, test } from 'vitest';
import { openAcknowledged, openSocket, postGraphql, subscribeSse } from '../support/client.ts';
import { startProduct } from '../support/product.ts';

const t = await startProduct({ ROLES: 'api' });
afterAll(() => t.stop());

const CREATE_TARGET = `mutation ($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) { target { id } userErrors { code field message } } }`;
const TARGET = 'query ($id: ID!) { webhookTarget(id: $id) { id } node(id: $id) { id } }';
const WHO = '{ viewer { organization { id externalId } apiKey { id } } }';
const PUBLISH = `mutation ($input: PublishEventInput!) {
  publishEvent(input: $input) { event { id } userErrors { code field message } } }`;
const RENAME = `mutation ($input: UpdateOrganizationInput!) {
  updateOrganization(input: $input) { organization { id } userErrors { code field } } }`;
const DELETE_ORGANIZATION = `mutation ($id: ID!) {
  deleteOrganization(input: { id: $id }) { userErrors { code field } } }`;
const FEED = { query: 'subscription { eventPublished { event { id } } }' };

const inOrganization = (name: string) => ({ 'X-Organization-Id': name });
const own = await t.tenant();
const other = await t.tenant();
const asAdmin = async (query: string, variables: object, headers: Readonly<Record<string, string>>) =>
  (await t.platform.ask(query, { ...variables }, headers)).body;

test('a platform admin acts in the organization that the header names, by its id or its external id', async () => {
  await t.platform.run(RENAME, { input: { id: own.organizationId, externalId: 'customer 17' } });
  const home = (await t.platform.run(WHO)) as { organization: { id: string }; apiKey: { id: string } };
  for (const name of [own.organizationId, 'customer 17']) {
    const { data } = await asAdmin(WHO, {}, inOrganization(name));
    expect(data.viewer.organization).toEqual({ id: own.organizationId, externalId: 'customer 17' });
    expect(data.viewer.apiKey).toEqual(home.apiKey);
  }
  const { data } = await asAdmin(
    CREATE_TARGET,
    { input: { url: 'http://127.0.0.1:8443/a' } },
    inOrganization('customer 17'),
  );
  const { id } = data.createWebhookTarget.target;
  expect((await own.run(TARGET.replace(/node.*? }/, ''), { id })).id).toBe(id);
});

test('it reaches no other organization then', async () => {
  const { target } = await other.run(CREATE_TARGET, { input: { url: 'http://127.0.0.1:8443/b' } });
  expect((await asAdmin(TARGET, target, {})).data).toEqual({ webhookTarget: target, node: target });
  const acting = inOrganization(own.organizationId);
  expect((await asAdmin(TARGET, target, acting)).data).toEqual({ webhookTarget: null, node: null });
  const { data } = await asAdmin(
    'query ($id: ID!) { organization(id: $id) { id } auditLog(first: 100) { nodes { organizationId } } }',
    { id: other.organizationId },
    acting,
  );
  expect(data.organization).toBeNull();
  const owners = data.auditLog.nodes.map(({ organizationId }: { organizationId: string }) => organizationId);
  expect(new Set(owners)).toEqual(new Set([own.organizationId]));
  const renamed = await asAdmin(RENAME, { input: { id: other.organizationId, name: 'Mine' } }, acting);
  expect(renamed.data.updateOrganization.userErrors).toEqual([{ code: 'NOT_FOUND', field: ['input', 'id'] }]);
});

test('it deletes no other organization then, nor that of its API key', async () => {
  const { viewer } = (await asAdmin('{ viewer { organization { id } } }', {}, {})).data;
  const acting = inOrganization(own.organizationId);
  for (const id of [other.organizationId, viewer.organization.id]) {
    const { data } = await asAdmin(DELETE_ORGANIZATION, { id }, acting);
    expect(data.deleteOrganization.userErrors).toEqual([{ code: 'NOT_FOUND', field: ['input', 'id'] }]);
  }
  const { data } = await asAdmin(
    DELETE_ORGANIZATION,
    { id: viewer.organization.id },
    inOrganization(viewer.organization.id),
  );
  expect(data.deleteOrganization.userErrors).toEqual([{ code: 'INVALID', field: ['input', 'id'] }]);
});

test('nobody acts in a deleted organization', async () => {
  const deleted = await t.tenant();
  await t.platform.run(RENAME, { input: { id: deleted.organizationId, externalId: 'customer 19' } });
  await t.platform.run(DELETE_ORGANIZATION, { id: deleted.organizationId });
  for (const name of [deleted.organizationId, 'customer 19']) {
    const { status, body } = await t.platform.ask(WHO, {}, inOrganization(name));
    expect([status, body.errors?.[0]!.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  }
});

test('an organizationId in the input must agree with the header', async () => {
  const acting = inOrganization(own.organizationId);
  const publish = (organizationId?: string) =>
    asAdmin(PUBLISH, { input: { eventType: 'user.created', data: {}, organizationId } }, acting);
  for (const agreeing of [undefined, own.organizationId, 'customer 17']) {
    expect((await publish(agreeing)).data.publishEvent.userErrors).toEqual([]);
  }
  const { userErrors } = (await publish(other.organizationId)).data.publishEvent;
  expect(userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'organizationId'] }]);
  expect(userErrors[0].message).toContain(`Expected ${own.organizationId}, in which this request acts`);
  const createKey = `mutation ($id: ID!) { createApiKey(input: { name: "n", scopes: [TARGETS_READ], organizationId: $id }) {
    userErrors { code field } } }`;
  const key = await asAdmin(createKey, { id: other.organizationId }, acting);
  expect(key.data.createApiKey.userErrors).toEqual([{ code: 'INVALID', field: ['input', 'organizationId'] }]);
});

test('an API key without PLATFORM_ADMIN is refused, also for its own organization', async () => {
  for (const name of [other.organizationId, own.organizationId, 'customer 17', 'nobody']) {
    const { status, body } = await own.ask(WHO, {}, inOrganization(name));
    expect([status, body.data]).toEqual([403, undefined]);
    const extensions = { code: 'FORBIDDEN', requiredScopes: ['PLATFORM_ADMIN'] };
    expect(body.errors).toMatchObject([{ message: expect.stringContaining('X-Organization-Id'), extensions }]);
  }
});

test('an organization that does not exist is said by the name that came', async () => {
  for (const name of ['nobody', '2pXz'.padEnd(27, '0'), 'é', 'x'.repeat(256)]) {
    const { status, body } = await t.platform.ask(WHO, {}, inOrganization(name));
    expect([status, body.errors?.[0]!.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
    expect(body.errors![0]!.message).toContain('which no organization has');
  }
});

test('the same request with one idempotency key in two organizations does not share an answer', async () => {
  const input = { eventType: 'user.created', data: { name: 'Ada' } };
  const publish = (name?: string) =>
    t.platform.ask(PUBLISH, { input }, { 'Idempotency-Key': 'twice', ...(name && inOrganization(name)) });
  const first = await publish(own.organizationId);
  expect((await publish('customer 17')).body).toEqual(first.body);
  for (const name of [other.organizationId, undefined]) {
    expect((await publish(name)).body.errors).toMatchObject([{ extensions: { code: 'IDEMPOTENCY_CONFLICT' } }]);
  }
});

test('the audit log names the organization that was acted in, and the platform', async () => {
  await asAdmin(CREATE_TARGET, { input: { url: 'http://127.0.0.1:8443/c' } }, inOrganization(other.organizationId));
  const log = '{ auditLog(first: 1) { nodes { operation apiKeyId apiKeyName organizationId } } }';
  const entry = { operation: 'createWebhookTarget', organizationId: other.organizationId };
  expect((await other.run(log)).nodes).toEqual([{ ...entry, apiKeyId: null, apiKeyName: 'platform' }]);
  const { apiKey } = await t.platform.run(WHO);
  const shown = await asAdmin(log, {}, inOrganization(other.organizationId));
  expect(shown.data.auditLog.nodes).toMatchObject([{ ...entry, apiKeyId: apiKey.id }]);
});

test('streams over WebSocket and SSE follow the organization that was named', async () => {
  await using socket = await openSocket(t.url);
  const { apiKey } = t.platform;
  socket.send({ type: 'connection_init', payload: { apiKey, organizationId: 'customer 17' } });
  expect(await socket.next()).toMatchObject({ type: 'connection_ack' });
  socket.send({ id: '1', type: 'subscribe', payload: FEED });
  await using stream = await subscribeSse(t.url, FEED, { apiKey, headers: inOrganization(own.organizationId) });
  socket.send({ id: '2', type: 'subscribe', payload: { query: '{ viewer { organization { id } } }' } });
  expect(await socket.next()).toMatchObject({
    payload: { data: { viewer: { organization: { id: own.organizationId } } } },
  });
  await socket.next(); // Operation 2 is complete.
  const input = { eventType: 'user.created', data: {} };
  const { event: theirs } = await other.run(PUBLISH, { input });
  const { event } = await own.run(PUBLISH, { input });
  // What this organization had just before may come first.
  const shownUntil = async (next: () => Promise<string>): Promise<string[]> => {
    const ids = [await next()];
    while (ids.at(-1) !== event.id) ids.push(await next());
    return ids;
  };
  const idIn = ({ data }: any): string => data.eventPublished.event.id;
  expect(await shownUntil(async () => idIn(((await socket.next()) as any).payload))).not.toContain(theirs.id);
  expect(await shownUntil(async () => idIn((await stream.next())?.data))).not.toContain(theirs.id);
});

test.each([
  ['an API key without PLATFORM_ADMIN', () => own.apiKey, 'organizationId needs the scope PLATFORM_ADMIN'],
  ['an organization that does not exist', () => t.platform.apiKey, 'No organization has this organizationId'],
])('a WebSocket of %s is closed with 4403 and the reason', async (_, key, reason) => {
  await using socket = await openSocket(t.url);
  socket.send({ type: 'connection_init', payload: { apiKey: key(), organizationId: 'nobody' } });
  expect(await socket.closed).toEqual({ code: 4403, reason });
});

test('the external id of another organization is not resolved while one acts in its own', async () => {
  await t.platform.run(RENAME, { input: { id: other.organizationId, externalId: 'customer 18' } });
  const input = { eventType: 'user.created', data: {}, organizationId: 'customer 18' };
  const { data } = await asAdmin(PUBLISH, { input }, inOrganization(own.organizationId));
  expect(data.publishEvent.userErrors[0].message).not.toContain(other.organizationId);
});

test('an empty organizationId in connection_init names none', async () => {
  await using socket = await openSocket(t.url);
  socket.send({ type: 'connection_init', payload: { apiKey: own.apiKey, organizationId: ' ' } });
  expect(await socket.next()).toMatchObject({ type: 'connection_ack' });
});

test.each([[[]], [['a']], [{}], [{ toString: 1, valueOf: 1 }], [true]])(
  'an organizationId in connection_init that is no text is one that does not exist: %j',
  async (organizationId) => {
    await using socket = await openSocket(t.url);
    socket.send({ type: 'connection_init', payload: { apiKey: t.platform.apiKey, organizationId } });
    expect(await socket.closed).toEqual({ code: 4403, reason: 'No organization has this organizationId' });
    expect(t.logs.filter(({ msg }) => msg === 'websocket.failed')).toEqual([]);
  },
);

test('without the header everything is as before', async () => {
  const { body } = await postGraphql(t.url, { query: WHO }, { apiKey: own.apiKey, headers: inOrganization(' ') });
  expect(body.data.viewer.organization.id).toBe(own.organizationId);
  await using socket = await openAcknowledged(t.url, own.apiKey);
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ viewer { organization { id } } }' } });
  expect(await socket.next()).toMatchObject({
    payload: { data: { viewer: { organization: { id: own.organizationId } } } },
  });
});

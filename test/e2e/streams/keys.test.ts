/** API keys that end while their streams are open: real processes, the real authenticator, real time. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabaseUrl } from '../../support/database.ts';
import {
  openAcknowledged,
  openSocket,
  postGraphql,
  subscribeSse,
  type RawSocket,
  type SseStream,
} from '../../support/client.ts';
import { API_KEY, startService, type Service } from '../../support/service.ts';

const WATCH = { query: 'subscription { deliveryStatusChanged { cursor } }' };
const WATCH_TARGETS = { query: 'subscription { webhookTargetStatusChanged { cursor } }' };
const WATCH_EVENTS = { query: 'subscription { eventPublished { cursor } }' };
const ENDS_WITHIN_MS = 5_000;

async function setup() {
  const stack = new AsyncDisposableStack();
  const environment = { DATABASE_URL: await createDatabaseUrl(), ROLES: 'api' };
  const [one, other] = [stack.use(await startService(environment)), stack.use(await startService(environment))];
  const newKey = async (more: object = {}) => {
    const input = { name: 'dashboard', scopes: ['DELIVERIES_READ'], ...more };
    const { createApiKey } = await one.api<{ createApiKey: { apiKey: { id: string }; secret: string } }>(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } secret userErrors { message } } }',
      { input },
    );
    return { id: createApiKey.apiKey.id, key: createApiKey.secret };
  };
  const revoke = (id: string) =>
    one.api('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { userErrors { message } } }', { id });
  /** One subscription over each transport, known to be open. `headers`: of both. */
  const watch = async ({ origin }: Service, apiKey: string, query = WATCH, headers = {}) => {
    const socket = stack.use(await openSocket(origin, { headers }));
    socket.send({ type: 'connection_init', payload: { apiKey } });
    expect(await socket.next()).toMatchObject({ type: 'connection_ack' });
    socket.send({ id: '1', type: 'subscribe', payload: query });
    const stream = stack.use(await subscribeSse(origin, query, { apiKey, headers }));
    return { socket, stream };
  };
  return { one, other, newKey, revoke, watch, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

let t: Awaited<ReturnType<typeof setup>>;

beforeAll(async () => {
  t = await setup();
});

afterAll(() => t[Symbol.asyncDispose]());

/** What the client is told, and after how long. */
async function endOf({ socket, stream }: { socket: RawSocket; stream: SseStream }, sinceMs: number) {
  const { code, reason } = await socket.closed;
  let last = await stream.next();
  while (last && !last.data?.errors) last = await stream.next(); // The service's own event of the revocation.
  const end = await stream.next();
  const tookMs = performance.now() - sinceMs;
  return { close: [code, reason], error: last?.data?.errors?.[0]?.extensions.code, end: end?.event, tookMs };
}

const ENDED = { close: [4403, 'Forbidden'], error: 'UNAUTHENTICATED', end: 'complete' };

test('the streams of a deleted organization end within 5 seconds, in every process', async () => {
  const { createOrganization } = await t.one.api<{ createOrganization: { organization: { id: string } } }>(
    'mutation { createOrganization(input: { name: "Leaving" }) { organization { id } userErrors { message } } }',
  );
  const { id } = createOrganization.organization;
  const { key } = await t.newKey({ organizationId: id });
  const watches = [await t.watch(t.one, key), await t.watch(t.other, key)];
  const since = performance.now();
  await t.one.api('mutation ($id: ID!) { deleteOrganization(input: { id: $id }) { userErrors { message } } }', { id });
  for (const watch of watches) {
    const { tookMs, ...end } = await endOf(watch, since);
    expect(end).toEqual(ENDED);
    expect(tookMs).toBeLessThan(ENDS_WITHIN_MS);
  }
  expect((await postGraphql(t.other.origin, WATCH, { apiKey: key })).status).toBe(401);
});

test('so do those of a platform admin who acts in it, and its streams elsewhere do not', async () => {
  const { createOrganization } = await t.one.api<{ createOrganization: { organization: { id: string } } }>(
    'mutation { createOrganization(input: { name: "Leaving" }) { organization { id } userErrors { message } } }',
  );
  const { id } = createOrganization.organization;
  const acting = await t.watch(t.other, API_KEY, WATCH, { 'x-organization-id': id });
  const elsewhere = await t.watch(t.other, API_KEY);
  const since = performance.now();
  await t.one.api('mutation ($id: ID!) { deleteOrganization(input: { id: $id }) { userErrors { message } } }', { id });
  const { tookMs, ...end } = await endOf(acting, since);
  expect(end).toEqual(ENDED);
  expect(tookMs).toBeLessThan(ENDS_WITHIN_MS);
  expect(elsewhere.socket.socket.readyState).toBe(elsewhere.socket.socket.OPEN);
  expect(elsewhere.stream.response.complete).toBe(false);
});

test.each([
  ['webhook targets', 'TARGETS_READ', WATCH_TARGETS],
  ['events', 'EVENTS_READ', WATCH_EVENTS],
] as const)('a revoked key ends its streams of %s too', async (_, scope, query) => {
  const { id, key } = await t.newKey({ scopes: [scope] });
  const watched = await t.watch(t.other, key, query);
  const startedMs = performance.now();
  await t.revoke(id);
  const ended = await endOf(watched, startedMs);
  expect(ended).toMatchObject(ENDED);
  expect(ended.tookMs).toBeLessThan(ENDS_WITHIN_MS);
});

test('a revoked key ends its streams within 5 s, in the process that revoked it and in another, and no others', async () => {
  const [{ id, key }, kept] = [await t.newKey(), await t.newKey()];
  const watched = [await t.watch(t.one, key), await t.watch(t.other, key)];
  const others = [await t.watch(t.one, kept.key), await t.watch(t.other, kept.key)];
  const startedMs = performance.now();
  await t.revoke(id);
  for (const ended of await Promise.all(watched.map((one) => endOf(one, startedMs)))) {
    expect(ended).toMatchObject(ENDED);
    expect(ended.tookMs).toBeLessThan(ENDS_WITHIN_MS);
  }
  for (const { socket, stream } of others) {
    expect(socket.socket.readyState).toBe(socket.socket.OPEN);
    expect(stream.response.complete).toBe(false);
  }
  const again = await postGraphql(t.other.origin, { query: '{ deliveryStreamCursor }' }, { apiKey: key });
  expect(again.status).toBe(401);
});

test('an expired key ends its streams within 5 s', async () => {
  /** Undefined: the key expired before it was watched. */
  const watchUntil = async (expiresMs: number) => {
    const isOver = () => Date.now() >= expiresMs;
    try {
      const { key } = await t.newKey({ expiresAt: new Date(expiresMs).toISOString() });
      const watched = await t.watch(t.other, key);
      return isOver() ? undefined : watched;
    } catch (error) {
      if (isOver()) return undefined;
      throw error;
    }
  };
  let livesMs = 1_500;
  let expiresMs = Date.now() + livesMs;
  let watched = await watchUntil(expiresMs);
  while (!watched) {
    livesMs *= 2;
    expiresMs = Date.now() + livesMs;
    watched = await watchUntil(expiresMs);
  }
  const ended = await endOf(watched, performance.now() + expiresMs - Date.now());
  expect(ended).toMatchObject(ENDED);
  expect(ended.tookMs).toBeGreaterThan(0);
  expect(ended.tookMs).toBeLessThan(ENDS_WITHIN_MS);
});

test.each(['revokePortalSession', 'revokeApiKey'] as const)(
  'a portal session ends its streams within 5 s of %s',
  async (mutation) => {
    const { id: keyId, key } = await t.newKey({ scopes: ['API_KEYS_MANAGE', 'DELIVERIES_READ'] });
    const create = { query: 'mutation { createPortalSession(input: {}) { session { id } token } }' };
    const { body } = await postGraphql(t.one.origin, create, { apiKey: key });
    const { session, token } = body.data!['createPortalSession'] as { session: { id: string }; token: string };
    const watched = await t.watch(t.other, token);
    const startedMs = performance.now();
    const id = mutation === 'revokeApiKey' ? keyId : session.id;
    await t.one.api(`mutation ($id: ID!) { ${mutation}(input: { id: $id }) { userErrors { message } } }`, { id });
    const ended = await endOf(watched, startedMs);
    expect(ended).toMatchObject(ENDED);
    expect(ended.tookMs).toBeLessThan(ENDS_WITHIN_MS);
  },
);

test('scopes are checked when a subscription begins, and a key without them keeps its socket', async () => {
  const { key } = await t.newKey({ scopes: ['EVENTS_PUBLISH'] });
  await using socket = await openAcknowledged(t.one.origin, key);
  socket.send({ id: '1', type: 'subscribe', payload: WATCH });
  expect(await socket.next()).toMatchObject({ id: '1', payload: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } });
  await using stream = await subscribeSse(t.one.origin, WATCH, { apiKey: key });
  expect(await stream.next()).toMatchObject({ data: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } });
  expect(socket.socket.readyState).toBe(socket.socket.OPEN);
  expect((await postGraphql(t.one.origin, { query: '{ viewer { apiKey { id } } }' }, { apiKey: API_KEY })).status).toBe(
    200,
  );
});

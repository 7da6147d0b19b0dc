/** Portal sessions: what they may be given, what is stored, and how they end. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthenticator } from '../../src/access/authenticate.ts';
import { createPortalSessions } from '../../src/manage/portal-sessions.ts';
import { codes, setup as setKeys, valid, value } from './api-keys-setup.ts';

async function setup() {
  const t = await setKeys();
  const { database, clock } = t;
  const authenticator = createAuthenticator({ database, clock });
  const { apiKeyId, secret } = value(await t.apiKeys.create(t.member, { ...valid, scopes: ['TARGETS_WRITE'] }));
  const onRevoked = authenticator.forget;
  return {
    ...t,
    authenticator,
    authenticate: authenticator.authenticate,
    makerSecret: secret,
    maker: { ...t.member, apiKeyId },
    adminMaker: { ...t.admin, apiKeyId },
    sessions: createPortalSessions({ database, clock, ids: t.fixtures.ids, rateLimitPerMinute: 100, onRevoked }),
    stored: () => database.prisma().portalSession.findMany({ orderBy: { id: 'asc' } }),
    inSeconds: (seconds: number) => new Date(clock.now().getTime() + seconds * 1_000),
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}

test('the token is hkp_ and 40 base62 characters; its hash and first 10 characters are stored, itself nowhere', async () => {
  await using t = await setup();
  const { sessionId, token } = value(await t.sessions.create(t.maker, {}));
  expect(token).toMatch(/^hkp_[0-9A-Za-z]{40}$/);
  const [row] = await t.stored();
  expect(row).toMatchObject({ id: sessionId, prefix: token.slice(0, 10), apiKeyId: t.maker.apiKeyId, revokedAt: null });
  expect(Buffer.from(row!.hash)).toEqual(createHash('sha256').update(token).digest());
  expect(JSON.stringify(row)).not.toContain(token);
});

test('by default a session reads what its maker may read, for an hour', async () => {
  await using t = await setup();
  const { sessionId, token } = value(await t.sessions.create(t.maker, { scopes: null, expiresInSeconds: null }));
  expect(await t.authenticate(token)).toEqual({
    apiKeyId: sessionId,
    portalOf: t.maker.apiKeyId,
    apiKeyPrefix: token.slice(0, 10),
    organizationId: t.own.id,
    scopes: new Set(['TARGETS_READ']),
    isPlatformAdmin: false,
    rateLimitPerMinute: 100,
    organizationRateLimitPerMinute: null,
    publicKey: null,
    expiresAt: t.inSeconds(3_600),
  });
  const all = await t.sessions.create({ ...t.maker, scopes: new Set(['PLATFORM_ADMIN']) }, {});
  expect((await t.authenticate(value(all).token))!.scopes).toEqual(
    new Set(['TARGETS_READ', 'EVENTS_READ', 'DELIVERIES_READ']),
  );
});

test('a session gets no scope that its maker lacks, and none of the three that no session gets', async () => {
  await using t = await setup();
  const created = (scopes: readonly never[], maker = t.maker) => t.sessions.create(maker, { scopes });
  const admin = { ...t.maker, scopes: new Set(['PLATFORM_ADMIN'] as const) as never };
  for (const scope of ['API_KEYS_MANAGE', 'PLATFORM_ADMIN', 'EVENTS_ERASE']) {
    expect(codes(await created([scope as never], admin))).toEqual(['INVALID input.scopes']);
  }
  expect(codes(await created(['DELIVERIES_READ' as never]))).toEqual(['INVALID input.scopes']);
  expect(codes(await created([]))).toEqual(['REQUIRED input.scopes']);
  expect(codes(await created(Array(1_001).fill('TARGETS_READ') as never[]))).toEqual(['TOO_MANY input.scopes']);
  const publisher = { ...t.maker, scopes: new Set(['EVENTS_PUBLISH'] as const) as never };
  expect(codes(await t.sessions.create(publisher, {}))).toEqual(['REQUIRED input.scopes']);
  expect(await t.stored()).toEqual([]);
  value(await created(['TARGETS_READ' as never, 'TARGETS_WRITE' as never]));
  expect((await t.stored())[0]!.scopes).toEqual(['TARGETS_READ', 'TARGETS_WRITE']);
});

test('a session lasts 300 to 604800 seconds, and not longer than the API key of its maker', async () => {
  await using t = await setup();
  for (const expiresInSeconds of [299, 604_801, -1]) {
    expect(codes(await t.sessions.create(t.maker, { expiresInSeconds }))).toEqual(['INVALID input.expiresInSeconds']);
  }
  for (const expiresInSeconds of [300, 604_800]) value(await t.sessions.create(t.maker, { expiresInSeconds }));
  const ending = { ...t.maker, expiresAt: t.inSeconds(1_000) };
  expect(codes(await t.sessions.create(ending, { expiresInSeconds: 1_001 }))).toEqual([
    'INVALID input.expiresInSeconds',
  ]);
  value(await t.sessions.create(ending, { expiresInSeconds: 1_000 }));
  value(await t.sessions.create(ending, {}));
  const ends = (await t.stored()).map(({ expiresAt }) => expiresAt);
  expect(ends).toEqual([300, 604_800, 1_000, 1_000].map(t.inSeconds));
});

test('a session is no faster than its maker, nor than the default of the deployment', async () => {
  await using t = await setup();
  for (const rateLimitPerMinute of [7, 1_000, null])
    value(await t.sessions.create({ ...t.maker, rateLimitPerMinute }, {}));
  expect((await t.stored()).map((row) => row.rateLimitPerMinute)).toEqual([7, 100, 100]);
});

test('an admin makes no faster session than its own API key either', async () => {
  await using t = await setup();
  await t.sessions.create({ ...t.adminMaker, rateLimitPerMinute: 10 }, { scopes: ['EVENTS_READ'] });
  expect((await t.stored()).map(({ rateLimitPerMinute }) => rateLimitPerMinute)).toEqual([10]);
});

test('an organization has at most 1,000 open sessions', async () => {
  await using t = await setup();
  const { sessionId } = value(await t.sessions.create(t.maker, {}));
  await t.database.pool.query(
    `insert into portal_sessions select id || n, organization_id, api_key_id, prefix, hash || int4send(n), scopes,
       rate_limit_per_minute, created_at, expires_at from portal_sessions, generate_series(1, 999) as n`,
  );
  expect(codes(await t.sessions.create(t.maker, {}))).toEqual([expect.stringMatching(/^TOO_MANY/)]);
  value(await t.sessions.revoke(t.maker, { id: sessionId }));
  value(await t.sessions.create(t.maker, {}));
});

test('only a platform admin makes a session for another organization, and it sees that one', async () => {
  await using t = await setup();
  const input = { organizationId: t.other.id };
  expect(codes(await t.sessions.create(t.maker, input))).toEqual(['NOT_FOUND input.organizationId']);
  const { token } = value(await t.sessions.create(t.adminMaker, input));
  expect(await t.authenticate(token)).toMatchObject({ organizationId: t.other.id, isPlatformAdmin: false });
  const nobody = { organizationId: t.fixtures.ids.next() };
  expect(codes(await t.sessions.create(t.adminMaker, nobody))).toEqual(['NOT_FOUND input.organizationId']);
});

test('a session ends at its time, in the moment', async () => {
  await using t = await setup();
  const { token } = value(await t.sessions.create(t.maker, { expiresInSeconds: 300 }));
  await t.clock.advance(299_999);
  expect(await t.authenticate(token)).not.toBeNull();
  await t.clock.advance(1);
  expect(await t.authenticate(token)).toBeNull();
});

test('a revoked session ends at once where it was revoked, within 2 s elsewhere, and no other', async () => {
  await using t = await setup();
  const elsewhere = createAuthenticator({ database: t.database, clock: t.clock });
  const [one, other] = [value(await t.sessions.create(t.maker, {})), value(await t.sessions.create(t.maker, {}))];
  for (const { token } of [one, other]) {
    for (const { authenticate } of [t.authenticator, elsewhere]) expect(await authenticate(token)).not.toBeNull();
  }
  for (let time = 0; time < 2; time++) value(await t.sessions.revoke(t.member, { id: one.sessionId }));
  expect(await t.authenticate(one.token)).toBeNull();
  await t.clock.advance(2_000);
  expect(await elsewhere.authenticate(one.token)).toBeNull();
  expect(await t.authenticate(other.token)).not.toBeNull();
  for (const id of ['nonsense', t.fixtures.ids.next()]) {
    expect(codes(await t.sessions.revoke(t.member, { id }))).toEqual(['NOT_FOUND input.id']);
  }
});

test('all sessions of an API key end when it is revoked, at once where that happened', async () => {
  await using t = await setup();
  const { apiKeyId, secret } = value(await t.apiKeys.create(t.member, valid));
  const mine = value(await t.sessions.create({ ...t.maker, apiKeyId }, {}));
  const others = value(await t.sessions.create(t.maker, {}));
  for (const key of [secret, mine.token, others.token]) expect(await t.authenticate(key)).not.toBeNull();
  value(await t.apiKeys.revoke(t.member, { id: apiKeyId }));
  t.authenticator.forget(apiKeyId);
  for (const key of [secret, mine.token]) expect(await t.authenticate(key)).toBeNull();
  expect(await t.authenticate(others.token)).not.toBeNull();
});

test('an API key that was revoked a moment ago makes no session', async () => {
  await using t = await setup();
  value(await t.apiKeys.revoke(t.member, { id: t.maker.apiKeyId }));
  await expect(t.sessions.create(t.maker, {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await t.stored()).toEqual([]);
});

test('a session of a deleted organization, or of an API key that is gone, is refused', async () => {
  await using t = await setup();
  const { token } = await t.fixtures.portalSession({ organizationId: t.own.id });
  expect(await t.authenticate(token)).toBeNull();
  const made = value(await t.sessions.create(t.maker, {}));
  await t.database.pool.query('update organizations set deleted_at = now() where id = $1', [t.own.id]);
  expect(await t.authenticate(made.token)).toBeNull();
});

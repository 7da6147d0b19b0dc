import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthenticator } from '../../src/access/authenticate.ts';
import { codes, freshPublicKey, setup, valid, value } from './api-keys-setup.ts';

test('a key is hk_ and 40 base62 characters; its hash and first 10 characters are stored, itself nowhere', async () => {
  await using t = await setup();
  const { apiKeyId, secret } = value(await t.apiKeys.create(t.member, { name: 'CI', scopes: ['TARGETS_READ'] }));
  expect(secret).toMatch(/^hk_[0-9A-Za-z]{40}$/);
  const [row] = await t.rows();
  expect(row).toMatchObject({
    id: apiKeyId,
    organizationId: t.own.id,
    name: 'CI',
    prefix: secret.slice(0, 10),
    scopes: ['TARGETS_READ'],
    rateLimitPerMinute: 100,
    publicKey: null,
    createdAt: t.clock.now(),
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
  });
  expect(Buffer.from(row!.hash)).toEqual(createHash('sha256').update(secret).digest());
  expect(JSON.stringify(row)).not.toContain(secret);
});

test('a new key authenticates as what it was created with, until it is revoked', async () => {
  await using t = await setup();
  const authenticator = createAuthenticator({ database: t.database, clock: t.clock });
  const publicKey = freshPublicKey();
  const expiresAt = new Date(t.clock.now().getTime() + 86_400_000);
  const scopes = ['TARGETS_READ', 'TARGETS_WRITE'] as const;
  const input = { name: 'CI', scopes, rateLimitPerMinute: 5, expiresAt, publicKey: publicKey.toUpperCase() };
  const { apiKeyId, secret } = value(await t.apiKeys.create(t.member, input));
  expect(await authenticator.authenticate(secret)).toMatchObject({
    apiKeyId,
    organizationId: t.own.id,
    scopes: new Set(scopes),
    rateLimitPerMinute: 5,
    expiresAt,
    publicKey,
  });
  expect(await t.apiKeys.revoke(t.member, { id: apiKeyId })).toEqual({ ok: true, value: { apiKeyId } });
  authenticator.forget(apiKeyId);
  expect(await authenticator.authenticate(secret)).toBeNull();
});

test('no two keys are alike', async () => {
  await using t = await setup();
  const input = { name: 'CI', scopes: ['TARGETS_READ'] } as const;
  const secrets = await Promise.all(Array.from({ length: 20 }, () => t.apiKeys.create(t.member, input)));
  expect(new Set(secrets.map((result) => value(result).secret)).size).toBe(20);
});

test('null means the default for every optional field, but for the rate limit unlimited', async () => {
  await using t = await setup();
  const nulls = { rateLimitPerMinute: null, expiresAt: null, publicKey: null, organizationId: null };
  value(await t.apiKeys.create(t.member, { name: 'CI', scopes: ['TARGETS_READ'], ...nulls }));
  const defaults = { rateLimitPerMinute: null, expiresAt: null, publicKey: null, organizationId: t.own.id };
  expect(await t.rows()).toMatchObject([defaults]);
});

test('a creator gives away no scope that its own key lacks, and is told which', async () => {
  await using t = await setup();
  const scopes = ['TARGETS_READ', 'EVENTS_READ', 'API_KEYS_MANAGE', 'PLATFORM_ADMIN'] as const;
  const refused = await t.apiKeys.create(t.member, { name: 'CI', scopes });
  expect(codes(refused)).toEqual(['INVALID input.scopes']);
  expect(!refused.ok && refused.userErrors[0]!.message).toContain('EVENTS_READ, PLATFORM_ADMIN.');
  expect(await t.rows()).toEqual([]);
});

test('a creator gives no rate limit above its own, and is told which that is', async () => {
  await using t = await setup();
  const limited = { ...t.member, rateLimitPerMinute: 50 };
  const give = (rateLimitPerMinute: number | null) => t.apiKeys.create(limited, { ...valid, rateLimitPerMinute });
  for (const [asked, got] of [
    [51, '51'],
    [null, 'null, which is unlimited'],
  ] as const) {
    const refused = await give(asked);
    expect(codes(refused)).toEqual(['INVALID input.rateLimitPerMinute']);
    expect(!refused.ok && refused.userErrors[0]!.message).toBe(
      `Expected 1 to 50 operations per minute, no more than your own key has, got ${got}.`,
    );
  }
  expect(await t.rows()).toEqual([]);
  value(await give(50));
  expect(await t.rows()).toMatchObject([{ rateLimitPerMinute: 50 }]);
});

test('a limit that is left out is the default, or the limit of the creator where that is lower', async () => {
  await using t = await setup();
  for (const own of [null, 500, 50]) value(await t.apiKeys.create({ ...t.member, rateLimitPerMinute: own }, valid));
  expect((await t.rows()).map(({ rateLimitPerMinute }) => rateLimitPerMinute)).toEqual([100, 100, 50]);
});

test('a platform admin gives any rate limit, whatever its own', async () => {
  await using t = await setup();
  const limited = { ...t.admin, rateLimitPerMinute: 50 };
  for (const limit of [null, 1_000]) value(await t.apiKeys.create(limited, { ...valid, rateLimitPerMinute: limit }));
  value(await t.apiKeys.create(limited, valid));
  expect((await t.rows()).map(({ rateLimitPerMinute }) => rateLimitPerMinute)).toEqual([null, 1_000, 100]);
});

test('a platform admin gives any scope; repeated ones are stored once', async () => {
  await using t = await setup();
  const scopes = ['PLATFORM_ADMIN', 'EVENTS_READ', 'PLATFORM_ADMIN'] as const;
  value(await t.apiKeys.create(t.admin, { name: 'CI', scopes }));
  expect((await t.rows())[0]!.scopes).toEqual(['EVENTS_READ', 'PLATFORM_ADMIN']);
});

test('a key for another organization needs a platform admin, and the organization', async () => {
  await using t = await setup();
  const input = { name: 'CI', scopes: ['TARGETS_READ'], organizationId: t.other.id } as const;
  expect(codes(await t.apiKeys.create(t.member, input))).toEqual(['NOT_FOUND input.organizationId']);
  for (const organizationId of [t.fixtures.ids.next(), 'nonsense', 'a\0b']) {
    expect(codes(await t.apiKeys.create(t.admin, { ...input, organizationId }))).toEqual([
      'NOT_FOUND input.organizationId',
    ]);
  }
  expect(await t.rows()).toEqual([]);
  value(await t.apiKeys.create(t.admin, input));
  value(await t.apiKeys.create(t.member, { ...input, organizationId: t.own.id }));
  expect((await t.rows()).map(({ organizationId }) => organizationId)).toEqual([t.other.id, t.own.id]);
});

test.each([
  ['an empty name', { name: ' ' }, 'REQUIRED input.name'],
  ['a name of 129 characters', { name: 'x'.repeat(129) }, 'TOO_LONG input.name'],
  ['a name with NUL', { name: 'a\0' }, 'INVALID input.name'],
  ['no scope', { scopes: [] }, 'REQUIRED input.scopes'],
  ['a limit of 0', { rateLimitPerMinute: 0 }, 'INVALID input.rateLimitPerMinute'],
  ['a limit of 1,000,001', { rateLimitPerMinute: 1_000_001 }, 'INVALID input.rateLimitPerMinute'],
  ['an expiry now', { expiresAt: new Date('2026-01-15T10:30:00.000Z') }, 'INVALID input.expiresAt'],
  ['an expiry after the year 9999', { expiresAt: new Date(Date.UTC(10_000, 0)) }, 'INVALID input.expiresAt'],
  ['a public key of 63 characters', { publicKey: 'a'.repeat(63) }, 'INVALID input.publicKey'],
  ['a public key that is not hex', { publicKey: 'g'.repeat(64) }, 'INVALID input.publicKey'],
  ['a public key off the curve', { publicKey: `02${'0'.repeat(62)}` }, 'INVALID input.publicKey'],
  ['a public key that is not canonical (y + p)', { publicKey: `f0${'f'.repeat(60)}7f` }, 'INVALID input.publicKey'],
  ['a public key of small order', { publicKey: `01${'0'.repeat(62)}` }, 'INVALID input.publicKey'],
])('refuses %s, and nothing is written', async (_, input, code) => {
  await using t = await setup();
  expect(codes(await t.apiKeys.create(t.member, { ...valid, ...input }))).toEqual([code]);
  expect(await t.rows()).toEqual([]);
});

test('reports all errors of an input at once', async () => {
  await using t = await setup();
  const input = { name: '', scopes: [], rateLimitPerMinute: -1, publicKey: 'x', organizationId: 'x' };
  expect(codes(await t.apiKeys.create(t.member, input))).toEqual([
    'REQUIRED input.name',
    'REQUIRED input.scopes',
    'INVALID input.rateLimitPerMinute',
    'INVALID input.publicKey',
    'NOT_FOUND input.organizationId',
  ]);
});

test('limits of 1 and 1,000,000 and a name of 128 characters are accepted', async () => {
  await using t = await setup();
  value(await t.apiKeys.create(t.member, { ...valid, name: 'x'.repeat(128), rateLimitPerMinute: 1 }));
  value(await t.apiKeys.create(t.member, { ...valid, rateLimitPerMinute: 1_000_000 }));
  expect((await t.rows()).map(({ rateLimitPerMinute }) => rateLimitPerMinute)).toEqual([1, 1_000_000]);
});

test('revoking twice keeps the time of the first', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.apiKey({ organizationId: t.own.id, scopes: ['TARGETS_READ'] });
  const revokedAt = t.clock.now();
  await t.apiKeys.revoke(t.member, { id });
  await t.clock.advance(1_000);
  expect(await t.apiKeys.revoke(t.member, { id })).toEqual({ ok: true, value: { apiKeyId: id } });
  expect(await t.rows()).toMatchObject([{ revokedAt }]);
});

test("another organization's key is NOT_FOUND, and a platform admin revokes it", async () => {
  await using t = await setup();
  const { id } = await t.fixtures.apiKey({ organizationId: t.other.id });
  for (const unknown of [id, t.fixtures.ids.next(), 'nonsense', 'a\0b']) {
    expect(codes(await t.apiKeys.revoke(t.member, { id: unknown }))).toEqual(['NOT_FOUND input.id']);
  }
  expect(await t.rows()).toMatchObject([{ revokedAt: null }]);
  value(await t.apiKeys.revoke(t.admin, { id }));
  expect(await t.rows()).toMatchObject([{ revokedAt: t.clock.now() }]);
});

test('whoever manages keys ends any of its organization, but a platform admin only another platform admin', async () => {
  await using t = await setup();
  const manager = t.callerWith('API_KEYS_MANAGE');
  const wider = await t.fixtures.apiKey({ organizationId: t.own.id, scopes: ['EVENTS_PUBLISH', 'DELIVERIES_WRITE'] });
  value(await t.apiKeys.revoke(manager, wider));
  const admin = await t.fixtures.apiKey({ organizationId: t.own.id, scopes: ['TARGETS_READ', 'PLATFORM_ADMIN'] });
  const refused = await t.apiKeys.revoke(manager, admin);
  expect(codes(refused)).toEqual(['INVALID input.id']);
  expect(!refused.ok && refused.userErrors[0]!.message).toContain('only a key that has it too may revoke it');
  expect(await t.rows()).toMatchObject([{ revokedAt: t.clock.now() }, { revokedAt: null }]);
  value(await t.apiKeys.revoke(t.admin, admin));
  expect((await t.rows())[1]).toMatchObject({ revokedAt: t.clock.now() });
});

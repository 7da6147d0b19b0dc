import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthenticator } from '../../src/access/authenticate.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { signingKeyFromSeed } from '../../src/domain/signing/signature.ts';
import { bootstrap } from '../../src/manage/bootstrap.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const { ids } = createFixtures({ database, clock });
  const seal = createSeal(randomBytes(32), clock.randomBytes);
  const options = { database, clock, ids, seal, eventCatalogs: ['daya'] };
  return {
    database,
    clock,
    seal,
    start: (bootstrapApiKey?: string) => bootstrap({ ...options, bootstrapApiKey }),
    authenticate: createAuthenticator({ database, clock }).authenticate,
    counts: async () => ({
      organizations: await database.prisma().organization.count(),
      apiKeys: await database.prisma().apiKey.count(),
      signingKeys: await database.prisma().signingKey.count(),
      eventTypes: await database.prisma().eventType.count(),
    }),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

const GIVEN = 'operator-chosen key with 40 characters!!'.replaceAll(' ', '-');
const ONE_OF_EACH = { organizations: 1, apiKeys: 1, signingKeys: 1, eventTypes: 6 };

test('the first start makes an organization, an unlimited PLATFORM_ADMIN key, a signing key and the catalogs', async () => {
  await using t = await setup();
  const { organizationId, newApiKey } = await t.start();
  expect(newApiKey).toMatch(/^hk_[0-9A-Za-z]{40}$/);
  expect(await t.authenticate(newApiKey!)).toMatchObject({
    organizationId,
    isPlatformAdmin: true,
    rateLimitPerMinute: null,
    expiresAt: null,
  });
  expect(await t.database.prisma().organization.findMany()).toMatchObject([{ id: organizationId, name: 'Default' }]);
  expect(await t.counts()).toEqual(ONE_OF_EACH);
});

test('the signing key is active since yesterday, so that a clock may be set back, and sealed for its own row', async () => {
  await using t = await setup();
  await t.start();
  const [row] = await t.database.prisma().signingKey.findMany();
  const now = t.clock.now();
  const since = new Date(now.getTime() - 86_400_000);
  expect(row).toMatchObject({ createdAt: now, publishedAt: since, activeAt: since, retiredAt: null, expiresAt: null });
  const seed = t.seal.open(row!.sealed, `signing-key:${row!.id}`);
  expect(signingKeyFromSeed(row!.id, seed).publicKey.toString('hex')).toBe(row!.publicKey);
});

test('a later start adds nothing and tells no key', async () => {
  await using t = await setup();
  const first = await t.start();
  await t.clock.advance(1_000);
  expect(await t.start()).toEqual({ organizationId: first.organizationId, newApiKey: null });
  expect(await t.counts()).toEqual(ONE_OF_EACH);
});

test('a given key is taken as it is, and told once', async () => {
  await using t = await setup();
  expect(await t.start(GIVEN)).toMatchObject({ newApiKey: GIVEN });
  expect(await t.start(GIVEN)).toMatchObject({ newApiKey: null });
  expect(await t.start()).toMatchObject({ newApiKey: null });
  expect(await t.authenticate(GIVEN)).toMatchObject({ isPlatformAdmin: true });
  expect(await t.database.prisma().apiKey.findMany()).toMatchObject([{ prefix: GIVEN.slice(0, 10) }]);
});

test('a given key that differs from earlier ones is added to them', async () => {
  await using t = await setup();
  const { newApiKey, organizationId } = await t.start();
  expect(await t.start(GIVEN)).toEqual({ organizationId, newApiKey: GIVEN });
  expect(await t.authenticate(newApiKey!)).toMatchObject({ isPlatformAdmin: true });
  expect(await t.authenticate(GIVEN)).toMatchObject({ isPlatformAdmin: true, organizationId });
});

test('a restart brings no revoked key back, and makes none in its place', async () => {
  await using t = await setup();
  await t.start(GIVEN);
  await t.database.prisma().apiKey.updateMany({ data: { revokedAt: t.clock.now() } });
  expect(await t.start(GIVEN)).toMatchObject({ newApiKey: null });
  expect(await t.start()).toMatchObject({ newApiKey: null });
  expect(await t.authenticate(GIVEN)).toBeNull();
});

test('processes that start at once agree on one of each, and one of them tells the key', async () => {
  await using t = await setup();
  const starts = await Promise.all(Array.from({ length: 6 }, () => t.start()));
  expect(new Set(starts.map(({ organizationId }) => organizationId)).size).toBe(1);
  expect(starts.filter(({ newApiKey }) => newApiKey !== null)).toHaveLength(1);
  expect(await t.counts()).toEqual(ONE_OF_EACH);
});

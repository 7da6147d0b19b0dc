/** What a new API key may not exceed: the end of its creator's key, and how many its organization may have. */
import { expect, test } from 'vitest';
import { connectDatabase } from '../../src/database/client.ts';
import { createApiKeys } from '../../src/manage/api-keys.ts';
import { codes, freshPublicKey, setup, valid, value } from './api-keys-setup.ts';

/** Another process on the same database. */
async function connect(databaseUrl: string) {
  const database = connectDatabase({ databaseUrl, connections: 4, onConnectionLost: () => {} });
  return Object.assign(database, { [Symbol.asyncDispose]: () => database.close() });
}

test('a key that expires makes keys that end with it, unless an earlier end is asked for', async () => {
  await using t = await setup();
  const end = new Date(t.clock.now().getTime() + 3_600_000);
  const earlier = new Date(end.getTime() - 1);
  for (const expiresAt of [undefined, null, earlier, end]) {
    value(await t.apiKeys.create({ ...t.member, expiresAt: end }, { ...valid, expiresAt }));
  }
  expect((await t.rows()).map(({ expiresAt }) => expiresAt)).toEqual([end, end, earlier, end]);
});

test('a later end than that of the creator is INVALID on expiresAt, and the latest allowed date is named', async () => {
  await using t = await setup();
  const end = new Date('2026-01-16T00:00:00.000Z');
  const later = new Date(end.getTime() + 1);
  const admin = { ...t.admin, expiresAt: end };
  for (const [creator, organizationId] of [
    [{ ...t.member, expiresAt: end }, t.own.id],
    [admin, t.own.id],
    [admin, t.other.id],
  ] as const) {
    const refused = await t.apiKeys.create(creator, { ...valid, organizationId, expiresAt: later });
    expect(refused).toEqual({
      ok: false,
      userErrors: [
        {
          code: 'INVALID',
          field: ['input', 'expiresAt'],
          message:
            'Expected a time after 2026-01-15T10:30:00.000Z and no later than 2026-01-16T00:00:00.000Z, when your own key ' +
            'expires, got 2026-01-16T00:00:00.001Z.',
        },
      ],
    });
  }
  expect(await t.rows()).toEqual([]);
  value(await t.apiKeys.create(admin, { ...valid, organizationId: t.other.id }));
  expect(await t.rows()).toMatchObject([{ organizationId: t.other.id, expiresAt: end }]);
});

test('a key that does not expire makes keys that never do, or end when it says', async () => {
  await using t = await setup();
  const end = new Date('9999-12-31T23:59:59.999Z');
  for (const expiresAt of [undefined, end]) value(await t.apiKeys.create(t.member, { ...valid, expiresAt }));
  expect((await t.rows()).map(({ expiresAt }) => expiresAt)).toEqual([null, end]);
});

test('a key whose mutations are signed makes one that need not sign, by the signature on that mutation', async () => {
  await using t = await setup();
  const signing = { ...t.member, publicKey: freshPublicKey() };
  value(await t.apiKeys.create(signing, valid));
  expect(await t.rows()).toMatchObject([{ publicKey: null }]);
});

test('a key that was revoked makes no other, although a process still trusts it', async () => {
  await using t = await setup();
  const { id: apiKeyId } = await t.fixtures.apiKey({ organizationId: t.own.id, scopes: ['API_KEYS_MANAGE'] });
  const creator = { ...t.member, apiKeyId };
  value(await t.apiKeys.create(creator, { ...valid, scopes: ['TARGETS_READ'] }));
  value(await t.apiKeys.revoke(t.admin, { id: apiKeyId }));
  await expect(t.apiKeys.create(creator, valid)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await t.rows()).toHaveLength(2);
});

test('an organization has at most MAX_API_KEYS live keys, and the next one is TOO_MANY', async () => {
  await using t = await setup({ maxApiKeys: 2 });
  const { id: revoked } = await t.fixtures.apiKey({ organizationId: t.own.id });
  await t.fixtures.apiKey({ organizationId: t.own.id, expiresAt: new Date(t.clock.now().getTime() + 1_000) });
  expect(await t.apiKeys.create(t.member, valid)).toEqual({
    ok: false,
    userErrors: [
      {
        code: 'TOO_MANY',
        field: ['input', 'organizationId'],
        message:
          'Expected an organization with fewer than 2 API keys that are neither revoked nor expired, got one with that ' +
          'many. Revoke a key that is no longer used, or ask the operator to raise the limit.',
      },
    ],
  });
  expect(await t.rows()).toHaveLength(2);
  value(await t.apiKeys.create(t.admin, { ...valid, organizationId: t.other.id }));
  value(await t.apiKeys.revoke(t.admin, { id: revoked }));
  value(await t.apiKeys.create(t.member, valid));
  expect(codes(await t.apiKeys.create(t.member, valid))).toEqual(['TOO_MANY input.organizationId']);
  await t.clock.advance(1_000);
  value(await t.apiKeys.create(t.member, valid));
  expect(codes(await t.apiKeys.create(t.member, valid))).toEqual(['TOO_MANY input.organizationId']);
});

test('of keys that are created at once, by two processes, exactly as many as there is room for are made', async () => {
  await using t = await setup({ maxApiKeys: 5 });
  await using other = await connect(t.database.databaseUrl);
  const { clock, fixtures } = t;
  const elsewhere = createApiKeys({
    database: other,
    clock,
    ids: fixtures.ids,
    rateLimitPerMinute: 100,
    maxApiKeys: 5,
  });
  const all = await Promise.all(
    Array.from({ length: 30 }, (_, i) => (i % 2 ? elsewhere : t.apiKeys).create(t.member, valid)),
  );
  expect(all.filter(({ ok }) => ok)).toHaveLength(5);
  expect(await t.rows()).toHaveLength(5);
});

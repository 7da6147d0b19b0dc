import { expect, test, vi } from 'vitest';
import { createAuthenticator } from '../../src/access/authenticate.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';

const MINUTE_MS = 60_000;

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const fixtures = createFixtures({ database, clock });
  const organization = await fixtures.organization();
  const errors: Error[] = [];
  const authenticator = createAuthenticator({ database, clock, onError: (error) => errors.push(error) });
  const queries = [vi.spyOn(database.pool, 'query'), vi.spyOn(database.reads, 'query')] as const;
  const transactions = vi.spyOn(database, 'transact');
  return {
    database,
    clock,
    fixtures,
    organization,
    errors,
    authenticator,
    authenticate: authenticator.authenticate,
    newKey: (options = {}) => fixtures.apiKey({ organizationId: organization.id, ...options }),
    revoke: (id: string) => database.pool.query('update api_keys set revoked_at = created_at where id = $1', [id]),
    /** How often keys were read so far. */
    reads: () => queries.flatMap((spy) => lookupsOf(spy)).length,
    /** The same, by pool. */
    readsOf: () => ({ main: lookupsOf(queries[0]).length, reads: lookupsOf(queries[1]).length }),
    /** How often lastUsedAt was written so far. */
    writes: () =>
      transactions.mock.calls.filter(([statements]) => JSON.stringify(statements).includes('update api_keys')).length,
    lastUsedAt: async (id: string): Promise<Date | null> => {
      const { rows } = await database.pool.query('select last_used_at from api_keys where id = $1', [id]);
      return rows[0].last_used_at;
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

const lookupsOf = ({ mock }: { mock: { calls: unknown[][] } }) =>
  mock.calls.filter(([query]) => JSON.stringify(query).includes('find_callers'));

test('a key names its organization, scopes, limit, public key and expiry', async () => {
  await using t = await setup();
  const expiresAt = new Date(t.clock.now().getTime() + MINUTE_MS);
  const options = { scopes: ['TARGETS_READ', 'EVENTS_PUBLISH'], rateLimitPerMinute: 7, publicKey: 'ab'.repeat(32) };
  const { id, key } = await t.newKey({ ...options, expiresAt });
  expect(await t.authenticate(key)).toEqual({
    apiKeyId: id,
    apiKeyPrefix: key.slice(0, 10),
    organizationId: t.organization.id,
    isPlatformAdmin: false,
    scopes: new Set(['TARGETS_READ', 'EVENTS_PUBLISH']),
    rateLimitPerMinute: 7,
    organizationRateLimitPerMinute: null,
    publicKey: 'ab'.repeat(32),
    expiresAt,
  });
});

test('a key names the limit of its organization, read by the same statement', async () => {
  await using t = await setup();
  const { key } = await t.newKey();
  await t.database.pool.query('update organizations set rate_limit_per_minute = 9');
  expect(await t.authenticate(key)).toMatchObject({ rateLimitPerMinute: null, organizationRateLimitPerMinute: 9 });
  expect(t.reads()).toBe(1);
});

test('a key with PLATFORM_ADMIN and without limits says so', async () => {
  await using t = await setup();
  const { key } = await t.newKey();
  const unlimited = { isPlatformAdmin: true, rateLimitPerMinute: null, publicKey: null, expiresAt: null };
  expect(await t.authenticate(key)).toMatchObject(unlimited);
});

test('an unknown, altered, empty, overlong or hostile key is nobody', async () => {
  await using t = await setup();
  const { key } = await t.newKey();
  for (const text of ['hk_unknown', `${key} `, key.slice(0, -1), key.toUpperCase(), '', 'x'.repeat(256), 'a\0b']) {
    expect(await t.authenticate(text)).toBeNull();
  }
  expect(t.reads()).toBe(2); // The others have not the shape of a key.
});

test('a revoked key is nobody', async () => {
  await using t = await setup();
  const { key } = await t.newKey({ revokedAt: t.clock.now() });
  expect(await t.authenticate(key)).toBeNull();
});

test('a key is somebody until the moment it expires, remembered or not', async () => {
  await using t = await setup();
  const { key } = await t.newKey({ expiresAt: new Date(t.clock.now().getTime() + 1_000) });
  await t.clock.advance(999);
  expect(await t.authenticate(key)).not.toBeNull();
  await t.clock.advance(1);
  expect(await t.authenticate(key)).toBeNull();
  expect(t.reads()).toBe(1);
});

test('a found key is read once in 2 seconds, however many ask at once', async () => {
  await using t = await setup();
  const { key } = await t.newKey();
  const callers = await Promise.all(Array.from({ length: 50 }, () => t.authenticate(key)));
  expect(new Set(callers).size).toBe(1);
  await t.clock.advance(1_999);
  await t.authenticate(key);
  expect(t.reads()).toBe(1);
  await t.clock.advance(1);
  await t.authenticate(key);
  expect(t.reads()).toBe(2);
});

test('a revocation by another process is seen after 2 seconds', async () => {
  await using t = await setup();
  const { id, key } = await t.newKey();
  await t.authenticate(key);
  await t.revoke(id);
  expect(await t.authenticate(key)).not.toBeNull();
  await t.clock.advance(2_000);
  expect(await t.authenticate(key)).toBeNull();
});

test('a forgotten key is read anew at once, and other keys stay remembered', async () => {
  await using t = await setup();
  const [revoked, other] = [await t.newKey(), await t.newKey()];
  await t.authenticate(revoked.key);
  await t.authenticate(other.key);
  await t.revoke(revoked.id);
  t.authenticator.forget(revoked.id);
  expect(await t.authenticate(revoked.key)).toBeNull();
  expect(await t.authenticate(other.key)).not.toBeNull();
  expect(t.reads()).toBe(3);
});

test('a key that was being read when it was forgotten is not remembered', async () => {
  await using t = await setup();
  const { id, key } = await t.newKey();
  const reading = t.authenticate(key);
  t.authenticator.forget(id);
  await reading;
  await t.revoke(id);
  expect(await t.authenticate(key)).toBeNull();
});

test('a key that did not exist is found as soon as it does', async () => {
  await using t = await setup();
  const key = 'hk_0123456789012345678901234567890123456789';
  expect(await t.authenticate(key)).toBeNull();
  await t.newKey({ key });
  expect(await t.authenticate(key)).not.toBeNull();
});

test('guessed keys cost no statement on the main pool, and share those on the other one, a hundred each', async () => {
  await using t = await setup();
  const { key } = await t.newKey();
  const guesses = Array.from({ length: 1_000 }, (_, number) => `hk_${String(number).padStart(40, '0')}`);
  const holders = await Promise.all([...guesses, key].map((guess) => t.authenticate(guess)));
  expect(holders.flatMap((holder) => holder ?? [])).toMatchObject([{ apiKeyPrefix: key.slice(0, 10) }]);
  expect(t.readsOf()).toEqual({ main: 0, reads: 11 });
});

test('one guess under way is one statement, however many wait', async () => {
  await using t = await setup();
  const guess = 'hk_0123456789012345678901234567890123456789';
  await Promise.all(Array.from({ length: 500 }, () => t.authenticate(guess)));
  expect(t.readsOf()).toEqual({ main: 0, reads: 1 });
});

test('a key that was found is read again beside the guesses, and never waits for them or for slow lists', async () => {
  await using t = await setup();
  const { id, key } = await t.newKey();
  await t.authenticate(key);
  const taken = await Promise.all(
    Array.from({ length: t.database.reads.options.max }, () => t.database.reads.connect()),
  );
  try {
    await t.clock.advance(2_000);
    const guess = t.authenticate('hk_0123456789012345678901234567890123456789');
    expect(await t.authenticate(key)).toMatchObject({ apiKeyId: id });
    await t.revoke(id);
    await t.clock.advance(2_000);
    expect(await t.authenticate(key)).toBeNull();
    expect(t.readsOf().main).toBe(2);
    for (const client of taken.splice(0)) client.release();
    expect(await guess).toBeNull();
  } finally {
    for (const client of taken) client.release();
  }
  // Now it is a key like any other that nobody has.
  expect(await t.authenticate(key)).toBeNull();
  expect(t.readsOf().main).toBe(2);
});

test('guesses do not push found keys out of the memory', async () => {
  await using t = await setup();
  const { key } = await t.newKey();
  await t.authenticate(key);
  const guesses = Array.from({ length: 10_001 }, (_, number) => `hk_${String(number).padStart(40, '0')}`);
  const waiting = guesses.map((guess) => t.authenticate(guess));
  const before = t.readsOf();
  expect(await t.authenticate(key)).not.toBeNull();
  expect(t.readsOf().main).toBe(before.main);
  await Promise.all(waiting);
});

test('a failing database rejects, and the next call asks it again', async () => {
  await using t = await setup();
  const { key } = await t.newKey();
  await t.database.pool.query('alter table api_keys rename to lost');
  await expect(t.authenticate(key)).rejects.toThrow('api_keys');
  await t.database.pool.query('alter table lost rename to api_keys');
  expect(await t.authenticate(key)).not.toBeNull();
});

test('lastUsedAt is written after the first use and then at most once a minute', async () => {
  await using t = await setup();
  const { id, key } = await t.newKey();
  const firstUse = t.clock.now();
  await t.authenticate(key);
  await expect.poll(() => t.lastUsedAt(id)).toEqual(firstUse);

  await t.clock.advance(MINUTE_MS - 1);
  await t.authenticate(key);
  expect(t.writes()).toBe(1);
  await t.clock.advance(1);
  await t.authenticate(key);
  await expect.poll(() => t.lastUsedAt(id)).toEqual(t.clock.now());
  expect(t.writes()).toBe(2);
});

test('closing writes the last uses that were not written yet', async () => {
  await using t = await setup();
  const keys = [await t.newKey(), await t.newKey()];
  for (const { key } of keys) await t.authenticate(key);
  await t.clock.advance(5_000);
  for (const { key } of keys) await t.authenticate(key);
  await t.authenticator.close();
  for (const { id } of keys) expect(await t.lastUsedAt(id)).toEqual(t.clock.now());
});

test('a refused key leaves no trace in lastUsedAt', async () => {
  await using t = await setup();
  const { id, key } = await t.newKey({ expiresAt: t.clock.now() });
  await t.authenticate(key);
  await t.authenticator.close();
  expect(await t.lastUsedAt(id)).toBeNull();
});

test('lastUsedAt never goes back', async () => {
  await using t = await setup();
  const { id, key } = await t.newKey();
  const later = new Date(t.clock.now().getTime() + MINUTE_MS);
  await t.database.pool.query('update api_keys set last_used_at = $2 where id = $1', [id, later]);
  await t.authenticate(key);
  await t.authenticator.close();
  expect(await t.lastUsedAt(id)).toEqual(later);
});

test('a use that could not be written is reported, and written with the next', async () => {
  await using t = await setup();
  const { id, key } = await t.newKey();
  await t.database.pool.query('alter table api_keys rename column last_used_at to lost');
  await t.authenticate(key);
  await expect.poll(() => t.errors.length).toBe(1);
  await t.database.pool.query('alter table api_keys rename column lost to last_used_at');
  await t.authenticator.close();
  expect(await t.lastUsedAt(id)).toEqual(t.clock.now());
  expect(t.errors).toHaveLength(1);
});

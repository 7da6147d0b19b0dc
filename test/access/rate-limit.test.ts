import { expect, test } from 'vitest';
import { createRateLimit } from '../../src/access/rate-limit.ts';
import { connectDatabase, type Database } from '../../src/database/client.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { holdDatabaseTime } from '../support/postgres/database-time.ts';

/** Two processes on one database. The time of Postgres and that of the processes move together, unless a test wants not. */
async function setup() {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const time = stack.use(await holdDatabaseTime(database.databaseUrl));
  const clock = createManualClock();
  const start = (organizationRateLimitPerMinute?: number) => {
    const { databaseUrl } = database;
    const own = connectDatabase({ databaseUrl, connections: 4, onConnectionLost: () => {} });
    time.rule(own);
    stack.defer(() => own.close());
    const statements = countStatements(own);
    return {
      rateLimit: createRateLimit({ database: own, clock, organizationRateLimitPerMinute }),
      database: own,
      statements,
    };
  };
  return {
    database,
    time,
    clock,
    start,
    one: start(),
    other: start(),
    rows: async () => (await database.pool.query('select api_key_id, used from rate_limit_windows')).rows,
    advance: async (ms: number) => {
      await time.advance(ms);
      await clock.advance(ms);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

type Process = Awaited<ReturnType<typeof setup>>['one'];

/** Statements that counted so far. */
function countStatements(database: Database) {
  const statements = { count: 0 };
  const { transact } = database;
  Object.assign(database, {
    transact: (...args: Parameters<Database['transact']>) => {
      statements.count++;
      return transact(...args);
    },
  });
  return statements;
}

type Limits = { readonly organization?: number | null; readonly organizationId?: string; readonly isAdmin?: boolean };

const key = (rateLimitPerMinute: number | null, apiKeyId = 'key1', limits: Limits = {}) => {
  const { organization = null, organizationId = 'organization1', isAdmin = false } = limits;
  const ofOrganization = { organizationId, organizationRateLimitPerMinute: organization };
  return { apiKeyId, rateLimitPerMinute, ...ofOrganization, isPlatformAdmin: isAdmin };
};
/** Where the key stands. */
const count = async ({ rateLimit }: Process, caller = key(100)) => (await rateLimit.count(caller))!.key!;
/** Where the organization stands. */
const countOrganization = async ({ rateLimit }: Process, caller: ReturnType<typeof key>) =>
  (await rateLimit.count(caller))!.organization!;
const allowed = (counts: readonly { allowed: boolean }[]) => counts.filter((one) => one.allowed).length;
const many = (process: Process, times: number, caller = key(100)) =>
  Promise.all(Array.from({ length: times }, () => count(process, caller)));

test('of 1,000 parallel operations on two processes, exactly the limit of 100 pass', async () => {
  await using t = await setup();
  const counts = await Promise.all(Array.from({ length: 1_000 }, (_, i) => count(i % 2 ? t.one : t.other)));
  expect(allowed(counts)).toBe(100);
  const remaining = counts.filter((one) => one.allowed).map((one) => one.remaining);
  expect(remaining.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

test('operations that arrive while others are counted share the next statement, those of all keys together', async () => {
  await using t = await setup();
  const callers = ['key3', 'key1', 'key2'].map((id) => key(1_000, id));
  const counts = await Promise.all(callers.flatMap((caller) => many(t.one, 300, caller)));
  expect(allowed(counts.flat())).toBe(900);
  expect(t.one.statements.count).toBeLessThanOrEqual(2);
  expect((await t.rows()).map(({ used }) => used)).toEqual([300, 300, 300]);
});

test('a key without a limit costs nothing', async () => {
  await using t = await setup();
  expect(t.one.rateLimit.count(key(null))).toBeNull();
  expect(t.one.statements.count).toBe(0);
});

test('keys are counted apart', async () => {
  await using t = await setup();
  await many(t.one, 3, key(3));
  expect((await count(t.one, key(3))).allowed).toBe(false);
  expect((await count(t.one, key(3, 'key2'))).allowed).toBe(true);
});

test('a window begins with the first operation and is over 60 s later, to the millisecond', async () => {
  await using t = await setup();
  await count(t.one, key(2));
  await t.advance(45_000);
  expect(await count(t.other, key(2))).toEqual({ allowed: true, limit: 2, remaining: 0, renewsInSeconds: 15 });
  await t.advance(14_999);
  for (const process of [t.one, t.other]) {
    expect(await count(process, key(2))).toEqual({ allowed: false, limit: 2, remaining: 0, renewsInSeconds: 1 });
  }
  await t.advance(1);
  for (const process of [t.one, t.other]) expect((await count(process, key(2))).allowed).toBe(true);
  await t.advance(59_999);
  expect((await count(t.one, key(2))).allowed).toBe(false);
});

test('at most one less than twice the limit passes within a minute, however it is timed', async () => {
  await using t = await setup();
  await count(t.one, key(10));
  await t.advance(59_999);
  expect(allowed(await many(t.one, 50, key(10)))).toBe(9);
  await t.advance(1);
  expect(allowed(await many(t.one, 50, key(10)))).toBe(10);
  await t.advance(59_998);
  expect(allowed(await many(t.one, 50, key(10)))).toBe(0);
});

test('whoever waits as long as a refusal says passes', async () => {
  await using t = await setup();
  await many(t.one, 2, key(2));
  let leftMs = 60_000;
  for (const laterMs of [0, 1, 998, 1, 1, 30_499, 27_500, 999]) {
    await t.advance(laterMs);
    leftMs -= laterMs;
    for (const process of [t.one, t.other]) {
      expect(await count(process, key(2))).toMatchObject({
        allowed: false,
        renewsInSeconds: Math.ceil(leftMs / 1_000),
      });
    }
  }
  await t.advance(1_000);
  expect((await count(t.one, key(2))).allowed).toBe(true);
});

test('what is left of a used-up window is refused without a statement', async () => {
  await using t = await setup();
  await many(t.one, 2, key(2));
  const before = t.one.statements.count;
  expect(allowed(await many(t.one, 100, key(2)))).toBe(0);
  await t.advance(59_999);
  expect(allowed(await many(t.one, 100, key(2)))).toBe(0);
  expect(t.one.statements.count).toBe(before);
});

test('a limit that was raised counts at once', async () => {
  await using t = await setup();
  expect(allowed(await many(t.one, 5, key(2)))).toBe(2);
  expect(allowed(await many(t.one, 5, key(8)))).toBe(3);
});

test('processes whose clocks disagree share the windows of Postgres', async () => {
  await using t = await setup();
  await many(t.one, 2, key(2));
  await t.clock.advance(3_600_000);
  expect((await count(t.one, key(2))).allowed).toBe(false);
  expect((await count(t.other, key(2))).allowed).toBe(false);
});

test('a clock of Postgres that is set back by an hour holds no key up', async () => {
  await using t = await setup();
  await many(t.one, 2, key(2));
  await t.time.advance(-3_600_000);
  expect((await count(t.other, key(2))).allowed).toBe(true);
});

test('while Postgres is away nothing passes, and the count goes on where it was', async () => {
  await using t = await setup();
  await many(t.one, 2, key(3));
  const { transact } = t.one.database;
  Object.assign(t.one.database, { transact: () => Promise.reject(new Error('Connection terminated')) });
  await expect(count(t.one, key(3))).rejects.toThrow('Connection terminated');
  Object.assign(t.one.database, { transact });
  expect(allowed(await many(t.one, 5, key(3)))).toBe(1);
});

test('any number of keys of an organization share its limit, over two processes', async () => {
  await using t = await setup();
  const callers = Array.from({ length: 40 }, (_, i) => key(i % 2 ? null : 1_000, `key${i}`, { organization: 100 }));
  const asked = callers.flatMap((caller, i) =>
    Array.from({ length: 10 }, (_unused, j) => countOrganization((i + j) % 2 ? t.one : t.other, caller)),
  );
  const counts = await Promise.all(asked);
  expect(allowed(counts)).toBe(100);
  expect(new Set(counts.map(({ limit }) => limit))).toEqual(new Set([100]));
  const stranger = key(null, 'key1', { organization: 100, organizationId: 'organization2' });
  expect(await countOrganization(t.one, stranger)).toMatchObject({ allowed: true, remaining: 99 });
});

test('an organization without a limit of its own has the default of the deployment, or none', async () => {
  await using t = await setup();
  const strict = t.start(2);
  for (const [own, limit] of [
    [null, 2],
    [7, 7],
  ] as const) {
    const caller = key(null, 'key1', { organization: own, organizationId: `with ${own}` });
    expect((await countOrganization(strict, caller)).limit).toBe(limit);
  }
  expect(t.one.rateLimit.count(key(null))).toBeNull();
});

test('an organization without a limit pays no statement more', async () => {
  await using t = await setup();
  await count(t.one, key(5));
  expect(t.one.statements.count).toBe(1);
  await t.one.rateLimit.count(key(5, 'key1', { organization: 5 }));
  expect(t.one.statements.count).toBe(3);
});

test('what the limit of a key refuses takes nothing from its organization', async () => {
  await using t = await setup();
  const greedy = key(2, 'greedy', { organization: 5 });
  const counts = await Promise.all(
    Array.from({ length: 50 }, (_, i) => (i % 2 ? t.one : t.other).rateLimit.count(greedy)),
  );
  expect(counts.filter((each) => each!.organization !== null)).toHaveLength(2);
  const modest = key(10, 'modest', { organization: 5 });
  expect(await countOrganization(t.one, modest)).toEqual({
    allowed: true,
    limit: 5,
    remaining: 2,
    renewsInSeconds: 60,
  });
});

test('what the limit of an organization is known to refuse takes nothing from the key, and costs no statement', async () => {
  await using t = await setup();
  const caller = key(10, 'key1', { organization: 1 });
  for (const isAllowed of [true, false]) expect((await countOrganization(t.one, caller)).allowed).toBe(isAllowed);
  const before = t.one.statements.count;
  const refused = { allowed: false, limit: 1, remaining: 0, renewsInSeconds: 60 };
  expect(await t.one.rateLimit.count(caller)).toEqual({ key: null, organization: refused });
  expect(t.one.statements.count).toBe(before);
  await t.advance(60_000);
  expect((await t.one.rateLimit.count(caller))!.key).toMatchObject({ allowed: true, remaining: 9 });
});

test('a PLATFORM_ADMIN key is neither counted nor refused by the limit of its organization', async () => {
  await using t = await setup();
  const member = key(null, 'member', { organization: 1 });
  for (const isAllowed of [true, false]) expect((await countOrganization(t.one, member)).allowed).toBe(isAllowed);
  expect(t.one.rateLimit.count(key(null, 'admin', { organization: 1, isAdmin: true }))).toBeNull();
  const limited = key(3, 'admin', { organization: 1, isAdmin: true });
  expect(await t.one.rateLimit.count(limited)).toMatchObject({ key: { allowed: true }, organization: null });
});

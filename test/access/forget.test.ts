import { expect, test } from 'vitest';
import { createForgetter } from '../../src/access/forget.ts';
import { createRateLimit } from '../../src/access/rate-limit.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { holdDatabaseTime } from '../support/postgres/database-time.ts';

async function setup() {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const time = stack.use(await holdDatabaseTime(database.databaseUrl));
  time.rule(database);
  const clock = createManualClock();
  const onError = (error: unknown) => {
    throw error;
  };
  return {
    database,
    time,
    clock,
    rateLimit: createRateLimit({ database, clock }),
    one: createForgetter({ database, clock, onError }),
    other: createForgetter({ database, clock, onError }),
    rowsOf: async (table: string): Promise<number> =>
      (await database.pool.query(`select count(*)::int from ${table}`)).rows[0].count,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const CALLER = {
  rateLimitPerMinute: 5,
  organizationId: 'organization1',
  organizationRateLimitPerMinute: null,
  isPlatformAdmin: false,
};

test('the window of a key that was not used for an hour is forgotten, by however many at once', async () => {
  await using t = await setup();
  const useKeys = (name: string, times: number) =>
    Promise.all(Array.from({ length: times }, (_, i) => t.rateLimit.count({ ...CALLER, apiKeyId: name + i })));
  await useKeys('quiet', 2_500);
  await t.time.advance(3_600_000);
  await useKeys('busy', 3);
  await t.one.run();
  expect(await t.rowsOf('rate_limit_windows')).toBe(2_503);
  await t.time.advance(1);
  await Promise.all([t.one.run(), t.other.run()]);
  expect(await t.rowsOf('rate_limit_windows')).toBe(3);
});

test('stops after the statement under way, and leaves the rest to the next run', async () => {
  await using t = await setup();
  await t.database.pool.query(
    "insert into rate_limit_windows select 'k' || n, clock_timestamp() - interval '2 hours', 1 from generate_series(1, 2500) n",
  );
  const running = t.one.run();
  await t.one.stop();
  await running;
  expect(await t.rowsOf('rate_limit_windows')).toBe(1_500);
});

test('a portal session is forgotten a day after its end, revoked or not', async () => {
  await using t = await setup();
  const fixtures = createFixtures(t);
  const { id: organizationId } = await fixtures.organization();
  const expiresAt = new Date(t.clock.now().getTime() + 300_000);
  const { id } = await fixtures.portalSession({ organizationId, expiresAt });
  await t.database.pool.query('update portal_sessions set revoked_at = created_at where id = $1', [id]);
  await fixtures.portalSession({ organizationId, expiresAt: new Date(expiresAt.getTime() + 1) });
  await t.clock.advance(300_000 + 86_400_000);
  await t.one.run();
  expect(await t.rowsOf('portal_sessions')).toBe(2);
  await t.clock.advance(1);
  await Promise.all([t.one.run(), t.other.run()]);
  expect(await t.rowsOf('portal_sessions')).toBe(1);
});

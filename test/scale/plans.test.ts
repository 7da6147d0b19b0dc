/** The checks of `npm run test:scale` on a hundredth of its rows: enough for the planner to choose the same indexes. */
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { CHECKS } from './checks.ts';
import { populate } from './population.ts';
import { ofTarget } from './statistics-checks.ts';
import { compareTagPages } from './tag-checks.ts';
import { check } from './verdict.ts';
import { createWorld, type World } from './world.ts';

const DELIVERIES = 50_000;

/** The pages of 8 KB that PostgreSQL touches for an operation. */
async function pagesOf(world: World, document: string): Promise<number> {
  const plans = await world.plansOf(() => world.query(document));
  return plans.reduce((sum, { pages }) => sum + pages, 0);
}

async function populated() {
  const database = await createTestDatabase();
  const fixtures = createFixtures({ database, clock: systemClock });
  const { pool, connector } = database;
  const parts = { pool, queueSchema: connector.queueSchema, fixtures, deliveries: DELIVERIES, now: systemClock.now() };
  const world = createWorld(database, await populate(parts));
  return { ...world, [Symbol.asyncDispose]: () => database.close() };
}

/** One database for the tests that need a past. The last of them changes it. */
const past = await populated();
afterAll(() => past[Symbol.asyncDispose]());

test('30 days by the hour of a target are one look-up for each hour', async () => {
  const pages = await pagesOf(past, ofTarget(past));
  expect(pages).toBeGreaterThan(0);
  expect(pages).toBeLessThan(2 * 30 * 24);
});

test('for each tag, a page touches at most twice the pages of one without a filter, and a look-up for each rare row', async () => {
  const costs = await compareTagPages(past);
  expect(costs).toHaveLength(24);
  for (const { name, pages, most } of costs) expect(pages, name).toBeLessThanOrEqual(most);
});

test('each statement of the hot path and of the lists reads by the index meant for it', async () => {
  await past.start();
  await past.raisePendingFloor(false);
  await past.publishMuch(20);
  const faults: Record<string, readonly string[]> = {};
  for (const one of CHECKS) faults[one.name] = (await check(past, one)).faults;
  await past.stop();
  expect(faults).toEqual(Object.fromEntries(CHECKS.map(({ name }) => [name, []])));
}, 60_000);

test('the tables that change all the time are vacuumed by settings of their own', async () => {
  await using database = await createTestDatabase();
  const { rows } = await database.pool.query(
    `select relname as table from pg_class where reloptions::text like '%autovacuum_vacuum_scale_factor%' order by 1`,
  );
  const tables = [
    'deliveries',
    'delivery_attempts',
    'delivery_changes',
    'delivery_statistics',
    'delivery_tags',
    'event_changes',
    'event_tags',
    'events',
    'fresh_statistics',
    'idempotency_requests',
    'job_common',
    'ordered_deliveries',
  ];
  expect(rows).toEqual(tables.map((table) => ({ table })));
});

test('a delivery that goes straight to DELIVERED is updated in place: no index knows of it', async () => {
  await using database = await createTestDatabase();
  const fixtures = createFixtures({ database, clock: systemClock });
  const { id: organizationId } = await fixtures.organization();
  const { id: targetId } = await fixtures.target({ organizationId });
  const isInPlace = async (change: string): Promise<boolean> => {
    const { id } = await fixtures.delivery({ organizationId, targetId, jobId: systemClock.uuid() });
    return database.transaction(async (tx) => {
      const inPlace = async (): Promise<number> =>
        (await tx.query(`select pg_stat_get_xact_tuples_hot_updated('deliveries'::regclass)::int as count`)).rows[0]
          .count;
      const before = await inPlace();
      await tx.query(`update deliveries set ${change}, attempt_count = 1, updated_at = now() where id = $1`, [id]);
      return (await inPlace()) === before + 1;
    });
  };
  expect(await isInPlace(`status = 'DELIVERED', delivered_at = now(), job_id = null, next_attempt_at = null`)).toBe(
    true,
  );
  expect(await isInPlace(`status = 'RETRYING', next_attempt_at = now()`)).toBe(false);
});

/** What waits behind a head costs nothing: neither claims, nor settlements, nor the sweep look at it. */
import { expect, test } from 'vitest';
import { FIRST_CHAIN, lookAtHeads } from '../../../src/live/order/heads.ts';
import { setup as setupOrder } from '../../pipeline/order-setup.ts';
import type { Plan } from '../../scale/explain.ts';
import { observe } from '../../scale/observe.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const LONG = { timeout: 120_000 };

/** Copies of a delivery that wait behind it: those with these numbers. */
const CROWD = `
  with copy as (
    insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, released, ordered,
      created_at, updated_at)
    select left(id, 17) || lpad(nth::text, 10, '0'), organization_id, event_id, target_id, event_type, 'PENDING', max_attempts,
      true, true, created_at, updated_at
    from deliveries cross join generate_series($2::int, $3::int) as nth where id = $1
    returning id
  )
  insert into ordered_deliveries (delivery_id, target_id, chain, lock_number)
  select copy.id, target_id, chain, lock_number from ordered_deliveries cross join copy where delivery_id = $1 order by copy.id`;

/** A slow machine inserts so many within the time of a statement. */
const PIECE = 10_000;

/** The database, which explains its statements while it is told to. */
function watched(plain: TestDatabase, onPlan: (plan: Plan) => void) {
  const observed = observe(plain, onPlan);
  let isWatching = false;
  const pool = new Proxy(plain.pool, {
    get: (target, name) => Reflect.get(isWatching && name === 'query' ? observed.pool : target, name, target),
  });
  const transact: TestDatabase['transact'] = (...sent) => (isWatching ? observed : plain).transact(...sent);
  const transaction: TestDatabase['transaction'] = (...work) => (isWatching ? observed : plain).transaction(...work);
  return { database: { ...plain, pool, transact, transaction }, watch: (on: boolean) => void (isWatching = on) };
}

/** Rows and pages that each statement reads, by its name, with so many deliveries behind one head. */
async function readWith(waiting: number) {
  const plans: Plan[] = [];
  const plain = await createTestDatabase();
  const { database, watch } = watched(plain, (plan) => void plans.push(plan));
  await using t = await setupOrder({ ordering: 'TARGET' }, { database }, 500);
  const [head] = await t.publishInTurn(['head']);
  for (let from = 1; from <= waiting; from += PIECE) {
    await plain.pool.query(CROWD, [head, from, Math.min(from + PIECE - 1, waiting)]);
  }
  await plain.pool.query('analyze deliveries, ordered_deliveries');
  watch(true);
  await t.runDue(); // A claim, and a settlement that plans a retry.
  await t.worker.sweeper.run();
  await lookAtHeads(database.pool, FIRST_CHAIN, 1_000);
  expect(await t.deliveries.cancel(t.caller, { id: head! })).toMatchObject({ ok: true }); // A release.
  await t.publish('one more');
  watch(false);
  return new Map(plans.map((plan) => [`${plan.statement}, planned ${plan.planned}`, plan]));
}

test(
  'with 100,000 behind one head, no statement of a claim, a settlement, a release or the sweep reads more',
  LONG,
  async () => {
    const [few, many] = [await readWith(10), await readWith(100_000)];
    const names = [...many.keys()].join('\n');
    for (const name of [
      'settle_outcomes',
      'release_deliveries',
      'insert_ordered_deliveries',
      'find_chain_heads',
      'lock_delivery_chains',
    ]) {
      expect(names).toContain(name);
    }
    for (const [name, { rows, pages }] of many) {
      const before = few.get(name);
      expect.soft(rows, `rows of ${name}`).toBeLessThanOrEqual((before?.rows ?? 0) + 10);
      expect.soft(pages, `pages of ${name}`).toBeLessThanOrEqual((before?.pages ?? 0) * 2 + 50);
    }
  },
);

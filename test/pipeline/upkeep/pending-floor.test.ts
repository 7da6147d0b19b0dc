import { expect, test } from 'vitest';
import { firstIdAt } from '../../../src/domain/ksuid.ts';
import { createPendingFloor } from '../../../src/pipeline/upkeep/pending-floor.ts';
import { createManualClock } from '../../support/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixtures } from '../../support/fixtures.ts';

const MINUTE = 60_000;
const FLOOR = `select value from settings where name = 'pending_floor'`;
const fail = (error: unknown) => {
  throw error;
};

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const fixtures = createFixtures({ database, clock });
  const { id: organizationId } = await fixtures.organization();
  const { id: targetId } = await fixtures.target({ organizationId });
  const floor = createPendingFloor({ database, clock, onError: fail });
  type Delivery = Partial<Parameters<typeof fixtures.delivery>[0]>;
  return {
    database,
    clock,
    floor,
    /** A delivery, and ten minutes. */
    async delivery(options: Delivery = {}) {
      const { id } = await fixtures.delivery({ organizationId, targetId, ...options });
      await clock.advance(10 * MINUTE);
      return id;
    },
    set: (id: string, change: string) => database.pool.query(`update deliveries set ${change} where id = $1`, [id]),
    async raised() {
      await floor.run();
      return (await database.pool.query<{ value: string }>(FLOOR)).rows[0]?.value;
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('the floor rises to the oldest delivery that has not left the straight way', async () => {
  await using t = await setup();
  expect(await t.raised()).toBeUndefined();
  await t.delivery({ status: 'DELIVERED' });
  const waiting = await t.delivery();
  const later = await t.delivery({ status: 'DELIVERED' });
  expect(await t.raised()).toBe(waiting);
  await t.set(waiting, `status = 'DELIVERED'`);
  expect(await t.raised()).toBe(later);
});

test('it passes what is found by its indexed status: held, released, retrying and failed deliveries', async () => {
  await using t = await setup();
  await t.delivery({ held: true });
  await t.set(await t.delivery({ held: true }), 'held = false, released = true');
  await t.delivery({ status: 'RETRYING' });
  await t.delivery({ status: 'FAILED' });
  const last = await t.delivery({ status: 'CANCELLED' });
  expect(await t.raised()).toBe(last);
});

test('it leaves a minute for deliveries that have an id and are not committed yet', async () => {
  await using t = await setup();
  const old = await t.delivery({ status: 'DELIVERED' });
  const young = await t.delivery({ status: 'DELIVERED' });
  await t.clock.advance(-10 * MINUTE + 59_000);
  expect(await t.raised()).toBe(old);
  await t.clock.advance(2_000);
  expect(await t.raised()).toBe(young);
});

test('it never sinks, and passes backlogs of any length in steps', async () => {
  await using t = await setup();
  await t.database.pool.query(
    `insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, created_at,
       updated_at)
     select $1 || lpad(n::text, 19, '0'), 'o', 'e', 't', 'a.b', 'DELIVERED', 10, now(), now()
     from generate_series(1, 10001) as n`,
    [firstIdAt(t.clock.now()).slice(0, 8)],
  );
  await t.clock.advance(10 * MINUTE);
  const last = await t.delivery({ status: 'DELIVERED' });
  expect(await t.raised()).toBe(last);
  await t.delivery({ id: firstIdAt(new Date(0)) });
  expect(await t.raised()).toBe(last);
});

test('rounds do not overlap, and none begins after stop', async () => {
  await using t = await setup();
  await t.delivery();
  expect(t.floor.run()).toBe(t.floor.run());
  t.floor.start();
  await t.floor.stop();
});

test('it does not rise while a transaction that may have made older deliveries is under way, however long', async () => {
  await using t = await setup();
  const floor = createPendingFloor({ database: t.database, clock: t.clock, onError: fail, hangingMs: 0 });
  const raised = async () => {
    await floor.run();
    return (await t.database.pool.query<{ value: string }>(FLOOR)).rows[0]?.value;
  };
  const hanging = await t.database.pool.connect();
  await hanging.query('begin');
  await hanging.query("insert into settings (name, value) values ('hanging', '')"); // As a publish whose COMMIT hangs.
  const last = await t.delivery({ status: 'DELIVERED' });
  expect(await raised()).toBeUndefined();
  await hanging.query('commit');
  hanging.release();
  expect(await raised()).toBe(last);
});

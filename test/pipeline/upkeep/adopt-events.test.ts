import { expect, test } from 'vitest';
import { createAdopter } from '../../../src/pipeline/upkeep/adopt-events.ts';
import { publicationStatements } from '../../../src/pipeline/publish/write.ts';
import { createManualClock } from '../../support/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixtures } from '../../support/fixtures.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const CHANGES = `select event_id as id, customer_id as customer, occurred_at as at from event_changes order by xid, seq`;
const fail = (error: unknown) => {
  throw error;
};

/** A database that the release before had used when this one started, if `isUpgraded`. */
async function setup({ isUpgraded = true } = {}) {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const fixtures = createFixtures({ database, clock });
  const { id: organizationId } = await fixtures.organization();
  await fixtures.eventType({ name: 'transaction.auto.updated' });
  const since = clock.now().toISOString();
  if (isUpgraded)
    await database.pool.query(`insert into settings (name, value) values ('event_stream_since', $1)`, [since]);
  let adopted = 0;
  const startAdopter = (hangingMs?: number) =>
    createAdopter({ database, clock, onAdopted: () => void adopted++, onError: fail, ...(hangingMs && { hangingMs }) });
  const rows = async (text: string) => (await database.pool.query(text)).rows;
  return {
    database,
    clock,
    rows,
    startAdopter,
    announced: () => adopted,
    /** As the release before publishes: without a change. */
    publishOld: async (customerId: string | null = null) => (await fixtures.event({ organizationId, customerId })).id,
    async publishNew() {
      const [createdAt, id] = [clock.now(), fixtures.ids.next()];
      const event = { id, organizationId, eventType: 'transaction.auto.updated', createdAt, body: '{}' };
      const rest = { customerId: null, idempotencyKey: null, orderingKey: null, filteredCount: null };
      await database.transact(
        await publicationStatements(
          { events: [{ ...event, ...rest }], deliveries: [] },
          { maxAttempts: 10, queue: {} as never },
        ),
      );
      return id;
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('events that the release before publishes come into the stream, once, those of this release stay as they are', async () => {
  await using t = await setup();
  const adopter = t.startAdopter();
  await t.clock.advance(MINUTE);
  const first = await t.publishOld('customer-1');
  const second = await t.publishNew();
  const third = await t.publishOld();
  expect(await adopter.run()).toBe(0); // They are younger than a minute: more may still be on their way.
  await t.clock.advance(MINUTE + 1_000);
  const fourth = await t.publishNew();
  expect(await adopter.run()).toBe(2);
  const at = t.clock.now();
  expect(await t.rows(CHANGES)).toMatchObject([
    { id: second },
    { id: fourth },
    { id: first, customer: 'customer-1', at },
    { id: third, customer: null, at },
  ]);
  await t.clock.advance(2 * MINUTE);
  expect(await adopter.run()).toBe(0);
  expect(t.announced()).toBe(1);
});

test('two workers that look at once adopt each event once', async () => {
  await using t = await setup();
  const adopters = Array.from({ length: 4 }, () => t.startAdopter());
  const ids: string[] = [];
  for (let nth = 0; nth < 30; nth++) ids.push(await t.publishOld());
  await t.clock.advance(2 * MINUTE);
  await Promise.all(adopters.map((adopter) => adopter.run()));
  for (const adopter of adopters) await adopter.run();
  expect((await t.rows(CHANGES)).map(({ id }) => id)).toEqual(ids);
});

test('nothing is adopted while a transaction hangs: its events would be passed over', async () => {
  await using t = await setup();
  const hanging = await t.database.pool.connect();
  await hanging.query('begin');
  await hanging.query('select pg_current_xact_id()');
  const id = await t.publishOld();
  await t.clock.advance(2 * MINUTE);
  const hangingMs = 1; // The transaction was older when its first statement was answered.
  await hanging.query('select pg_sleep(0.002)');
  expect(await t.startAdopter(hangingMs).run()).toBe(0);
  await hanging.query('commit');
  hanging.release();
  expect(await t.startAdopter(hangingMs).run()).toBe(1);
  expect(await t.rows(CHANGES)).toMatchObject([{ id }]);
});

test('events from before the upgrade stay out, and after a day nothing is adopted any more', async () => {
  await using t = await setup();
  const adopter = t.startAdopter();
  await t.database.pool.query(`update settings set value = $1 where name = 'event_stream_since'`, [
    new Date(t.clock.now().getTime() + MINUTE).toISOString(),
  ]);
  await t.publishOld();
  await t.clock.advance(2 * MINUTE);
  const within = await t.publishOld();
  await t.clock.advance(DAY);
  expect(await adopter.run()).toBe(1);
  expect(await t.rows(CHANGES)).toMatchObject([{ id: within }]);
  await t.publishOld();
  await t.clock.advance(2 * MINUTE);
  for (const each of [adopter, t.startAdopter()]) expect(await each.run()).toBe(0);
});

test('a database that no release before has used has nothing to adopt', async () => {
  await using t = await setup({ isUpgraded: false });
  await t.publishOld();
  await t.clock.advance(2 * MINUTE);
  expect(await t.startAdopter().run()).toBe(0);
});

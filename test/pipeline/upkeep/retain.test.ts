import { expect, test } from 'vitest';
import { createIdempotency } from '../../../src/database/idempotency.ts';
import { createSeal } from '../../../src/domain/seal/seal.ts';
import { recordDeliveryChanges } from '../../../src/live/changes/delivery-changes.ts';
import { INTO_EVENT_CHANGES } from '../../../src/live/changes/event-changes.ts';
import { recordTargetChange } from '../../../src/live/changes/target-changes.ts';
import { createRetention } from '../../../src/pipeline/upkeep/retain.ts';
import { newChange, newChanges, untilFinal } from '../../support/changes.ts';
import { createManualClock } from '../../support/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixtures } from '../../support/fixtures.ts';
import { KEY_HASH, masterKeyBytes } from '../../support/master-key.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOTHING = { auditEntries: 0, changes: 0, events: 0, deliveries: 0, attempts: 0, replays: 0, destinations: 0 };
const LOCK = 'select pg_advisory_lock(7210455002)';
const UNLOCK = 'select pg_advisory_unlock(7210455002)';
const COUNT_STEPS = `
  create table steps (deleted int);
  create function note_step() returns trigger language plpgsql as $$
    begin insert into steps select count(*) from gone; return null; end $$;
  create trigger note_step after delete on deliveries referencing old table as gone
    for each statement execute function note_step()`;
/** As if the statistics had counted every change. */
const ALL_COUNTED = `insert into statistics_progress (part, xid, seq) values ('live', '18446744073709551615', 0)`;
const fail = (error: unknown) => {
  throw error;
};

/** Keeps ten days. */
async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const fixtures = createFixtures({ database, clock });
  const { id: organizationId } = await fixtures.organization();
  const { id: targetId } = await fixtures.target({ organizationId });
  await database.pool.query(ALL_COUNTED);
  const told: string[] = [];
  const createWorker = () =>
    createRetention({
      database,
      clock,
      retentionDays: 10,
      auditRetentionDays: 20,
      onWaiting: () => void told.push('waiting'),
      onUncounted: (changes) => void told.push(`${changes} uncounted`),
      onError: fail,
    });
  const idsOf = async (table: string): Promise<string[]> =>
    (await database.pool.query(`select id from ${table} order by id`)).rows.map(({ id }) => id);
  type Delivery = Partial<Parameters<typeof fixtures.delivery>[0]>;
  return {
    database,
    clock,
    fixtures,
    organizationId,
    targetId,
    createWorker,
    idsOf,
    retention: createWorker(),
    told,
    /** An event with a delivery for each of `deliveries`, and two attempts of each. */
    async event(...deliveries: readonly Delivery[]) {
      const { id: eventId } = await fixtures.event({ organizationId });
      const deliveryIds: string[] = [];
      for (const options of deliveries) {
        const { id } = await fixtures.delivery({ organizationId, targetId, eventId, status: 'DELIVERED', ...options });
        for (const number of [1, 2]) {
          const outcome = { trigger: 'SCHEDULE', outcome: 'DELIVERED', durationMs: 1, startedAt: clock.now() } as const;
          await database.prisma().deliveryAttempt.create({ data: { deliveryId: id, number, ...outcome } });
        }
        deliveryIds.push(id);
      }
      return { eventId, deliveryIds };
    },
    change: (fields: { deliveryId?: string } = {}) =>
      recordDeliveryChanges(database.pool, [newChange({ occurredAt: clock.now(), ...fields })]),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('an event goes with its deliveries and their attempts, once it is older than the retention', async () => {
  await using t = await setup();
  await t.event({ status: 'DELIVERED' }, { status: 'FAILED' }, { status: 'CANCELLED' });
  await t.event();
  await t.clock.advance(DAY);
  const young = await t.event({});

  await t.clock.advance(9 * DAY);
  expect(await t.retention.run()).toEqual(NOTHING);
  await t.clock.advance(2 * HOUR);
  expect(await t.retention.run()).toEqual({ ...NOTHING, events: 2, deliveries: 3, attempts: 6 });
  expect(await t.idsOf('events')).toEqual([young.eventId]);
  expect(await t.idsOf('deliveries')).toEqual(young.deliveryIds);
  expect(await t.database.prisma().deliveryAttempt.count()).toBe(2);
  expect(await t.retention.run()).toEqual(NOTHING);
});

test('a request with an idempotency key goes after 24 hours, whatever RETENTION_DAYS', async () => {
  await using t = await setup();
  const ids = t.fixtures.ids;
  const idempotency = createIdempotency({
    ...t,
    ids,
    seal: createSeal(masterKeyBytes('retain'), t.clock.randomBytes),
    keyHash: KEY_HASH,
  });
  const count = async () => (await t.database.pool.query('select from idempotency_requests')).rowCount;
  await idempotency.acquire({ apiKeyId: 'key-1', key: 'k', hash: Buffer.from('hash') });
  await t.clock.advance(DAY);
  await t.retention.run();
  expect(await count()).toBe(1);
  await t.clock.advance(1);
  await t.retention.run();
  expect(await count()).toBe(0);
});

test.each(['PENDING', 'RETRYING'] as const)('an event with a %s delivery stays whole', async (status) => {
  await using t = await setup();
  const { eventId, deliveryIds } = await t.event({ status }, { status: 'DELIVERED' });
  await t.event({});
  await t.clock.advance(100 * DAY);
  expect(await t.retention.run()).toEqual({ ...NOTHING, events: 1, deliveries: 1, attempts: 2 });
  expect(await t.idsOf('events')).toEqual([eventId]);
  expect(await t.idsOf('deliveries')).toEqual(deliveryIds);
});

test('a FAILED delivery that holds others of its chain up stays, with its event, until it is given up', async () => {
  await using t = await setup();
  const { eventId, deliveryIds } = await t.event({ status: 'FAILED' });
  const query = (text: string) => t.database.pool.query(text, [deliveryIds[0]]);
  await query('update deliveries set ordered = true where id = $1');
  await query(`insert into ordered_deliveries (delivery_id, target_id, chain, lock_number) values ($1, 't', 1, 1)`);
  await t.clock.advance(100 * DAY);
  expect(await t.retention.run()).toEqual(NOTHING);
  expect(await t.idsOf('events')).toEqual([eventId]);
  await query('delete from ordered_deliveries where delivery_id = $1');
  expect(await t.retention.run()).toMatchObject({ events: 1, deliveries: 1 });
});

test('an event stays until its last delivery has not changed for as long', async () => {
  await using t = await setup();
  const { deliveryIds } = await t.event({}, {});
  await t.clock.advance(5 * DAY);
  await t.database.pool.query('update deliveries set updated_at = $1 where id = $2', [t.clock.now(), deliveryIds[1]]);
  await t.clock.advance(6 * DAY);
  expect(await t.retention.run()).toEqual(NOTHING);
  await t.clock.advance(5 * DAY);
  expect(await t.retention.run()).toMatchObject({ events: 1, deliveries: 2 });
});

test('changes go an hour before the deliveries that they name, and move the floor of the stream', async () => {
  await using t = await setup();
  const { deliveryIds } = await t.event({});
  await t.change({ deliveryId: deliveryIds[0]! });
  await untilFinal(t.database);
  await t.clock.advance(10 * DAY + 1);
  expect(await t.retention.run()).toEqual({ ...NOTHING, changes: 1 });
  const floor = await t.database.pool.query(`select value from settings where name = 'stream_floor'`);
  expect(floor.rowCount).toBe(1);
  await t.clock.advance(HOUR);
  expect(await t.retention.run()).toMatchObject({ changes: 0, events: 1, deliveries: 1 });
});

test('changes of targets go as those of deliveries do, and move a floor of their own', async () => {
  await using t = await setup();
  const change = { organizationId: t.organizationId, targetId: 't', previousStatus: null, reason: null } as const;
  for (let made = 0; made < 2; made++) {
    await recordTargetChange(t.database.pool, { ...change, status: 'ACTIVE', occurredAt: t.clock.now() });
    await t.clock.advance(10 * DAY);
  }
  await expect.poll(t.retention.run).toEqual({ ...NOTHING, changes: 1 });
  const { rows } = await t.database.pool.query("select name from settings where name like '%stream_floor'");
  expect(rows).toEqual([{ name: 'target_stream_floor' }]);
});

test('changes of events go as those of deliveries do, before the events that they name, and move a floor of their own', async () => {
  await using t = await setup();
  const { eventId } = await t.event({});
  const values = [t.organizationId, eventId, t.clock.now()];
  await t.database.pool.query(`${INTO_EVENT_CHANGES} values ($1, $2, 'a.b', null, $3)`, values);
  await untilFinal(t.database, 'event_changes');
  await t.clock.advance(10 * DAY + 1);
  expect(await t.retention.run()).toEqual({ ...NOTHING, changes: 1 });
  const { rows } = await t.database.pool.query("select name from settings where name like '%stream_floor'");
  expect(rows).toEqual([{ name: 'event_stream_floor' }]);
  await t.clock.advance(HOUR);
  expect(await t.retention.run()).toMatchObject({ changes: 0, events: 1 });
});

test('an event of many deliveries, many events and many changes go in steps of a few hundred rows', async () => {
  await using t = await setup();
  const { eventId } = await t.event();
  await t.database.pool.query(
    `insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, created_at,
       updated_at)
     select 'd' || n, $1, $2, 't', 'a.b', 'DELIVERED', 10, $3, $3 from generate_series(1, 1200) as n`,
    [t.organizationId, eventId, t.clock.now()],
  );
  for (let made = 0; made < 250; made++) await t.event();
  for (let made = 0; made < 3; made++) {
    await recordDeliveryChanges(t.database.pool, newChanges(500, 'd', { occurredAt: t.clock.now() }));
  }
  await untilFinal(t.database);
  await t.clock.advance(11 * DAY);
  await t.database.pool.query(COUNT_STEPS);
  expect(await t.retention.run()).toEqual({
    ...NOTHING,
    changes: 1_500,
    events: 251,
    deliveries: 1_200,
    attempts: 0,
  });
  const { rows } = await t.database.pool.query('select deleted from steps where deleted > 0');
  expect(rows).toEqual([{ deleted: 500 }, { deleted: 500 }, { deleted: 200 }]);
});

test('while one worker deletes, another one leaves it to it', async () => {
  await using t = await setup();
  await t.event({});
  await t.change();
  await untilFinal(t.database);
  await t.clock.advance(11 * DAY);
  const other = await t.database.pool.connect();
  await other.query(LOCK);
  expect(await t.retention.run()).toEqual(NOTHING);
  await other.query(UNLOCK);
  other.release();
  expect(await t.retention.run()).toEqual({ ...NOTHING, changes: 1, events: 1, deliveries: 1, attempts: 2 });
});

test('two workers at once delete everything once', async () => {
  await using t = await setup();
  for (let made = 0; made < 20; made++) await t.event({}, {});
  await t.clock.advance(11 * DAY);
  const workers = [t.createWorker(), t.createWorker()];
  const [one, two] = await Promise.all(workers.map((worker) => worker.run()));
  expect(one!.deliveries + two!.deliveries).toBe(40);
  expect(await t.idsOf('events')).toEqual([]);
});

test('a delivery that is retried by hand meanwhile stays, and so does its event', async () => {
  await using t = await setup();
  const { eventId, deliveryIds } = await t.event({ status: 'FAILED' }, {});
  await t.clock.advance(11 * DAY);
  const person = await t.database.pool.connect();
  await person.query('begin');
  await person.query(`update deliveries set status = 'RETRYING', updated_at = $2 where id = $1`, [
    deliveryIds[0],
    t.clock.now(),
  ]);
  const retaining = t.retention.run();
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  await expect.poll(async () => (await t.database.pool.query(waiting)).rowCount).toBe(1);
  await person.query('commit');
  person.release();
  expect(await retaining).toEqual({ ...NOTHING, events: 0, deliveries: 1, attempts: 2 });
  expect(await t.idsOf('events')).toEqual([eventId]);
  expect(await t.idsOf('deliveries')).toEqual([deliveryIds[0]]);
});

test('after stop, a run ends with the step under way', async () => {
  await using t = await setup();
  await t.event({});
  await t.clock.advance(11 * DAY);
  t.retention.start();
  await t.retention.stop();
  expect(await t.retention.run()).toEqual(NOTHING);
  expect(await t.idsOf('events')).toHaveLength(1);
});

test('rows of the audit log go after AUDIT_RETENTION_DAYS, in steps of at most 500, whatever they are about', async () => {
  await using t = await setup();
  await t.database.pool.query(COUNT_STEPS.replaceAll('deliveries', 'audit_log'));
  const add = (count: number) =>
    t.database.pool.query(
      `insert into audit_log (id, at, actor, operation, subject_type, subject_id, after)
       select id, $2, 'SERVICE', 'start', 'WebhookTarget', $3, '{}' from unnest($1::text[]) as id`,
      [Array.from({ length: count }, () => t.fixtures.ids.next()), t.clock.now(), t.targetId],
    );
  await add(1_100);
  await t.clock.advance(DAY);
  await add(1);
  await t.clock.advance(19 * DAY);
  expect(await t.retention.run()).toEqual(NOTHING);
  await t.clock.advance(1);
  expect(await t.retention.run()).toEqual({ ...NOTHING, auditEntries: 1_100 });
  const { rows: steps } = await t.database.pool.query('select deleted from steps where deleted > 0 order by 1 desc');
  expect(steps.map(({ deleted }) => deleted)).toEqual([500, 500, 100]);
  expect(await t.idsOf('audit_log')).toHaveLength(1);
});

test('a change that the statistics have not counted stays, with all events, and the log is told', async () => {
  await using t = await setup();
  const { deliveryIds } = await t.event({});
  for (const deliveryId of [deliveryIds[0]!, 'other']) await t.change({ deliveryId });
  await untilFinal(t.database);
  await t.database.pool.query(
    `update statistics_progress p set xid = c.xid, seq = c.seq from delivery_changes c where c.delivery_id = $1`,
    [deliveryIds[0]],
  );
  await t.clock.advance(10 * DAY + 2 * HOUR);
  expect(await t.retention.run()).toEqual({ ...NOTHING, changes: 1 });
  expect(t.told).toEqual(['waiting']);
  await t.database.pool.query(`update statistics_progress set xid = '18446744073709551615'`);
  expect(await t.retention.run()).toEqual({ ...NOTHING, changes: 1, events: 1, deliveries: 1, attempts: 2 });
  expect(t.told).toEqual(['waiting']);
});

test('before the roll-up has begun, nothing of the history is deleted', async () => {
  await using t = await setup();
  await t.database.pool.query('delete from statistics_progress');
  await t.change();
  await untilFinal(t.database);
  await t.clock.advance(10 * DAY + 1);
  expect(await t.retention.run()).toEqual(NOTHING);
  expect(t.told).toEqual(['waiting']);
});

test('the changes of before the upgrade are kept until the roll-up has come to them', async () => {
  await using t = await setup();
  await t.database.pool.query(`insert into statistics_progress (part, xid, seq) values ('history', '0', 0)`);
  await t.change();
  await untilFinal(t.database);
  await t.clock.advance(10 * DAY + 1);
  expect(await t.retention.run()).toEqual(NOTHING);
});

test('a roll-up that is stuck for a day holds retention up no longer: its changes are lost to the statistics', async () => {
  await using t = await setup();
  await t.database.pool.query('delete from statistics_progress');
  await t.event({});
  await t.change();
  await untilFinal(t.database);
  await t.clock.advance(11 * DAY + 1);
  expect(await t.retention.run()).toEqual({ ...NOTHING, changes: 1, events: 1, deliveries: 1, attempts: 2 });
  expect(t.told).toEqual(['1 uncounted']);
});

test('a replay is deleted an hour after its changes, with the list of its deliveries; one that runs stays', async () => {
  await using t = await setup();
  const { organizationId, targetId, database, clock } = t;
  const ended = await t.fixtures.replay({ organizationId, targetId, status: 'COMPLETED' });
  const running = await t.fixtures.replay({ organizationId, targetId });
  for (const { id } of [ended, running]) {
    await database.pool.query(`insert into replay_deliveries values ($1, 'one'), ($1, 'other')`, [id]);
  }
  await clock.advance(10 * DAY + HOUR);
  expect(await t.retention.run()).toMatchObject({ replays: 0 });
  await clock.advance(1);
  expect(await t.retention.run()).toMatchObject({ replays: 1 });
  expect(await t.idsOf('replays')).toEqual([running.id]);
  expect((await database.pool.query('select distinct replay_id as id from replay_deliveries')).rows).toEqual([
    { id: running.id },
  ]);
});

test('a destination is deleted two days after the attempts of its last use would be, and one in use stays', async () => {
  await using t = await setup();
  const { organizationId, targetId, database, clock } = t;
  const use = (id: string) =>
    database.pool.query(
      `insert into target_destinations values ($1, $2, $3, 'https://a.example/', null, 'Dakota', $4)
       on conflict (target_id, id) do update set last_used_at = excluded.last_used_at`,
      [targetId, id, organizationId, clock.now()],
    );
  await use('old');
  await use('used again');
  await clock.advance(12 * DAY);
  await use('used again');
  expect(await t.retention.run()).toMatchObject({ destinations: 0 });
  await clock.advance(1);
  expect(await t.retention.run()).toMatchObject({ destinations: 1 });
  expect(await t.idsOf('target_destinations')).toEqual(['used again']);
});

test('a tagged event leaves the lists by tag with its row, and so does each of its deliveries; those of others stay', async () => {
  await using t = await setup();
  const { organizationId, targetId } = t;
  const tagged = async (tags: string[]) => {
    const { id: eventId } = await t.fixtures.event({ organizationId, tags });
    for (let made = 0; made < 2; made++) {
      await t.fixtures.delivery({ organizationId, targetId, eventId, status: 'DELIVERED' });
    }
    return eventId;
  };
  const listed = async () =>
    (
      await t.database.pool.query(
        `select tag, id from event_tags union all
         select t.tag, d.event_id from delivery_tags t left join deliveries d on d.id = t.delivery_id order by 1, 2`,
      )
    ).rows;
  await tagged(['shared', 'old']);
  const [without] = [await t.event({ status: 'DELIVERED' }), await tagged(['shared'])];
  await t.clock.advance(2 * DAY);
  const young = await tagged(['shared', 'young']);
  expect(await listed()).toHaveLength(15);
  await t.clock.advance(9 * DAY);
  expect(await t.retention.run()).toMatchObject({ events: 3, deliveries: 5 });
  expect(await t.idsOf('events')).toEqual([young]);
  expect(await t.idsOf('events')).not.toContain(without.eventId);
  expect(await listed()).toEqual(['shared', 'young'].flatMap((tag) => Array(3).fill({ tag, id: young })));
});

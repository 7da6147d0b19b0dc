/** What waits, for gauges: right, cheap, and never waited for long. */
import { expect, test } from 'vitest';
import { createBacklogReader, MOST_COUNTED } from '../../src/database/backlog.ts';
import type { Statement } from '../../src/database/statement.ts';
import { dueAtOnce, freshPriority, retryPriority } from '../../src/database/priority.ts';
import type { DatabaseConnector } from '../../src/database/connect/database-connection.ts';
import { createQueue } from '../../src/database/queue.ts';
import { explain } from '../scale/explain.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';

const fail = (error: Error) => {
  throw error;
};

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const queue = createQueue({ database, supervise: false, attemptTimeoutMs: 20_000, onError: fail, clock: clock.boss });
  await queue.start();
  const sent: Statement[][] = [];
  const transact = (statements: readonly Statement[]) => {
    sent.push([...statements]);
    return database.transact(statements);
  };
  const streamedTo = () => ({ xid: 0n, seq: 0n });
  const reader = createBacklogReader({
    database: { transact, connector: database.connector },
    clock,
    streamedTo,
    onError: fail,
  });
  const job = (ageMs: number, priority?: number) => ({
    id: clock.uuid(),
    deliveryId: 'd',
    startAfter: new Date(clock.now().getTime() - ageMs),
    ...(priority !== undefined && { priority }),
  });
  const dispose = async () => {
    await queue.stop();
    await database.close();
  };
  return { database, clock, queue, reader, sent, job, [Symbol.asyncDispose]: dispose };
}

test('an empty queue has nothing due, dated, held or unread', async () => {
  await using t = await setup();
  expect(await t.reader.read()).toEqual({
    due: 0,
    dated: 0,
    held: 0,
    heldLanes: 0,
    oldestDueSeconds: 0,
    chainsBlocked: 0,
    oldestBlockedSeconds: 0,
    streamLagSeconds: 0,
    statisticsLagSeconds: 0,
  });
});

test('the age is that of the oldest due job, whichever is claimed first, and not of dated ones', async () => {
  await using t = await setup();
  const turn = freshPriority(t.clock.now());
  await t.queue.insert(t.database.pool, [t.job(2_000, turn), t.job(9_000, turn - 50), t.job(-60_000)]);
  expect(await t.reader.read()).toMatchObject({ oldestDueSeconds: 9 });
  await t.queue.insert(t.database.pool, [t.job(30_000)]);
  await t.clock.advance(5_000);
  expect(await t.reader.read()).toMatchObject({ oldestDueSeconds: 35 });
});

test('a job that may run at once is as old as its publish, and a retry as its date', async () => {
  await using t = await setup();
  const published = { ...t.job(0), startAfter: dueAtOnce(t.clock.now()), priority: freshPriority(t.clock.now()) };
  await t.queue.insert(t.database.pool, [published]);
  await t.clock.advance(7_000);
  expect(await t.reader.read()).toMatchObject({ oldestDueSeconds: 7 });
  const due = new Date(t.clock.now().getTime() - 2 * 86_400_000);
  await t.queue.insert(t.database.pool, [{ ...t.job(0), startAfter: due, priority: retryPriority(due) }]);
  await t.clock.advance(5_000);
  expect(await t.reader.read()).toMatchObject({ oldestDueSeconds: 172_805 });
});

test('due and dated jobs are what pg-boss has counted last', async () => {
  await using t = await setup();
  await t.database.pool.query('update pgboss.queue set queued_count = 12, deferred_count = 5');
  expect(await t.reader.read()).toMatchObject({ due: 7, dated: 5 });
});

test('changes that no subscriber was given have an age', async () => {
  await using t = await setup();
  await t.database.pool.query(
    `insert into delivery_changes (organization_id, delivery_id, target_id, event_id, event_type, status, occurred_at)
     values ('o', 'd', 't', 'e', 'x', 'PENDING', now() - interval '1 hour')`,
  );
  const { streamLagSeconds } = (await t.reader.read())!;
  expect(Math.round(streamLagSeconds / 60)).toBe(60);
});

test('changes that the statistics have not counted have an age', async () => {
  await using t = await setup();
  const change = (hours: number) =>
    t.database.pool.query(
      `insert into delivery_changes (organization_id, delivery_id, target_id, event_id, event_type, status, occurred_at)
       values ('o', 'd', 't', 'e', 'x', 'PENDING', now() - $1 * interval '1 hour')`,
      [hours],
    );
  await change(3);
  await t.database.pool.query(
    `insert into statistics_progress (part, xid, seq) select 'live', xid, seq from delivery_changes`,
  );
  expect(await t.reader.read()).toMatchObject({ statisticsLagSeconds: 0 });
  await t.clock.advance(3_000);
  await change(2);
  await change(1);
  const { statisticsLagSeconds } = (await t.reader.read())!;
  expect(Math.round(statisticsLagSeconds / 60)).toBe(120);
});

test('however many ask, Postgres is asked once in three seconds', async () => {
  await using t = await setup();
  await Promise.all([t.reader.read(), t.reader.read(), t.reader.read()]);
  await t.clock.advance(2_999);
  await t.reader.read();
  expect(t.sent).toHaveLength(1);
  await t.clock.advance(1);
  await t.reader.read();
  expect(t.sent).toHaveLength(2);
});

test('a database that fails is an unknown backlog, and one that hangs is asked once and not waited for', async () => {
  const clock = createManualClock();
  const refuse = () => Promise.reject(new Error('ECONNREFUSED'));
  const errors: Error[] = [];
  const connector = { queueSchema: 'pgboss' } as DatabaseConnector;
  const options = { clock, streamedTo: () => null, onError: (error: Error) => errors.push(error) };
  expect(await createBacklogReader({ ...options, database: { transact: refuse, connector } }).read()).toBeNull();
  expect(errors).toMatchObject([{ message: 'ECONNREFUSED' }]);

  let questions = 0;
  const hang = () => {
    questions++;
    return new Promise<never>(() => {});
  };
  const reader = createBacklogReader({ ...options, database: { transact: hang, connector } });
  expect(await reader.read()).toBeNull();
  await clock.advance(60_000);
  expect(await reader.read()).toBeNull();
  expect(questions).toBe(1);
});

test('held lanes are the targets that held deliveries are for', async () => {
  await using t = await setup();
  await t.database.pool.query(
    `insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, held, created_at,
       updated_at)
     select 'd' || n, 'o', 'e', 't' || n % 3, 'x', 'PENDING', 10, n > 1, now(), now() from generate_series(1, 7) n`,
  );
  expect(await t.reader.read()).toMatchObject({ held: 6, heldLanes: 3 });
});

test('with a long backlog every read is an index, counts stop, and no table is walked', async () => {
  await using t = await setup();
  await t.database.pool.query(
    `insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, held, created_at,
       updated_at)
     select 'd' || n, 'o', 'e', 't', 'x', 'PENDING', 10, true, now(), now() from generate_series(1, 30000) n`,
  );
  await t.database.pool.query(
    `insert into pgboss.job_common (id, name, data, priority, start_after, state)
     select gen_random_uuid(), 'attempts', '{}', -n, pgboss.job_now() - interval '1 s' * n, 'created'
     from generate_series(1, 30000) n`,
  );
  await t.database.pool.query(
    `insert into ordered_deliveries (delivery_id, target_id, chain, lock_number)
     select 'd' || n, 't', n % 15000, 1 from generate_series(1, 30000) n`,
  );
  await t.database.pool.query('analyze');
  expect(await t.reader.read()).toMatchObject({ held: MOST_COUNTED, oldestDueSeconds: 1_000 });

  const [, order, ...reads] = t.sent.at(-1)!;
  const client = await t.database.pool.connect();
  await client.query('begin');
  await client.query(order!.text);
  const plans = (await Promise.all(reads.map((read) => explain(client, read, false)))).flat();
  await client.query('rollback');
  client.release();
  const tables = new Set(plans.flatMap(({ reads: used }) => [...used]));
  expect([...tables].sort()).toEqual(
    [
      'delivery_changes by delivery_changes_pkey',
      'deliveries by deliveries_held',
      'deliveries by deliveries_pkey',
      'job_common by job_common_i11',
      'ordered_deliveries by ordered_deliveries_pkey',
      'queue by queue_pkey',
      'statistics_progress by statistics_progress_pkey',
    ].sort(),
  );
  expect(Math.max(...plans.map(({ pages }) => pages))).toBeLessThan(5_000);
});

test('chains are blocked where a delivery waits for another one, and the oldest of these has waited since its publish', async () => {
  await using t = await setup();
  expect(await t.reader.read()).toMatchObject({ chainsBlocked: 0, oldestBlockedSeconds: 0 });
  await t.database.pool.query(
    `insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, created_at, updated_at)
     select 'd' || n, 'o', 'e', 't', 'x', 'PENDING', 10, now() - interval '1 min' * n, now() from generate_series(1, 5) n`,
  );
  await t.database.pool.query(
    `insert into ordered_deliveries (delivery_id, target_id, chain, lock_number)
     values ('d1', 't', 1, 1), ('d2', 't', 1, 1), ('d3', 't', 2, 1), ('d4', 'u', 1, 1), ('d5', 'u', 1, 1)`,
  );
  await t.clock.advance(60_000);
  const { chainsBlocked, oldestBlockedSeconds } = (await t.reader.read())!;
  expect(chainsBlocked).toBe(2);
  expect(oldestBlockedSeconds).toBeGreaterThanOrEqual(300);
  expect(oldestBlockedSeconds).toBeLessThan(360);
});

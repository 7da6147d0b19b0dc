/**
 * Connections are kept, and what they prepared while a table was empty is used when it is long; and what PostgreSQL does not yet
 * know of a young table must not mislead it.
 */
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Database } from '../../src/database/client.ts';
import { dueAtOnce, freshPriority } from '../../src/database/priority.ts';
import type { Job } from '../../src/database/job.ts';
import { createQueue, type Queue } from '../../src/database/queue.ts';
import { BY_JOB_ID, IN_INDEX_ORDER } from '../../src/database/statement.ts';
import { createFairPriority, reviewFairPriority } from '../../src/pipeline/publish/fair-priority.ts';
import { mergeFresh } from '../../src/pipeline/upkeep/statistics/merge.ts';
import { deliveriesOf } from '../../src/schema/delivery/queries.ts';
import { readPages } from '../../src/schema/read/keyset.ts';
import type { DeliveryRow } from '../../src/schema/read/rows.ts';
import { setup as setupApi } from '../schema/setup.ts';
import { createTestDatabase } from '../support/database.ts';

const WAITING = 20_000;
const CLAIMS = 64;
const MOST_READ = 1_000;
/** From the sixth time on, PostgreSQL may keep a plan for any values. */
const UNTIL_KEPT = 12;

/** One connection, so that what is prepared is prepared where it is used. */
async function setup() {
  const database = await createTestDatabase({ connections: 1 });
  const fail = (error: Error) => expect.unreachable(error.message);
  const queue = createQueue({ database, supervise: false, attemptTimeoutMs: 20_000, onError: fail });
  await queue.start();
  const dispose = async () => {
    await queue.stop();
    await database.close();
  };
  return { database, queue, [Symbol.asyncDispose]: dispose };
}

const jobs = (count: number) =>
  Array.from({ length: count }, (_, nth) => {
    const startAfter = dueAtOnce(systemClock.now());
    return { id: systemClock.uuid(), deliveryId: `d${nth}`, startAfter, priority: freshPriority(startAfter) - nth };
  });

/** How many entries of its indexes, and rows without an index, were read of a table while `work` ran. */
async function readBy(
  { pool, reads }: Pick<Database, 'pool' | 'reads'>,
  table: string,
  work: () => Promise<unknown>,
): Promise<number> {
  const count = async () => {
    // Each session tells what it has read; an operation's has just been given back.
    for (const each of [pool, reads]) await each.query('select pg_stat_force_next_flush()');
    await pool.query('select pg_stat_clear_snapshot()');
    const { rows } = await pool.query<{ read: string }>(
      `select (select sum(idx_tup_read) from pg_stat_user_indexes where relname = $1)
         + (select seq_tup_read from pg_stat_user_tables where relname = $1) as read`,
      [table],
    );
    return Number(rows[0]!.read);
  };
  const before = await count();
  await work();
  return (await count()) - before;
}

const remove = async ({ database, queue }: { database: Database; queue: Queue }, claimed: readonly Job[]) =>
  database.transact([BY_JOB_ID, await queue.removal(claimed)]);

const COME_AND_GONE = `
  insert into job_common (name) select 'attempts' from generate_series(1, 2000);
  delete from job_common`;

test.each([
  ['as it was made', ['select']],
  ['vacuumed', [COME_AND_GONE, 'vacuum job_common']],
  ['vacuumed and not made shorter', [COME_AND_GONE, 'vacuum (truncate off) job_common']],
  ['analysed', [COME_AND_GONE, 'vacuum (analyze) job_common']],
])(
  'claims, touches, returns and removals read what they are about, also when prepared on an empty queue: %s',
  async (_name, past) => {
    await using t = await setup();
    const { pool, connector } = t.database;
    const { queueSchema, schema } = connector;
    await pool.query(`set search_path = ${queueSchema}`);
    for (const statement of past) await pool.query(statement);
    await pool.query(`set search_path = ${schema}`);
    const nobodys: Job = { id: systemClock.uuid(), deliveryId: 'none', retryCount: 0 };
    for (let round = 0; round < UNTIL_KEPT; round++) {
      expect(await t.queue.fetch(CLAIMS)).toEqual([]);
      await t.queue.touch([nobodys]);
      await t.queue.giveBack([nobodys], systemClock.now());
      await remove(t, [nobodys]);
    }
    await t.database.transaction((tx) => t.queue.insert(tx, jobs(WAITING)));

    let claimed: Job[] = [];
    const readToClaim = await readBy(t.database, 'job_common', async () => (claimed = await t.queue.fetch(CLAIMS)));
    const [kept, back] = [claimed.slice(1), claimed.slice(0, 1)];
    const read = {
      toClaim: readToClaim,
      toTouch: await readBy(t.database, 'job_common', () => t.queue.touch(claimed)),
      toGiveBack: await readBy(t.database, 'job_common', () => t.queue.giveBack(back, systemClock.now())),
      toRemove: await readBy(t.database, 'job_common', () => remove(t, kept)),
    };
    expect(claimed).toHaveLength(CLAIMS);
    expect(Object.entries(read).filter(([, entries]) => entries > MOST_READ)).toEqual([]);
    const { rows } = await pool.query(`select count(*)::int as left from ${queueSchema}.job_common`);
    expect(rows).toEqual([{ left: WAITING - CLAIMS + 1 }]);
  },
);

test('the look for jobs of dead workers reads the claimed ones only, however many wait, and leaves out the count', async () => {
  await using t = await setup();
  const { pool, connector } = t.database;
  await t.database.transaction((tx) => t.queue.insert(tx, jobs(WAITING)));
  expect(await t.queue.fetch(CLAIMS)).toHaveLength(CLAIMS);
  await pool.query(`update ${connector.queueSchema}.job_common set heartbeat_on = heartbeat_on - interval '1 hour'`);
  // The look is due, and the last count was a moment ago and found many.
  await pool.query(
    `update ${connector.queueSchema}.queue set monitor_claim_on = now() - interval '1 hour', monitor_on = now(), queued_count = 600000`,
  );
  await pool.query(`vacuum ${connector.queueSchema}.job_common`);
  const countReturned = async () => {
    const { rows } = await pool.query(`select from ${connector.queueSchema}.job_common where state = 'retry'`);
    return rows.length;
  };

  const read = await readBy(t.database, 'job_common', async () => {
    const fail = (error: Error) => expect.unreachable(error.message);
    const caretaker = createQueue({ database: t.database, supervise: true, attemptTimeoutMs: 20_000, onError: fail });
    await caretaker.start();
    await expect.poll(countReturned).toBe(CLAIMS);
    await caretaker.stop();
  });
  expect(read).toBeLessThan(WAITING / 4);
});

/** PostgreSQL expects one row in 40,000 of a table that it does not know to be of an organization, and would rather sort a few. */
const EXPECT_A_FEW = `update pg_class set reltuples = $1 where oid = 'deliveries'::regclass`;
const DELIVERIES = `
  insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, created_at, updated_at)
  select 'd' || lpad(nth::text, 6, '0'), 'o', 'e' || nth, 't', 'user.created', 'PENDING', 10, now(), now()
  from generate_series(1, $1::int) nth`;

test('of what an organization has outstanding only its latest deliveries are read, in a table that was never analysed', async () => {
  await using database = await createTestDatabase({ connections: 1 });
  const turns = createFairPriority();
  let atMs = systemClock.now().getTime();
  /** By how many seconds the next job's turn is behind now, when much was published and looked at. */
  async function secondsBehind(): Promise<number> {
    const now = new Date((atMs += 1_000));
    for (let nth = 0; nth < 1_000; nth++) turns.next('o', `t${nth % 100}`, now);
    await reviewFairPriority(database, turns, ['o'], now);
    return freshPriority(now) - turns.next('o', 't', now);
  }
  expect(await secondsBehind()).toBe(0);
  await database.pool.query(DELIVERIES, [WAITING]);
  await database.pool.query('vacuum deliveries');
  await database.pool.query(EXPECT_A_FEW, [6 * WAITING]);

  let seconds = 0;
  const read = await readBy(database, 'deliveries', async () => (seconds = await secondsBehind()));
  expect(seconds).toBeGreaterThan(0);
  expect(read).toBeLessThan(2 * MOST_READ);
});

test.each([
  ['one list', 1],
  ['three lists in one operation', 3],
])('a page of a list reads its rows only, in a table that was never analysed: %s', async (_name, lists) => {
  await using database = await createTestDatabase({ connections: 1 });
  await database.pool.query(DELIVERIES, [WAITING]);
  await database.pool.query(`update deliveries set status = 'CANCELLED'`);
  await database.pool.query('vacuum deliveries');
  await database.pool.query(EXPECT_A_FEW, [WAITING / 4]);
  const own = deliveriesOf('organization', { id: 'o', organizationId: 'o' }, null);
  const selections = Array.from({ length: lists }, () => own);

  const reading = database.readings.join();
  let pages: Awaited<ReturnType<typeof readPages<DeliveryRow>>> = [];
  const read = await readBy(database, 'deliveries', async () => {
    pages = await readPages(reading, selections, { direction: 'forward', size: 100, from: null });
    reading.leave();
  });
  expect(pages.map(({ rows, hasMore }) => [rows.length, rows[0]!.id, hasMore])).toEqual(
    selections.map(() => [100, `d0${WAITING}`, true]),
  );
  expect(read).toBeLessThan(MOST_READ);
});

const ENTRIES = `
  insert into audit_log (id, organization_id, at, actor, operation, subject_type)
  select 'a' || lpad(nth::text, 6, '0'), $2, now(), 'SYSTEM', case when nth <= 5 then 'createApiKey' else 'updateWebhookTarget' end,
    'WebhookTarget'
  from generate_series(1, $1::int) nth`;

test('the few entries of some operations are found in a long audit log without reading the others', async () => {
  await using t = await setupApi();
  await t.database.pool.query(ENTRIES, [WAITING, t.own]);
  await t.database.pool.query('vacuum (analyze) audit_log');
  const document = `{ auditLog(filter: { operation: ["createApiKey", "revokeApiKey"] }) { nodes { id } totalCount } }`;
  let page: { nodes: unknown[]; totalCount: number } | undefined;
  const read = await readBy(
    t.database,
    'audit_log',
    async () => (page = (await t.query(document, {}, t.member)).auditLog),
  );
  expect(page).toMatchObject({ nodes: { length: 5 }, totalCount: 5 });
  expect(read).toBeLessThan(MOST_READ);
});

const TARGETS = 2_000;
const FRESH = `
  insert into fresh_statistics (organization_id, target_id, event_type, at, attempts, delivered, retries, manual, exhausted,
    outcomes, durations, latencies)
  select 'o', 't' || lpad(nth::text, 6, '0'), 'user.created', date_trunc('minute', $1::timestamptz), 1, 1, 0, 0, 0,
    '[12,1]', '[3,1]', '[3,1]'
  from generate_series(1, ${TARGETS}) nth`;

test('statistics of many targets in one minute are merged by reading those rows only, in a table that was never analysed', async () => {
  await using database = await createTestDatabase({ connections: 1 });
  const now = systemClock.now();
  async function merge(): Promise<void> {
    let position: Awaited<ReturnType<typeof mergeFresh>>;
    do {
      position = await database.transaction(async (tx) => {
        await tx.query(IN_INDEX_ORDER);
        return mergeFresh(tx, now, position);
      });
    } while (position);
  }
  for (let round = 0; round < 2; round++) {
    await database.pool.query(FRESH, [now]);
    await merge();
  }
  await database.pool.query(FRESH, [now]);
  // Of each target, minute, hour and day with its event type and without; each is read twice: to find it, and to store it.
  const rows = TARGETS * 3 * 2;
  expect(await readBy(database, 'delivery_statistics', merge)).toBeLessThan(3 * rows);
  const { rows: sums } = await database.pool.query(
    `select step_seconds as seconds, sum(attempts)::int as attempts from delivery_statistics
     where target_id = '' and event_type = '' group by 1 order by 1`,
  );
  expect(sums).toEqual([60, 3_600, 86_400].map((seconds) => ({ seconds, attempts: 3 * TARGETS })));
});

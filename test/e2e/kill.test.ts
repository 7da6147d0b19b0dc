/** kill -9 at each stage of a delivery. A lock of the test holds the process where it is to be killed. */
import pg from 'pg';
import { expect, test } from 'vitest';
import { createDatabaseUrl } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, startService } from '../support/service.ts';
import { OWN_LOCKS, sqlConfig } from '../support/sql.ts';

const PUBLISH_KEYED = `mutation {
  publishEvent(input: { eventType: "user.created", data: {}, idempotencyKey: "one" }) {
    event { id } deliveryCount userErrors { message }
  }
}`;
type Published = { publishEvent: { event: { id: string }; deliveryCount: number } };

/** Without the events of the service itself. */
const PUBLISHED = `select id from events where event_type = 'user.created'`;

/** The transactions that published the event of a disabled target. */
const DISABLINGS = `select xid from event_changes where event_type = 'target.disabled'`;

const CONNECTIONS = `select from pg_stat_activity where datname = current_database() and application_name = 'hookcast'`;

/** Those that wait for the end of a claim wait at once; and tests that run at once cannot share `expect.poll`. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function setup() {
  const DATABASE_URL = await createDatabaseUrl();
  const receiver = await startReceiver();
  const pool = new pg.Pool(sqlConfig(DATABASE_URL));
  const rows = async (sql: string) => (await pool.query(sql)).rows;
  const start = (ROLES: string) => startService({ DATABASE_URL, ROLES });
  const api = await start('api');
  await api.api(CREATE_TARGET, { url: receiver.url });
  const publish = async (service = api) => (await service.api<Published>(PUBLISH_KEYED)).publishEvent.event.id;
  return {
    receiver,
    rows,
    start,
    api,
    publish,
    /** Holds whoever writes to, or with `access exclusive` looks at, a table. */
    async lock(table: string, mode = 'exclusive') {
      const client = await pool.connect();
      await client.query(`begin; lock table ${table} in ${mode} mode`);
      const waiting = `select from ${OWN_LOCKS} where relation = '${table}'::regclass and not granted`;
      return {
        reached: () => until(async () => (await rows(waiting)).length > 0),
        async release() {
          await client.query('rollback');
          client.release();
        },
      };
    },
    /** Holds every COMMIT that publishes an event. */
    async holdCommits() {
      await rows(`create function hold_commit() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(77); return null; end $$`);
      await rows(`create constraint trigger hold_commit after insert on events deferrable initially deferred
        for each row execute function hold_commit()`);
      const client = await pool.connect();
      await client.query('select pg_advisory_lock(77)');
      const waiting = `from ${OWN_LOCKS} where locktype = 'advisory' and objid = 77 and not granted`;
      return {
        reached: () => until(async () => (await rows(`select ${waiting}`)).length > 0),
        /** Ends the transaction whose COMMIT waits: it was sent, so else it would commit without its client. */
        async rollBack() {
          await rows(`select pg_terminate_backend(pid) ${waiting}`);
          await until(async () => (await rows(`select ${waiting}`)).length === 0);
        },
        async release() {
          await client.query('select pg_advisory_unlock(77)');
          client.release();
        },
      };
    },
    /** A new worker delivers what is to be delivered. Returns the numbers of all requests, of whichever worker. */
    async deliver() {
      await using _worker = await start('worker');
      await until(async () => (await rows("select from deliveries where status = 'DELIVERED'")).length > 0);
      expect(await rows('select attempt_count from deliveries')).toEqual([{ attempt_count: 1 }]);
      expect(await rows('select number, outcome from delivery_attempts')).toEqual([
        { number: 1, outcome: 'DELIVERED' },
      ]);
      expect(new Set(receiver.requests.map(({ headers }) => headers['x-dakota-event-id'])).size).toBe(1);
      return receiver.requests.map(({ headers }) => headers['x-dakota-delivery-attempt']);
    },
    /** Resolves when Postgres has noticed that a killed process is gone. */
    gone: () => until(async () => (await rows(CONNECTIONS)).length === 0),
    /** Ends the transaction that waits for a table: it was sent whole, so else it would commit without its client. */
    rollBack: (table: string) =>
      rows(`select pg_terminate_backend(pid) from ${OWN_LOCKS} where relation = '${table}'::regclass and not granted`),
    async [Symbol.asyncDispose]() {
      await Promise.all([api.kill('SIGKILL'), receiver[Symbol.asyncDispose]()]);
      void pool.end(); // A lock that a failed test still holds is gone with this process.
    },
  };
}

const LONG = { timeout: 90_000 };

test.concurrent('killed while it claims, a worker leaves the job to the next one', LONG, async () => {
  await using t = await setup();
  await using worker = await t.start('worker');
  worker.process.kill('SIGSTOP');
  await t.publish();
  const lock = await t.lock('job_common');
  worker.process.kill('SIGCONT');
  await lock.reached();
  await worker.kill('SIGKILL');
  await lock.release();
  expect(await t.deliver()).toEqual(['1']);
});

test.concurrent('killed between claim and request, a worker leaves one request to the next one', LONG, async () => {
  await using t = await setup();
  await using worker = await t.start('worker');
  const lock = await t.lock('target_secrets', 'access exclusive');
  await t.publish();
  await lock.reached();
  expect(await t.rows('select state from job')).toEqual([{ state: 'active' }]);
  await worker.kill('SIGKILL');
  await lock.release();
  expect(await t.deliver()).toEqual(['1']);
});

test.concurrent(
  'killed between commit and request, a publisher that sends leaves one request to a worker',
  LONG,
  async () => {
    await using t = await setup();
    await using both = await t.start('api,worker');
    const claims = await t.lock('job_common');
    await claims.reached();
    await claims.release();
    await until(async () => (await t.rows(`${CONNECTIONS} and state <> 'idle'`)).length === 0); // Its queue is empty.
    const commits = await t.holdCommits();
    const unknown = expect(t.publish(both)).rejects.toThrow('fetch failed');
    await commits.reached();
    both.process.kill('SIGSTOP');
    await commits.release();
    await until(async () => (await t.rows(PUBLISHED)).length > 0);
    expect(await t.rows('select state from job')).toEqual([{ state: 'active' }]);
    await both.kill('SIGKILL');
    await unknown;
    expect(t.receiver.requests).toHaveLength(0);
    expect(await t.deliver()).toEqual(['1']);
  },
);

test.concurrent(
  'killed between response and commit, a worker has its request repeated under its number',
  LONG,
  async () => {
    await using t = await setup();
    await using worker = await t.start('worker');
    const lock = await t.lock('delivery_attempts');
    await t.publish();
    await t.receiver.next();
    await lock.reached();
    worker.process.kill('SIGKILL');
    await t.rollBack('delivery_attempts');
    await lock.release();
    expect(await t.deliver()).toEqual(['1', '1']);
  },
);

test('killed in a publish, an API process has it repeated by its client, and there is one event', LONG, async () => {
  await using t = await setup();
  const lock = await t.lock('delivery_changes');
  const unknown = expect(t.publish()).rejects.toThrow('fetch failed');
  await lock.reached();
  await t.api.kill('SIGKILL');
  await unknown;
  await lock.release();
  await t.gone(); // Committed, or not: nobody knows.
  await using again = await t.start('api');
  const id = await t.publish(again);
  expect(await t.publish(again)).toBe(id);
  expect(await t.rows(PUBLISHED)).toEqual([{ id }]);
  expect(await t.deliver()).toEqual(['1']);
});

test('killed in a publish before its commit, an API process has stored nothing of it', LONG, async () => {
  await using t = await setup();
  const lock = await t.lock('delivery_changes');
  const unknown = expect(t.publish()).rejects.toThrow('fetch failed');
  await lock.reached();
  await t.api.kill('SIGKILL');
  await t.rollBack('delivery_changes');
  await unknown;
  await lock.release();
  expect(await t.rows(`${PUBLISHED} union select id from deliveries`)).toEqual([]);
  expect(await t.rows('select from job')).toEqual([]);
  await using again = await t.start('api');
  await t.publish(again);
  expect(await t.deliver()).toEqual(['1']);
});

test.concurrent(
  'stopped for longer than its claim lasts, a worker records nothing over what the next one did',
  LONG,
  async () => {
    await using t = await setup();
    const late = Promise.withResolvers<number>();
    t.receiver.respondWith(() => (t.receiver.requests.length === 1 ? late.promise : 200));
    await using stopped = await t.start('worker');
    await t.publish();
    await t.receiver.next();
    stopped.process.kill('SIGSTOP');
    expect(await t.deliver()).toEqual(['1', '1']);
    const [before] = await t.rows('select * from delivery_attempts');
    late.resolve(500);
    const settled = stopped.logged('delivery.attempted');
    stopped.process.kill('SIGCONT');
    expect(await settled).toMatchObject({ number: 1 });
    expect(await t.rows('select * from delivery_attempts')).toEqual([before]);
    expect(await t.rows('select status, attempt_count, job_id from deliveries')).toEqual([
      { status: 'DELIVERED', attempt_count: 1, job_id: null },
    ]);
    expect((await t.rows('select status from delivery_changes order by xid, seq')).map(({ status }) => status)).toEqual(
      ['PENDING', 'DELIVERED'],
    );
    expect(t.receiver.requests).toHaveLength(2);
  },
);

test.concurrent(
  'killed between the disabling of a target and its commit, a worker leaves neither that nor the event; the next one makes both once',
  LONG,
  async () => {
    await using t = await setup();
    t.receiver.respondWith(410);
    await t.publish();
    const commits = await t.holdCommits();
    await using worker = await t.start('worker');
    await commits.reached();
    await worker.kill('SIGKILL');
    await commits.rollBack();
    await commits.release();
    expect(await t.rows('select status from webhook_targets')).toEqual([{ status: 'ACTIVE' }]);
    expect(await t.rows(DISABLINGS)).toEqual([]);
    expect(
      await t.rows('select from delivery_attempts union all select from target_changes where reason is not null'),
    ).toEqual([]);

    await using _next = await t.start('worker');
    await until(async () => (await t.rows(`select from webhook_targets where status = 'DISABLED'`)).length > 0);
    expect(await t.rows(DISABLINGS)).toEqual(await t.rows(`select xid from target_changes where status = 'DISABLED'`));
    expect(await t.rows('select number from delivery_attempts')).toEqual([{ number: 1 }]);
  },
);

/** Commits that hang, are cut off or are not safe: what their callers are told, and when. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type pg from 'pg';
import { OutcomeUnknown, streamOf } from '../../src/database/commit.ts';
import { remember } from '../../src/database/effect.ts';
import { createIdempotency } from '../../src/database/idempotency.ts';
import { sqlState } from '../../src/database/statement.ts';
import { inTransaction, transact } from '../../src/database/transaction.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { createManualClock } from '../support/clock.ts';
import { createFixtures } from '../support/fixtures.ts';
import { startStallingServer, type StallingServer } from '../support/postgres/stalling-server.ts';
import { KEY_HASH } from '../support/master-key.ts';

const LONG = { timeout: 60_000 };
let server: StallingServer;
beforeAll(async () => void (server = await startStallingServer()), 120_000);
afterEach(() => server.resume());
afterAll(() => server?.[Symbol.asyncDispose]());

const insert = (name: string) => ({
  name: 'insert_setting',
  text: 'insert into settings (name, value) values ($1, $2)',
  values: [name, 'x'],
});

async function setup() {
  const database = await server.createDatabase();
  const clients: pg.PoolClient[] = [];
  database.pool.on('acquire', (client) => clients.push(client as pg.PoolClient));
  /** What became of the promise so far. */
  const watch = (promise: Promise<unknown>) => {
    const state = { is: 'pending' };
    promise.then(
      () => (state.is = 'resolved'),
      () => (state.is = 'rejected'),
    );
    return state;
  };
  return {
    database,
    watch,
    names: async () =>
      (await database.reads.query('select name from settings order by name')).rows.map((row) => row.name),
    /** Cuts the connection of the transaction that began last. */
    cut: () => streamOf(clients.at(-1)!).destroy(),
    /** From here on nothing comes in on it any more, as when a server vanished without a word. */
    silence: () => streamOf(clients.at(-1)!).pause(),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

const unknown = (promise: Promise<unknown>): Promise<OutcomeUnknown> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => {
      expect(error).toBeInstanceOf(OutcomeUnknown);
      return error as OutcomeUnknown;
    },
  );

test(
  'a commit that is not answered in time may have been made, and is known to have ended when the server says so',
  LONG,
  async () => {
    await using t = await setup();
    await server.stall();
    const committing = inTransaction(t.database, (tx) => tx.query(insert('a')), 200);
    const { code, message, ended } = await unknown(committing);
    expect([code, message]).toEqual(['SERVICE_UNAVAILABLE', expect.stringContaining('may or may not have been made')]);
    const state = t.watch(ended);
    expect(await t.names()).toEqual([]);
    expect(state.is).toBe('pending');
    await server.resume();
    await ended;
    expect(await t.names()).toEqual(['a']);
  },
);

test('statements sent together wait for as long as the server works on them', LONG, async () => {
  await using t = await setup();
  await server.stall();
  const committing = transact(t.database, [insert('a')]);
  const state = t.watch(committing);
  await server.untilHanging(t.database);
  expect(await t.names()).toEqual([]);
  expect(state.is).toBe('pending');
  await server.resume();
  await committing;
  expect(await t.names()).toEqual(['a']);
});

test('a commit whose wait for the standby was cancelled is not acknowledged', LONG, async () => {
  await using t = await setup();
  await server.stall();
  for (const [name, commit] of [
    ['a', () => transact(t.database, [insert('a')])],
    ['b', () => inTransaction(t.database, (tx) => tx.query(insert('b')))],
  ] as const) {
    const committing = unknown(commit());
    const [pid] = await server.untilHanging(t.database);
    await server.cancel(pid!);
    await (
      await committing
    ).ended;
    expect(await t.names()).toContain(name);
  }
});

test(
  'a connection that is lost while COMMIT hangs leaves the outcome unknown until the server has ended it',
  LONG,
  async () => {
    await using t = await setup();
    await server.stall();
    const committing = unknown(transact(t.database, [insert('a')]));
    await server.untilHanging(t.database);
    t.cut();
    const { ended } = await committing;
    const state = t.watch(ended);
    await server.untilHanging(t.database); // The server has not even noticed.
    expect(await t.names()).toEqual([]);
    expect(state.is).toBe('pending');
    await server.resume();
    await ended;
    expect(await t.names()).toEqual(['a']);
  },
);

test('a COMMIT whose answer never comes is given up when the server has forgotten the transaction', LONG, async () => {
  await using t = await setup();
  await server.stall();
  const { pool, reads } = t.database;
  const committing = unknown(transact({ pool, reads, silentMs: 1_000 }, [insert('a')]));
  await server.untilHanging(t.database);
  t.silence();
  await server.resume();
  await (
    await committing
  ).ended;
  expect(await t.names()).toEqual(['a']);
  await transact(t.database, [insert('b')]);
});

test('a connection that the server ends before COMMIT leaves no doubt: nothing was done', LONG, async () => {
  await using t = await setup();
  const ending = { name: 'end', text: 'select pg_terminate_backend(pg_backend_pid())', values: [] };
  const failing = transact(t.database, [insert('a'), ending]);
  await expect(failing).rejects.toSatisfy((error) => sqlState(error) === '57P01');
  expect(await t.names()).toEqual([]);
});

test('a transaction whose caller thinks better of it is not sent', LONG, async () => {
  await using t = await setup();
  const beforeSend = () => {
    throw new Error('too late');
  };
  await expect(transact(t.database, [insert('a')], { beforeSend })).rejects.toThrow('too late');
  await transact(t.database, [insert('b')]);
  expect(await t.names()).toEqual(['b']);
});

test('a process that stops does not wait for a standby', LONG, async () => {
  const t = await setup();
  await server.stall();
  const committing = unknown(transact(t.database, [insert('a')]));
  await server.untilHanging(t.database);
  await t.database.close();
  await (
    await committing
  ).ended;
});

test(
  'a request whose commit hangs can be released, and is taken over only when the server has ended it',
  LONG,
  async () => {
    await using t = await setup();
    const clock = createManualClock();
    const { ids } = createFixtures({ database: t.database, clock });
    const idempotency = createIdempotency({
      ...t,
      clock,
      ids,
      seal: createSeal(randomBytes(32), randomBytes),
      keyHash: KEY_HASH,
    });
    const request = { apiKeyId: 'key-1', key: 'k', hash: createHash('sha256').update('a').digest() };
    const first = await idempotency.acquire(request);
    if (first.state !== 'mine') return expect.unreachable();
    await server.stall();
    const work = async (tx: pg.PoolClient) => {
      await tx.query(insert('a'));
      await remember(tx, first.lease.effect('x'), { id: 1 });
    };
    await unknown(inTransaction(t.database, work, 100));
    await first.lease.release();
    const other = await idempotency.acquire({ ...request, key: 'other' }); // A lease waits for no standby.
    await (other.state === 'mine' ? other.lease.withdraw() : expect.unreachable());
    await t.database.transact([
      { name: '', text: "select set_config('synchronous_commit', 'off', true)", values: [] },
      // As if its lease had run out. The row is held by the transaction that hangs, so that this changes nothing.
      {
        name: '',
        text: `update idempotency_requests set claimed_until = now()
        where id = (select id from idempotency_requests for update skip locked)`,
        values: [],
      },
    ]);
    expect((await idempotency.acquire(request)).state).toBe('running');
    await server.resume();
    await expect.poll(async () => (await t.names()).length).toBe(1);
    const states = new Set<string>();
    for (;;) {
      const next = await idempotency.acquire(request);
      states.add(next.state);
      if (next.state !== 'mine') continue;
      expect(next.lease.recall('x')).toEqual({ id: 1 });
      break;
    }
    expect([...states].filter((state) => !['running', 'mine'].includes(state))).toEqual([]);
  },
);

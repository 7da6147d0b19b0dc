/**
 * 100 calls with one idempotency key over two processes, of which the one that runs the first call is killed -9. Locks that
 * the test holds make it wait at the worst moments.
 */
import pg from 'pg';
import { expect, test } from 'vitest';
import type { Sql } from '../../src/database/statement.ts';
import { untilBlocked } from '../support/postgres/blocked.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { API_KEY, startService, type Service } from '../support/service.ts';
import { sqlConfig } from '../support/sql.ts';

const CREATE = `mutation {
  createWebhookTarget(input: { url: "http://127.0.0.1:2/" }) { target { id } secret userErrors { code } } }`;
const PUBLISH = `mutation {
  publishEvent(input: { eventType: "user.created", data: {} }) { event { id } deliveryCount userErrors { code } } }`;

async function send({ url }: Service, query: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY, 'idempotency-key': 'k' },
    body: JSON.stringify({ query }),
  });
  return `${response.status} ${await response.text()}`;
}

async function setup() {
  const DATABASE_URL = await createDatabaseUrl();
  const pool = new pg.Pool(sqlConfig(DATABASE_URL));
  const start = () => startService({ DATABASE_URL, ROLES: 'api' });
  const doomed = await start();
  const survivor = await start();
  return {
    doomed,
    survivor,
    pool,
    start,
    blocked: (count?: number) => untilBlocked({ pool }, count),
    /** Holds what `statement` locks until it is released. */
    async lock(statement: string) {
      const client = await pool.connect();
      await client.query('begin');
      await client.query(statement);
      return async () => {
        await client.query('rollback');
        client.release();
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([doomed, survivor].map((service) => service[Symbol.asyncDispose]()));
      await pool.end();
    },
  };
}

type Setup = Awaited<ReturnType<typeof setup>>;
type Moment = {
  readonly query: string;
  readonly effects: string;
  /** Where the first call waits, once it has begun. */
  readonly waitsFor: string;
  /** Kills the first call's process, and ends the wait. */
  kill(t: Setup, release: () => Promise<void>): Promise<void>;
};

const MOMENTS: Readonly<Record<string, Moment>> = {
  'in the middle of its transaction': {
    query: CREATE,
    effects: 'webhook_targets',
    waitsFor: 'lock table target_secrets in exclusive mode',
    async kill({ doomed }, release) {
      await doomed.kill('SIGKILL');
      await release();
    },
  },
  'after its commit and before its answer is stored': {
    query: CREATE,
    effects: 'webhook_targets',
    waitsFor: 'lock table target_secrets in exclusive mode',
    async kill({ doomed, lock, blocked, pool }, release) {
      const releaseRow = await lock('select from idempotency_requests for share');
      await release();
      await untilOne(pool, 'idempotency_effects');
      await blocked();
      await doomed.kill('SIGKILL');
      // What waits for the row is the dead process's, and must not store its answer after all.
      await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()`);
      await releaseRow();
    },
  },
  'while Postgres has the rest of its transaction already': {
    query: PUBLISH,
    effects: `events where event_type = 'user.created'`,
    waitsFor: 'lock table events in exclusive mode',
    async kill({ doomed }, release) {
      await doomed.kill('SIGKILL');
      await release();
    },
  },
  'and its transaction still waits when another process takes over': {
    query: PUBLISH,
    effects: `events where event_type = 'user.created'`,
    waitsFor: 'lock table events in exclusive mode',
    async kill({ doomed, blocked }, release) {
      await doomed.kill('SIGKILL');
      await blocked(2);
      await release();
    },
  },
};

const countOf = async (pool: Sql, table: string): Promise<number> =>
  (await pool.query(`select count(*)::int as count from ${table}`)).rows[0].count;

async function untilOne(pool: Sql, table: string): Promise<void> {
  while ((await countOf(pool, table)) !== 1);
}

test.each(Object.keys(MOMENTS))(
  'killed -9 %s, 100 calls have one effect, and all that survive the same answer',
  { timeout: 90_000 },
  async (name) => {
    const { query, effects, waitsFor, kill } = MOMENTS[name]!;
    await using t = await setup();
    const release = await t.lock(waitsFor);
    const first = send(t.doomed, query);
    await t.blocked();
    const others = Array.from({ length: 99 }, (_, index) => send(index < 49 ? t.doomed : t.survivor, query));
    const sent = Promise.allSettled([first, ...others]);
    await kill(t, release);

    const settled = await sent;
    const answers = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(answers).toHaveLength(50);
    await using restarted = await t.start();
    for (const service of [t.survivor, restarted]) answers.push(await send(service, query));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^200 .*"userErrors":\[\]/);
    expect(await countOf(t.pool, effects)).toBe(1);
  },
);

import { expect, test } from 'vitest';
import type { Sql } from '../../src/database/statement.ts';
import {
  keyLimitReached,
  replayLimitReached,
  sessionLimitReached,
  targetLimitReached,
} from '../../src/manage/quota.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';

const MANY = 10_000;

/** An organization with 10 keys and 10 targets that count, and many of each that do not. */
async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const fixtures = createFixtures({ database, clock });
  const { id } = await fixtures.organization();
  const { pool } = database;
  const now = clock.now();
  const insertKeys = (from: number, count: number, revokedAt: Date | null, expiresAt: Date | null) =>
    pool.query(
      `insert into api_keys (id, organization_id, name, prefix, hash, scopes, created_at, revoked_at, expires_at)
       select '2' || lpad(i::text, 26, '0'), $1, 'many', 'hk_many', sha256(i::text::bytea), '{TARGETS_READ}', $2,
         $3::timestamptz, $4::timestamptz from generate_series($5::int, $6) as i`,
      [id, now, revokedAt, expiresAt, from, from + count - 1],
    );
  await insertKeys(0, MANY, now, null);
  await insertKeys(MANY, MANY, null, now);
  await insertKeys(2 * MANY, 5, null, null);
  await insertKeys(3 * MANY, 5, null, new Date(now.getTime() + 1));
  const targets = `insert into webhook_targets (id, organization_id, url, global, event_types, customer_ids, status, created_at,
      updated_at, deleted_at)
    select '2' || lpad(i::text, 26, '0'), $1, 'https://example.com/', true, '{}', '{}',
      (array['ACTIVE', 'PAUSED', 'DISABLED'])[i % 3 + 1]::webhook_target_status, $2, $2, case when i > 10 then $2::timestamptz end
      from generate_series(1, $3::int) as i`;
  await pool.query(targets, [id, now, MANY]);
  /** The limit that is reached, and how many rows of the table were looked at to say so. */
  const ask = (table: string, reached: (tx: Sql) => Promise<number | undefined>) =>
    database.transaction(async (tx) => {
      const limit = await reached(tx);
      const { rows } = await tx.query(
        `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_xact_user_tables where relname = $1`,
        [table],
      );
      return { limit, read: rows[0].read as number };
    });
  return {
    keys: (most: number) => ask('api_keys', (tx) => keyLimitReached(tx, id, now, most)),
    targets: (most: number) => ask('webhook_targets', (tx) => targetLimitReached(tx, id, most)),
    sessions: () => ask('portal_sessions', (tx) => sessionLimitReached(tx, id, now)),
    replays: () => ask('replays', (tx) => replayLimitReached(tx, id)),
    remove: () => pool.query('update organizations set deleted_at = $2 where id = $1', [id, now]),
    /** Gives the organization limits of its own. */
    own: (most: number | null) =>
      pool.query('update organizations set max_api_keys = $2, max_targets = $2 where id = $1', [id, most]),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('live keys, and targets that are not deleted, are counted without a look at the many others', async () => {
  await using t = await setup();
  for (const count of [t.keys, t.targets]) {
    expect((await count(10)).limit).toBe(10);
    const { limit, read } = await count(11);
    expect(limit).toBeUndefined();
    expect(read).toBeLessThanOrEqual(100); // What the connection looked at before may be among them.
  }
});

test('the limit of the organization itself counts, whatever the default is, until it is taken away', async () => {
  await using t = await setup();
  for (const count of [t.keys, t.targets]) {
    await t.own(11);
    expect((await count(10)).limit).toBeUndefined();
    await t.own(9);
    expect((await count(11)).limit).toBe(9);
    await t.own(null);
    expect((await count(11)).limit).toBeUndefined();
  }
});

test('nothing is added to an organization that was deleted a moment ago', async () => {
  await using t = await setup();
  await t.remove();
  for (const count of [() => t.keys(11), () => t.targets(11), t.sessions, t.replays]) {
    await expect(count()).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  }
});

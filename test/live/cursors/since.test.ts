import { expect, test } from 'vitest';
import { loadEpoch } from '../../../src/live/cursors/epoch.ts';
import { createCursorSince, DATED_BEFORE_MS } from '../../../src/live/cursors/since.ts';
import { createCursors } from '../../../src/live/cursors/cursors.ts';
import { EVENT_CHANGES, INTO_EVENT_CHANGES } from '../../../src/live/changes/event-changes.ts';
import { forgetChanges } from '../../../src/live/forget.ts';
import { createRandom, untilFinal } from '../../support/changes.ts';
import { createManualClock } from '../../support/clock.ts';
import { MASTER_KEYS } from '../../support/cursors.ts';
import { createTestDatabase } from '../../support/database.ts';

const NOON = new Date('2026-01-15T12:00:00.000Z').getTime();
const SECOND = 1_000;

/** Minutes and seconds after noon. */
const at = (seconds: number): Date => new Date(NOON + seconds * SECOND);

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock(new Date(NOON + 3_600 * SECOND).toISOString());
  const options = { epoch: await loadEpoch(database, clock), masterKeys: MASTER_KEYS };
  const kept = { from: new Date(0) };
  const cursorSince = createCursorSince({ ...options, table: EVENT_CHANGES, clock, keptFrom: () => kept.from });
  const cursors = createCursors(EVENT_CHANGES.cursors, options);
  const since = (seconds: number, organizationId = 'acme') => cursorSince(database.pool, organizationId, at(seconds));
  /** One transaction that records events dated so many seconds after noon. Returns their ids, which are unique. */
  let count = 0;
  const record = async (seconds: readonly number[], organizationId = 'acme'): Promise<string[]> => {
    const ids = seconds.map(() => `${organizationId}-${count++}`);
    await database.pool.query(
      `${INTO_EVENT_CHANGES} select $1, id, 'a.b', null, at from unnest($2::text[], $3::timestamptz[]) as e (id, at)`,
      [organizationId, ids, seconds.map(at)],
    );
    return ids;
  };
  /** The events of the organization that a stream gives which resumes after the cursor. */
  const following = async (cursor: string, organizationId = 'acme'): Promise<string[]> => {
    const { xid, seq } = cursors.decode(cursor, organizationId).position;
    const { rows } = await database.pool.query<{ id: string }>(
      `select event_id as id from event_changes
       where organization_id = $1 and (xid, seq) > ($2::xid8, $3::bigint) order by xid, seq`,
      [organizationId, xid, seq],
    );
    return rows.map(({ id }) => id);
  };
  return {
    database,
    kept,
    since,
    record,
    following,
    final: () => untilFinal(database, EVENT_CHANGES.name),
    from: async (seconds: number, organizationId = 'acme') =>
      following(await since(seconds, organizationId), organizationId),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('the stream begins with the first event of that time, to the millisecond', async () => {
  await using t = await setup();
  await t.record([0]);
  await t.record([60]);
  const third = await t.record([120]);
  const fourth = await t.record([120.5]);
  await t.final();
  expect(await t.from(120)).toEqual([...third, ...fourth]);
  expect(await t.from(120.001)).toEqual(fourth);
  expect(await t.from(-1)).toHaveLength(4);
});

test('it begins at the end of the stream for a time after the last event, and in the future', async () => {
  await using t = await setup();
  await t.record([0, 1, 2]);
  await t.final();
  expect(await t.from(3)).toEqual([]);
  expect(await t.from(86_400)).toEqual([]);
});

test('it leaves out no event of that time, however the rows are out of order by their dates', async () => {
  await using t = await setup();
  const random = createRandom(7);
  const dates = new Map<string, number>();
  // Dated up to DATED_BEFORE_MS before they are written, a few in one transaction, those of others in between.
  for (let second = 0; second < 600; second += 3) {
    const seconds = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      Math.round(second - random() * (DATED_BEFORE_MS / SECOND - 1)),
    );
    const organizationId = random() < 0.5 ? 'acme' : 'other';
    const ids = await t.record(seconds, organizationId);
    ids.forEach((id, index) => dates.set(id, seconds[index]!));
  }
  await t.final();
  for (let asked = -80; asked < 640; asked += 11) {
    for (const organizationId of ['acme', 'other']) {
      const given = await t.from(asked, organizationId);
      const expected = [...dates].filter(([id, date]) => id.startsWith(organizationId) && date >= asked);
      expect(given).toEqual(expect.arrayContaining(expected.map(([id]) => id)));
      if (given.length > 0) expect(dates.get(given[0]!)).toBeGreaterThanOrEqual(asked);
    }
  }
});

test('a change that is not committed yet comes after the cursor', async () => {
  await using t = await setup();
  await t.record([0]);
  await t.final();
  const open = await t.database.pool.connect();
  await open.query('begin');
  await open.query(`${INTO_EVENT_CHANGES} values ('acme', 'late', 'a.b', null, $1)`, [at(10)]);
  const early = await t.record([5]);
  const cursor = await t.since(20);
  await open.query('commit');
  open.release();
  expect(await t.following(cursor)).toEqual(['late', ...early]);
});

test('the cursor of an organization without events moves on with the others, at most once a minute', async () => {
  await using t = await setup();
  for (let second = 0; second <= 600; second += 10) await t.record([second], 'other');
  await t.final();
  const cursors = new Set<string>();
  for (let second = 300; second < 360; second++) cursors.add(await t.since(second));
  expect(cursors.size).toBe(1);
  expect(cursors.has(await t.since(360))).toBe(false);
  await t.database.transaction((tx) => forgetChanges(tx, EVENT_CHANGES, at(200), 1_000));
  expect(await t.following([...cursors][0]!)).toEqual([]);
});

test('when everything before the time is deleted, it begins where what is kept begins', async () => {
  await using t = await setup();
  await t.record([0]);
  const kept = await t.record([600]);
  await t.final();
  await t.database.transaction((tx) => forgetChanges(tx, EVENT_CHANGES, at(1), 1_000));
  expect(await t.from(2)).toEqual(kept);
});

test('a time from which not all events are kept is refused', async () => {
  await using t = await setup();
  t.kept.from = at(0);
  await expect(t.since(-0.001)).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { argument: 'at' },
    message: expect.stringContaining('`at`: expected a time from 2026-01-15T12:00:00.000Z on'),
  });
  await t.since(0);
});

/** Dates that Prisma stored wrong in another zone are corrected, and no others. */
import { expect, test } from 'vitest';
import { WRITTEN_BY_BOTH, WRITTEN_BY_PRISMA, WRITTEN_BY_SQL } from '../../src/manage/date-columns.ts';
import { findZone, repairDates } from '../../src/manage/repair-dates.ts';
import { byId, createZonedRows, type Made } from '../support/postgres/zoned-rows.ts';
import { TESTER } from '../support/tester.ts';

async function setup(zone: string) {
  const rows = await createZonedRows(zone);
  const repair = (options: { apply?: boolean; before?: Date; zone?: string } = {}) =>
    repairDates({ ...rows.tools, ...TESTER, zone, apply: false, ...options });
  return { ...rows, repair };
}

const counts = (rows: number, right: number, wrong: number, undecidable = 0) =>
  expect.objectContaining({ rows, right, wrong, undecidable });

test.each([
  'Asia/Kolkata',
  'Pacific/Kiritimati',
  'America/Caracas',
  'America/New_York',
  'Europe/Berlin',
  'America/St_Johns',
])(
  '%s: what Prisma wrote is corrected, to the millisecond, and what SQL wrote beside it stays as it is',
  async (zone) => {
    await using t = await setup(zone);
    const wrong = [
      await t.prismaKey('2026-01-20T23:30:00.001Z', '2026-07-01T00:00:00.123Z'),
      await t.prismaKey('2026-07-20T00:15:00.999Z', '2027-01-31T00:00:00Z'),
      await t.prismaKey('2026-07-20T12:00:00Z'),
    ];
    const right = [
      await t.sqlKey('2026-01-20T23:31:00.001Z', '2026-07-01T00:00:00Z'),
      await t.sqlKey('2026-07-20T12:00:01Z'),
    ];
    const organization = await t.prismaOrganization('2026-01-20T23:30:00.001Z');
    const stored = await t.keys();
    expect(stored).not.toEqual(byId([...wrong, ...right]));

    const dry = await t.repair();
    expect(await t.keys()).toEqual(stored);
    expect(dry.undecidable).toEqual([]);
    expect(dry.columns).toEqual({
      'organizations.created_at': counts(2, 1, 1),
      'api_keys.created_at': counts(5, 2, 3),
      'api_keys.expires_at': counts(3, 1, 2),
    });
    const { before, after } = dry.columns['api_keys.created_at']!.examples[0]!;
    expect([before, after]).toEqual([stored[0]!.createdAt, wrong[0]!.createdAt]);

    expect((await t.repair({ apply: true })).columns).toEqual(dry.columns);
    expect(await t.keys()).toEqual(byId([...wrong, ...right]));
    const { rows } = await t.database.pool.query('select created_at from organizations where id = $1', [
      organization.id,
    ]);
    expect(rows[0].created_at).toEqual(organization.createdAt);

    const again = await t.repair({ apply: true });
    expect(again.columns).toMatchObject({
      'organizations.created_at': counts(2, 2, 0),
      'api_keys.created_at': counts(5, 5, 0),
      'api_keys.expires_at': counts(3, 3, 0),
    });
  },
);

test('where clocks are set forward two times are stored as one: the id tells which was meant', async () => {
  await using t = await setup('America/New_York');
  const made = [await t.prismaKey('2026-03-08T02:30:00Z'), await t.prismaKey('2026-03-08T03:30:00Z')];
  expect(new Set((await t.keys()).map(({ createdAt }) => createdAt.getTime())).size).toBe(1);
  await t.repair({ apply: true });
  expect(await t.keys()).toEqual(byId(made));
});

test('where clocks are set back, both hours are corrected', async () => {
  await using t = await setup('America/New_York');
  const times = ['2026-11-01T00:59:59Z', '2026-11-01T01:30:00Z', '2026-11-01T02:00:00Z', '2026-11-01T06:30:00Z'];
  const made: Made[] = [];
  for (const time of times) made.push(await t.prismaKey(time, time));
  await t.repair({ apply: true });
  expect(await t.keys()).toEqual(byId(made));
});

test('an expiry that can mean two times is not guessed: its row is named and stays, however often it is asked', async () => {
  await using t = await setup('America/New_York');
  const open = await t.prismaKey('2026-01-20T12:00:00Z', '2027-03-14T02:30:00Z');
  const other = await t.prismaKey('2026-01-20T12:00:00Z', '2027-03-15T02:30:00Z');
  const [stored] = (await t.keys()).filter(({ id }) => id === open.id);
  for (const wrong of [1, 0]) {
    const { columns, undecidable } = await t.repair({ apply: true });
    expect(columns['api_keys.expires_at']).toEqual(counts(2, 1 - wrong, wrong, 1));
    expect(undecidable).toEqual([{ place: `api_keys ${open.id}`, reason: expect.any(String) }]);
    expect(undecidable[0]!.reason).toContain('2027-03-14T02:30:00.000Z or 2027-03-14T03:30:00.000Z');
    expect(await t.keys()).toEqual(byId([stored!, other]));
  }
});

test('a zone that was at UTC when a row was made proves nothing of an expiry in its summer', async () => {
  await using t = await setup('Europe/London');
  const open = await t.prismaKey('2026-01-20T12:00:00Z', '2026-07-01T00:00:00Z');
  const winter = await t.prismaKey('2026-01-20T12:00:00Z', '2026-02-01T00:00:00Z');
  const summer = await t.prismaKey('2026-06-20T12:00:00Z', '2026-12-01T00:00:00Z');
  const { columns, undecidable } = await t.repair({ apply: true });
  expect(columns['api_keys.created_at']).toEqual(counts(3, 1, 1, 1));
  expect(undecidable).toEqual([
    { place: `api_keys ${open.id}`, reason: expect.stringContaining('nothing tells whether') },
  ]);
  expect(await t.keys()).toEqual(byId([{ ...open, expiresAt: new Date('2026-06-30T23:00:00Z') }, winter, summer]));
});

test('under the name of another zone nothing is corrected: every row that is wrong is named', async () => {
  await using t = await setup('Asia/Kolkata');
  const wrong = await t.prismaKey('2026-01-20T12:00:00Z', '2026-07-01T00:00:00Z');
  const right = await t.sqlKey('2026-01-20T12:00:00Z');
  const stored = await t.keys();
  const { columns, undecidable } = await t.repair({ apply: true, zone: 'Asia/Karachi' });
  expect(columns['api_keys.created_at']).toEqual(counts(2, 1, 0, 1));
  expect(undecidable).toEqual([{ place: `api_keys ${wrong.id}`, reason: expect.stringContaining('Asia/Karachi') }]);
  expect(await t.keys()).toEqual(stored);
  expect(stored.filter(({ id }) => id === right.id)).toEqual(byId([right]));
});

test('before: rows that were made at that time or later are not looked at', async () => {
  await using t = await setup('Asia/Kolkata');
  const early = await t.prismaKey('2026-01-20T11:59:59.999Z');
  const late = await t.prismaKey('2026-01-20T12:00:00Z');
  const { columns } = await t.repair({ apply: true, before: new Date('2026-01-20T12:00:00Z') });
  expect(columns['api_keys.created_at']).toEqual(counts(1, 0, 1));
  const stored = await t.keys();
  expect(stored.find(({ id }) => id === early.id)).toEqual(byId([early])[0]);
  expect(stored.find(({ id }) => id === late.id)).not.toEqual(byId([late])[0]);
});

test('goes on where an earlier run was stopped: each transaction is kept', async () => {
  await using t = await setup('Asia/Kolkata');
  await t.database.pool.query(
    `insert into api_keys (id, organization_id, name, prefix, hash, scopes, created_at)
     select id, (select id from organizations), 'many', '', sha256(id::bytea), '{}', $2::timestamp at time zone 'Asia/Kolkata'
       from unnest($1::text[]) as id`,
    [Array.from({ length: 250 }, () => t.idAt(new Date('2026-01-20T12:00:00Z'))), '2026-01-20 12:00:00'],
  );
  const stopped = repairDates({
    ...t.tools,
    ...TESTER,
    zone: t.zone,
    apply: true,
    onProgress: (_, count) => {
      if (count === 200) throw new Error('stopped');
    },
  });
  await expect(stopped).rejects.toThrow('stopped');
  expect((await t.repair({ apply: true })).columns['api_keys.created_at']).toEqual(counts(250, 200, 50));
});

test('zones are known by the names of PostgreSQL, in any case', async () => {
  await using t = await setup('UTC');
  expect(await findZone(t.database, 'america/new_york')).toBe('America/New_York');
  expect(await findZone(t.database, 'Mars/Olympus')).toBeUndefined();
});

test('every date of the database is in one of the lists', async () => {
  await using t = await setup('UTC');
  const { rows } = await t.database.pool.query(
    `select table_name || '.' || column_name as name from information_schema.columns
      where table_schema = 'public' and data_type like 'timestamp%' order by 1`,
  );
  const listed = [WRITTEN_BY_SQL, WRITTEN_BY_BOTH, WRITTEN_BY_PRISMA].flatMap((dates) =>
    Object.entries(dates).flatMap(([table, columns]) => columns.map((column) => `${table}.${column}`)),
  );
  expect(listed.sort()).toEqual(rows.map(({ name }) => name).sort());
});

import { expect, test } from 'vitest';
import { MASTER_KEY, runCli } from '../support/cli.ts';
import { byId, createZonedRows } from '../support/postgres/zoned-rows.ts';

async function setup(zone: string) {
  const rows = await createZonedRows(zone);
  const environment = { DATABASE_URL: rows.database.databaseUrl, MASTER_KEY };
  return { ...rows, cli: (line: string) => runCli(['repair-dates', ...line.split(' ')], { environment }) };
}

test('repair-dates shows what it would correct and writes nothing; --apply corrects it; then there is nothing', async () => {
  await using t = await setup('Asia/Kolkata');
  const made = [
    await t.prismaKey('2026-01-20T12:00:00Z', '2026-07-01T00:00:00Z'),
    await t.sqlKey('2026-01-21T12:00:00Z'),
  ];
  const stored = await t.keys();

  const dry = await t.cli('--zone asia/kolkata');
  expect([dry.exitCode, await t.keys()]).toEqual([0, stored]);
  expect(dry.stderr).toContain('api_keys.created_at: 2 looked at, 1 right, 1 wrong, 0 undecidable');
  expect(dry.stderr).toContain('Nothing was written');
  const found = JSON.parse(dry.stdout);
  expect(found).toMatchObject({ zone: 'Asia/Kolkata', applied: false, undecidable: [] });
  const change = { before: '2026-01-20T06:30:00.000Z', after: '2026-01-20T12:00:00.000Z' };
  expect(found.columns['api_keys.created_at'].examples).toEqual([{ id: made[0]!.id, ...change }]);
  expect(found.notTouched['right in every zone']).toContain('events.created_at');

  const applied = await t.cli('--zone Asia/Kolkata --apply');
  expect([applied.exitCode, await t.keys()]).toEqual([0, byId(made)]);
  expect(applied.stderr).toContain('api_keys: 1 rows corrected');
  expect(JSON.parse(applied.stdout)).toEqual({ ...found, applied: true });

  const { columns } = JSON.parse((await t.cli('--zone Asia/Kolkata --apply')).stdout);
  expect(columns['api_keys.created_at']).toMatchObject({ right: 2, wrong: 0 });
});

test('repair-dates names what it cannot decide, leaves it, and exits 1', async () => {
  await using t = await setup('Asia/Kolkata');
  const { id } = await t.prismaKey('2026-01-20T12:00:00Z');
  const stored = await t.keys();
  const { exitCode, stdout, stderr } = await t.cli('--zone America/New_York --before 2026-02-01 --apply');
  expect([exitCode, await t.keys()]).toEqual([1, stored]);
  expect(stderr).toContain(`api_keys ${id}: left as it is: its id was made at 2026-01-20T12:00:00.000Z`);
  expect(JSON.parse(stdout).undecidable).toHaveLength(1);
});

test('repair-dates of a zone that PostgreSQL does not know is refused', async () => {
  await using t = await setup('UTC');
  const { exitCode, stdout, stderr } = await t.cli('--zone Mars/Olympus --apply');
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toContain(
    '--zone: expected a time zone that PostgreSQL knows, such as America/New_York, got "Mars/Olympus"',
  );
});

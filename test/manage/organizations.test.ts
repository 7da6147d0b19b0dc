import { expect, test } from 'vitest';
import { createOrganizations } from '../../src/manage/organizations.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const { ids } = createFixtures({ database, clock });
  return {
    ...{ clock, organizations: createOrganizations({ database, clock, ids }) },
    rows: () => database.prisma.organization.findMany(),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('a new organization has an id, its name and its time', async () => {
  await using t = await setup();
  const name = '😀'.repeat(128);
  const created = await t.organizations.create({ name });
  expect(created).toEqual({ ok: true, value: { organizationId: expect.stringMatching(/^[0-9A-Za-z]{27}$/) } });
  const id = created.ok ? created.value.organizationId : '';
  expect(await t.rows()).toEqual([{ id, name, createdAt: t.clock.now() }]);
});

test.each([
  ['', 'REQUIRED'],
  [' \n', 'REQUIRED'],
  ['x'.repeat(129), 'TOO_LONG'],
  ['a\0b', 'INVALID'],
  ['a\udfff', 'INVALID'],
])('the name %j is refused as %s, and nothing is written', async (name, code) => {
  await using t = await setup();
  const refused = await t.organizations.create({ name });
  expect(refused).toMatchObject({ ok: false, userErrors: [{ code, field: ['input', 'name'] }] });
  expect(await t.rows()).toEqual([]);
});

import { expect, test } from 'vitest';
import { createOrganizations } from '../../src/manage/organizations.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { TESTER } from '../support/tester.ts';

const ADMIN = { ...TESTER, organizationId: 'none', isPlatformAdmin: true };

const NO_LIMITS = { rateLimitPerMinute: null, maxApiKeys: null, maxTargets: null };

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const fixtures = createFixtures({ database, clock });
  const { ids } = fixtures;
  return {
    clock,
    fixtures,
    organizations: createOrganizations({ database, clock, ids }),
    rows: () => database.prisma().organization.findMany(),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('a new organization has an id, its name and its time', async () => {
  await using t = await setup();
  const name = '😀'.repeat(128);
  const created = await t.organizations.create(TESTER, { name });
  expect(created).toEqual({ ok: true, value: { organizationId: expect.stringMatching(/^[0-9A-Za-z]{27}$/) } });
  const id = created.ok ? created.value.organizationId : '';
  expect(await t.rows()).toEqual([
    { id, name, externalId: null, ...NO_LIMITS, createdAt: t.clock.now(), deletedAt: null },
  ]);
});

test.each([
  ['', 'REQUIRED'],
  [' \n', 'REQUIRED'],
  ['x'.repeat(129), 'TOO_LONG'],
  ['a\0b', 'INVALID'],
  ['a\udfff', 'INVALID'],
])('the name %j is refused as %s, and nothing is written', async (name, code) => {
  await using t = await setup();
  const refused = await t.organizations.create(TESTER, { name });
  expect(refused).toMatchObject({ ok: false, userErrors: [{ code, field: ['input', 'name'] }] });
  expect(await t.rows()).toEqual([]);
});

test('an organization has the rate limit that it was created with, until that is changed or taken away', async () => {
  await using t = await setup();
  await t.organizations.create(TESTER, { name: 'Acme', rateLimitPerMinute: 10_000_000 });
  const [{ id } = { id: '' }] = await t.rows();
  for (const [input, name, rateLimitPerMinute] of [
    [{}, 'Acme', 10_000_000],
    [{ rateLimitPerMinute: 1 }, 'Acme', 1],
    [{ name: 'Ajax' }, 'Ajax', 1],
    [{ name: 'Acme', rateLimitPerMinute: null }, 'Acme', null],
  ] as const) {
    expect(await t.organizations.update(ADMIN, { id, ...input })).toEqual({ ok: true, value: { organizationId: id } });
    expect(await t.rows()).toMatchObject([{ id, name, rateLimitPerMinute }]);
  }
});

test.each([
  ['a limit of 0', { rateLimitPerMinute: 0 }, 'INVALID', 'rateLimitPerMinute'],
  ['a limit of 10,000,001', { rateLimitPerMinute: 10_000_001 }, 'INVALID', 'rateLimitPerMinute'],
  ['no name', { name: null }, 'REQUIRED', 'name'],
  ['a blank name', { name: ' ' }, 'REQUIRED', 'name'],
  ['a name of 129 characters', { name: 'x'.repeat(129) }, 'TOO_LONG', 'name'],
])('a change to %s is refused, and nothing is written', async (_, input, code, field) => {
  await using t = await setup();
  const { id } = await t.fixtures.organization();
  const refused = await t.organizations.update(ADMIN, { id, ...input });
  expect(refused).toMatchObject({ ok: false, userErrors: [{ code, field: ['input', field] }] });
  expect(await t.rows()).toMatchObject([{ name: 'Acme', rateLimitPerMinute: null }]);
});

test('a change of an organization that nobody has is NOT_FOUND', async () => {
  await using t = await setup();
  for (const id of [t.fixtures.ids.next(), 'nonsense', 'a\0b']) {
    const refused = await t.organizations.update(ADMIN, { id, name: 'Acme' });
    expect(refused).toMatchObject({ ok: false, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'id'] }] });
  }
});

test('an external id is kept until it is changed or taken away, and another organization cannot take it meanwhile', async () => {
  await using t = await setup();
  const taken = { ok: false, userErrors: [{ code: 'ALREADY_EXISTS', field: ['input', 'externalId'] }] };
  const first = await t.organizations.create(TESTER, { name: 'First', externalId: 'acct_1' });
  const second = await t.organizations.create(TESTER, { name: 'Second' });
  if (!first.ok || !second.ok) throw new Error('not created');
  const { organizationId: id } = second.value;
  expect(await t.organizations.create(TESTER, { name: 'Third', externalId: 'acct_1' })).toMatchObject(taken);
  expect(await t.organizations.update(ADMIN, { id, externalId: 'acct_1' })).toMatchObject(taken);
  expect(await t.rows()).toMatchObject([{ externalId: 'acct_1' }, { name: 'Second', externalId: null }]);

  const change = { id: first.value.organizationId, externalId: null };
  expect(await t.organizations.update(ADMIN, change)).toMatchObject({ ok: true });
  expect(await t.organizations.update(ADMIN, { id, externalId: 'acct_1' })).toMatchObject({ ok: true });
  expect(await t.organizations.update(ADMIN, { id, name: 'Renamed' })).toMatchObject({ ok: true });
  const rows = (await t.rows()).map(({ name, externalId }) => [name, externalId]).sort();
  expect(rows).toEqual([
    ['First', null],
    ['Renamed', 'acct_1'],
  ]);
});

test.each(['', 'x'.repeat(256), 'ä', 'a\n', '0'.repeat(27)])(
  'the external id %j is refused as INVALID',
  async (externalId) => {
    await using t = await setup();
    const refused = await t.organizations.create(TESTER, { name: 'Acme', externalId });
    expect(refused).toMatchObject({ ok: false, userErrors: [{ code: 'INVALID', field: ['input', 'externalId'] }] });
    expect(await t.rows()).toEqual([]);
  },
);

test('an organization has the numbers of API keys and targets that it was given, until they are taken away', async () => {
  await using t = await setup();
  await t.organizations.create(TESTER, { name: 'Acme', maxTargets: 20_000 });
  const [{ id } = { id: '' }] = await t.rows();
  expect(await t.rows()).toMatchObject([{ ...NO_LIMITS, maxTargets: 20_000 }]);
  expect(await t.organizations.update(ADMIN, { id, maxApiKeys: 5 })).toMatchObject({ ok: true });
  expect(await t.rows()).toMatchObject([{ ...NO_LIMITS, maxTargets: 20_000, maxApiKeys: 5 }]);
  expect(await t.organizations.update(ADMIN, { id, maxTargets: null })).toMatchObject({ ok: true });
  expect(await t.rows()).toMatchObject([{ ...NO_LIMITS, maxApiKeys: 5 }]);
  const refused = await t.organizations.update(ADMIN, { id, maxTargets: 0, maxApiKeys: 1_000_001 });
  expect(refused).toMatchObject({
    ok: false,
    userErrors: [{ field: ['input', 'maxApiKeys'] }, { field: ['input', 'maxTargets'] }],
  });
});

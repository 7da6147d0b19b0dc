import { expect, test } from 'vitest';
import { loadCatalog } from '../../src/domain/event-types/catalogs.ts';
import type { Result } from '../../src/errors.ts';
import { createEventTypes } from '../../src/manage/event-types.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { TESTER } from '../support/tester.ts';
import { createFixtures } from '../support/fixtures.ts';

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  return {
    database,
    clock,
    eventTypes: createEventTypes({ database, clock, ids: createFixtures({ database, clock }).ids }),
    read: (name: string) => database.prisma().eventType.findUnique({ where: { name } }),
    count: () => database.prisma().eventType.count(),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

const codes = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);

const schema = { type: 'object', required: ['amount'] };
const FULL = {
  category: 'wallet',
  displayName: 'Deposit',
  description: 'Money came in.',
  schema,
  example: { amount: 1 },
};

test('a new event type is stored with all its fields', async () => {
  await using t = await setup();
  expect(await t.eventTypes.create(TESTER, { name: 'wallet.deposit', ...FULL })).toEqual({
    ok: true,
    value: { name: 'wallet.deposit' },
  });
  const createdAt = t.clock.now();
  expect(await t.read('wallet.deposit')).toEqual({
    id: expect.stringMatching(/^[0-9A-Za-z]{27}$/),
    name: 'wallet.deposit',
    ...FULL,
    archivedAt: null,
    createdAt,
    updatedAt: createdAt,
  });
});

test('a boolean schema is stored as what it is, and a missing one as none', async () => {
  await using t = await setup();
  await t.eventTypes.create(TESTER, { name: 'open', category: 'c', schema: true });
  await t.eventTypes.create(TESTER, { name: 'free', category: 'c' });
  expect(await t.read('open')).toMatchObject({ schema: true, example: null });
  expect(await t.read('free')).toMatchObject({ schema: null, example: null });
});

test('a name that exists is refused with ALREADY_EXISTS, archived or not, and changes nothing', async () => {
  await using t = await setup();
  await t.eventTypes.create(TESTER, { name: 'a', category: 'first' });
  expect(codes(await t.eventTypes.create(TESTER, { name: 'a', category: 'second' }))).toEqual([
    'ALREADY_EXISTS input.name',
  ]);
  await t.eventTypes.archive(TESTER, { name: 'a' });
  expect(codes(await t.eventTypes.create(TESTER, { name: 'a', category: 'third' }))).toEqual([
    'ALREADY_EXISTS input.name',
  ]);
  expect(await t.read('a')).toMatchObject({ category: 'first' });
});

test('of several creations of one name at once, one succeeds', async () => {
  await using t = await setup();
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, index) => t.eventTypes.create(TESTER, { name: 'a', category: `c${index}` })),
  );
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(results.flatMap(codes)).toEqual(Array(7).fill('ALREADY_EXISTS input.name'));
});

test('bad input is refused with every error, and nothing is written', async () => {
  await using t = await setup();
  const bad = { name: 'A\0', category: '', description: 'x'.repeat(2_001), schema: { type: 'objct' } };
  expect(codes(await t.eventTypes.create(TESTER, bad))).toEqual([
    'INVALID input.name',
    'REQUIRED input.category',
    'TOO_LONG input.description',
    'INVALID input.schema',
  ]);
  expect(await t.count()).toBe(0);
});

test('an update changes the fields it names and the time of change', async () => {
  await using t = await setup();
  await t.eventTypes.create(TESTER, { name: 'a', ...FULL });
  const createdAt = t.clock.now();
  await t.clock.advance(1_000);
  const { id } = (await t.read('a'))!;
  expect(await t.eventTypes.update(TESTER, { name: 'a', displayName: 'Other', example: null })).toMatchObject({
    ok: true,
  });
  expect(await t.read('a')).toEqual({
    id,
    name: 'a',
    ...FULL,
    displayName: 'Other',
    example: null,
    archivedAt: null,
    createdAt,
    updatedAt: t.clock.now(),
  });
});

test('an update with errors changes nothing', async () => {
  await using t = await setup();
  await t.eventTypes.create(TESTER, { name: 'a', ...FULL });
  const before = await t.read('a');
  await t.clock.advance(1_000);
  const refused = await t.eventTypes.update(TESTER, { name: 'a', category: 'new', displayName: null, example: {} });
  expect(codes(refused)).toEqual(['REQUIRED input.displayName', 'INVALID input.example']);
  expect(await t.read('a')).toEqual(before);
});

test('a new schema is checked against the stored example', async () => {
  await using t = await setup();
  await t.eventTypes.create(TESTER, { name: 'a', ...FULL });
  const refused = await t.eventTypes.update(TESTER, { name: 'a', schema: { type: 'array' } });
  expect(codes(refused)).toEqual(['INVALID input.schema']);
  expect(await t.eventTypes.update(TESTER, { name: 'a', schema: null })).toMatchObject({ ok: true });
  expect(await t.read('a')).toMatchObject({ schema: null, example: { amount: 1 } });
});

test.each(['no.such.type', 'A\0', ''])('updating, archiving or unarchiving %j is NOT_FOUND', async (name) => {
  await using t = await setup();
  expect(codes(await t.eventTypes.update(TESTER, { name, category: 'c' }))).toEqual(['NOT_FOUND input.name']);
  expect(codes(await t.eventTypes.archive(TESTER, { name }))).toEqual(['NOT_FOUND input.name']);
  expect(codes(await t.eventTypes.unarchive(TESTER, { name }))).toEqual(['NOT_FOUND input.name']);
});

test('archiving twice keeps the time of the first', async () => {
  await using t = await setup();
  await t.eventTypes.create(TESTER, { name: 'a', category: 'c' });
  const archivedAt = t.clock.now();
  expect(await t.eventTypes.archive(TESTER, { name: 'a' })).toEqual({ ok: true, value: { name: 'a' } });
  await t.clock.advance(1_000);
  expect(await t.eventTypes.archive(TESTER, { name: 'a' })).toEqual({ ok: true, value: { name: 'a' } });
  expect(await t.read('a')).toMatchObject({ archivedAt, updatedAt: archivedAt });
});

test('unarchiving opens the type again, and twice keeps the time of the first', async () => {
  await using t = await setup();
  await t.eventTypes.create(TESTER, { name: 'a', ...FULL });
  await t.eventTypes.archive(TESTER, { name: 'a' });
  await t.clock.advance(1_000);
  const updatedAt = t.clock.now();
  for (const _ of [1, 2]) {
    expect(await t.eventTypes.unarchive(TESTER, { name: 'a' })).toEqual({ ok: true, value: { name: 'a' } });
    await t.clock.advance(1_000);
  }
  expect(await t.read('a')).toMatchObject({ ...FULL, archivedAt: null, updatedAt });
});

test('loading catalogs stores each of their types with its texts and example', async () => {
  await using t = await setup();
  const names = ['dakota', 'dfns', 'daya'];
  const loaded = await t.eventTypes.loadCatalogs(TESTER, names);
  expect(new Set(loaded)).toEqual(new Set(loadCatalog(names).map(({ name }) => name)));
  for (const entry of loadCatalog(names)) expect(await t.read(entry.name)).toMatchObject(entry);
  expect(await t.count()).toBe(loaded.length);
});

test('a catalog is loaded once: edits and archivings stay', async () => {
  await using t = await setup();
  await t.eventTypes.loadCatalogs(TESTER, ['daya']);
  await t.eventTypes.update(TESTER, { name: 'order.filled', displayName: 'Edited' });
  await t.database.prisma().eventType.delete({ where: { name: 'order.created' } });
  expect(await t.eventTypes.loadCatalogs(TESTER, ['daya'])).toEqual([]);
  expect(await t.read('order.filled')).toMatchObject({ displayName: 'Edited' });
  expect(await t.read('order.created')).toBeNull();
});

test('a catalog that is named later is loaded then, around what exists', async () => {
  await using t = await setup();
  await t.eventTypes.create(TESTER, { name: 'order.filled', category: 'ours' });
  await t.eventTypes.loadCatalogs(TESTER, ['dakota']);
  const loaded = await t.eventTypes.loadCatalogs(TESTER, ['dakota', 'daya']);
  expect(loaded).toContain('order.created');
  expect(loaded).not.toContain('order.filled');
  expect(await t.read('order.filled')).toMatchObject({ category: 'ours' });
});

test('several processes that load at once load each type once', async () => {
  await using t = await setup();
  const loads = await Promise.all(
    Array.from({ length: 5 }, (_, index) =>
      t.eventTypes.loadCatalogs(TESTER, index % 2 ? ['dakota', 'dfns'] : ['dfns', 'dakota']),
    ),
  );
  expect(loads.flat()).toHaveLength(await t.count());
});

test('no catalog loads nothing', async () => {
  await using t = await setup();
  expect(await t.eventTypes.loadCatalogs(TESTER, [])).toEqual([]);
  expect(await t.count()).toBe(0);
});

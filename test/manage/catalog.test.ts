import { afterAll, expect, test } from 'vitest';
import {
  formatCatalogFile,
  parseCatalogFile,
  type CatalogFileEntry,
} from '../../src/domain/event-types/catalog-file.ts';
import { createSchemaChecks } from '../../src/domain/schemas/checks.ts';
import { createCatalog } from '../../src/manage/catalog.ts';
import { createEventTypes } from '../../src/manage/event-types.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { TESTER } from '../support/tester.ts';
import { createFixtures } from '../support/fixtures.ts';

const schemas = createSchemaChecks();
afterAll(() => schemas.close());

const DEFAULTS = { dryRun: false, archiveMissing: false };

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const { ids } = createFixtures({ database, clock });
  const catalog = createCatalog({ database, clock, ids });
  return {
    database,
    clock,
    catalog,
    eventTypes: createEventTypes({ database, clock, ids }),
    import: (entries: CatalogFileEntry[], options = {}) => catalog.import(TESTER, entries, { ...DEFAULTS, ...options }),
    rows: () => database.prisma().eventType.findMany({ orderBy: { name: 'asc' } }),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

const entry = (name: string, more: Partial<CatalogFileEntry> = {}): CatalogFileEntry => ({
  name,
  category: 'c',
  displayName: 'Name',
  description: 'What.',
  schema: null,
  example: null,
  archived: false,
  ...more,
});

async function parse(file: unknown) {
  const parsed = await parseCatalogFile(typeof file === 'string' ? file : JSON.stringify(file), schemas);
  return parsed.ok ? parsed.eventTypes : parsed.mistakes.map(({ path, message }) => `${path}: ${message}`);
}

test.each(['dakota', 'dfns', 'daya'])(
  'the %s catalog comes back from a file as it was, into any database',
  async (name) => {
    await using t = await setup();
    await t.eventTypes.loadCatalogs(TESTER, [name]);
    const file = formatCatalogFile(await t.catalog.export());
    const parsed = await parseCatalogFile(file, schemas);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes));
    const before = await t.rows();
    const unchanged = before.map((row) => row.name);
    const nothing = { created: [], updated: [], archived: [], unarchived: [] };
    await t.clock.advance(1_000);
    expect(await t.import([...parsed.eventTypes])).toEqual({ ...nothing, unchanged });
    expect(await t.rows()).toEqual(before);

    await using other = await setup();
    expect(await other.import([...parsed.eventTypes])).toEqual({ ...nothing, created: unchanged, unchanged: [] });
    expect(formatCatalogFile(await other.catalog.export())).toBe(file);
  },
);

test('schemas, examples and what is archived come back, too', async () => {
  await using t = await setup();
  const entries = [
    entry('a', { schema: true, example: { deep: [1, null, 'x', { y: 2.5 }] } }),
    entry('b', { schema: { type: 'object', properties: { a: { const: 'é' } } }, example: { a: 'é' } }),
    entry('c', { archived: true }),
  ];
  await t.import(entries);
  expect(await t.catalog.export()).toEqual(entries);
  expect(await parse(formatCatalogFile(await t.catalog.export()))).toEqual(entries);
});

test('each type is created, updated, archived, unarchived or left alone; types not in the file stay', async () => {
  await using t = await setup();
  await t.import([entry('a'), entry('b'), entry('c'), entry('d', { archived: true }), entry('e')]);
  const createdAt = t.clock.now();
  await t.clock.advance(1_000);
  const file = [entry('a'), entry('b', { category: 'x' }), entry('c', { archived: true }), entry('d'), entry('f')];
  expect(await t.import(file)).toEqual({
    created: ['f'],
    updated: ['b'],
    archived: ['c'],
    unarchived: ['d'],
    unchanged: ['a'],
  });
  const now = t.clock.now();
  expect(await t.rows()).toMatchObject([
    { name: 'a', updatedAt: createdAt },
    { name: 'b', category: 'x', createdAt, updatedAt: now },
    { name: 'c', archivedAt: now },
    { name: 'd', archivedAt: null },
    { name: 'e', updatedAt: createdAt, archivedAt: null },
    { name: 'f', createdAt: now },
  ]);
  expect(await t.import(file)).toMatchObject({ created: [], updated: [], archived: [], unarchived: [] });
});

test('archiveMissing archives what is not in the file, once', async () => {
  await using t = await setup();
  await t.import([entry('a'), entry('b'), entry('c', { archived: true })]);
  const archivedAt = t.clock.now();
  await t.clock.advance(1_000);
  const change = await t.import([entry('a')], { archiveMissing: true });
  expect(change).toMatchObject({ archived: ['b'], unchanged: ['a', 'c'] });
  expect(await t.rows()).toMatchObject([{ archivedAt: null }, { archivedAt: t.clock.now() }, { archivedAt }]);
});

test('a dry run tells the same and writes nothing', async () => {
  await using t = await setup();
  await t.import([entry('a')]);
  const before = await t.rows();
  const file = [entry('a', { category: 'x' }), entry('b')];
  const dry = await t.import(file, { dryRun: true });
  expect(dry).toMatchObject({ created: ['b'], updated: ['a'] });
  expect(await t.rows()).toEqual(before);
  expect(await t.import(file)).toEqual(dry);
});

test('imports at once, and creations beside them, wait for each other', async () => {
  await using t = await setup();
  const created = t.eventTypes.create(TESTER, { name: 'z', category: 'c' });
  const changes = await Promise.all([1, 2, 3, 4].map(() => t.import([entry('a'), entry('b')])));
  expect((await created).ok).toBe(true);
  expect(changes.flatMap((change) => change.created).sort()).toEqual(['a', 'b']);
});

test('what is left out of an entry is as in createEventType', async () => {
  expect(await parse({ eventTypes: [{ name: 'wallet.deposit', category: 'wallet' }] })).toEqual([
    entry('wallet.deposit', { category: 'wallet', displayName: 'Wallet deposit', description: '' }),
  ]);
});

test.each([
  ['not json', [expect.stringMatching(/^: Expected JSON: /)]],
  [[], [': Expected an object with a list "eventTypes"']],
  [{ eventTypes: {} }, [': Expected an object with a list "eventTypes"']],
  [{ eventTypes: [], version: 1 }, ['version: Expected "eventTypes" and nothing else']],
  [
    { eventTypes: ['a', null] },
    ['eventTypes[0]: Expected an object, got "a"', 'eventTypes[1]: Expected an object, got null'],
  ],
  [
    { eventTypes: [{ name: 3, displayName: null, archived: 'yes', schemas: {} }] },
    [
      expect.stringMatching(/^eventTypes\[0\]\.schemas: Unknown field; expected some of name, /),
      'eventTypes[0].name: Expected text, got "3"',
      'eventTypes[0].category: Expected text, got none',
      'eventTypes[0].displayName: Expected text, got null',
      'eventTypes[0].archived: Expected true or false, got "yes"',
    ],
  ],
  [
    {
      eventTypes: [
        { name: 'a', category: 'c' },
        { name: 'b', category: 'c' },
        { name: 'a', category: 'c' },
      ],
    },
    ['eventTypes[2].name: Expected each name once; eventTypes[0] has it too'],
  ],
  [
    {
      eventTypes: [
        { name: 'A', category: '', schema: { type: 'nothing' } },
        { name: 'b', category: 'c', schema: false, example: 1 },
      ],
    },
    [
      expect.stringMatching(/^eventTypes\[0\]\.name: Expected lower-case/),
      'eventTypes[0].category: Expected 1 to 64 characters, got none.',
      expect.stringMatching(/^eventTypes\[0\]\.schema: Expected a JSON Schema of draft 2020-12/),
      expect.stringMatching(/^eventTypes\[1\]\.example: Expected an example that satisfies the schema/),
    ],
  ],
])('every mistake of a file is found, case %#', async (file, mistakes) => {
  expect(await parse(file)).toEqual(mistakes);
});

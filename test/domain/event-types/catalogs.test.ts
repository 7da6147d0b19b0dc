import { expect, test } from 'vitest';
import { loadCatalog } from '../../../src/domain/event-types/catalogs.ts';
import { EVENT_TYPES, listed } from '../../support/reference/event-types.ts';

const namesOf = (catalog: keyof typeof EVENT_TYPES) => listed(EVENT_TYPES[catalog]).map(({ name }) => name);
const names = (...catalogs: string[]) =>
  loadCatalog(catalogs)
    .map((entry) => entry.name)
    .sort();

test.each([
  ['dakota', 39],
  ['dfns', 31],
  ['daya', 6],
] as const)('%s has exactly the %d event types of its document', (catalog, count) => {
  expect(namesOf(catalog)).toHaveLength(count);
  expect(names(catalog)).toEqual(namesOf(catalog).sort());
});

test('all catalogs together hold every name once: wallet.created is in two of them', () => {
  const all = names('dakota', 'dfns', 'daya');
  const documented = (['dakota', 'dfns', 'daya'] as const).flatMap(namesOf).sort();
  expect(all).toEqual([...new Set(documented)]);
  expect(all).toHaveLength(39 + 31 + 6 - 1);
});

test('the catalog named first has a name that two share', () => {
  const walletCreated = (...catalogs: string[]) => loadCatalog(catalogs).find(({ name }) => name === 'wallet.created');
  expect(walletCreated('dakota', 'dfns')).toBe(walletCreated('dakota'));
  expect(walletCreated('dfns', 'dakota')).toBe(walletCreated('dfns'));
  expect(walletCreated('dakota')).not.toBe(walletCreated('dfns'));
});

test('a catalog named twice counts once, and none gives none', () => {
  expect(names('daya', 'daya')).toEqual(namesOf('daya').sort());
  expect(loadCatalog([])).toEqual([]);
});

test.each(['stripe', 'Dakota', 'constructor', ''])(
  'refuses the unknown catalog %j and says which there are',
  (name) => {
    expect(() => loadCatalog(['daya', name])).toThrow('one of dakota, dfns, daya');
  },
);

test.each(loadCatalog(['dakota', 'dfns', 'daya']))('$name is whole', ({ name, category, displayName, ...entry }) => {
  expect(name).toMatch(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/);
  const categories = 'account compliance customer order recipient security trade transaction wallet webhook';
  expect(categories.split(' ')).toContain(category);
  expect(displayName).toMatch(/^[A-Z][\w -]{3,39}$/);
  expect(entry.description).toMatch(/^[A-Z].{15,118}\.$/);
  expect(Object.keys(entry.example).length).toBeGreaterThan(0);
  expect(JSON.parse(JSON.stringify(entry.example))).toEqual(entry.example);
  expect(JSON.stringify(entry.example).length).toBeLessThan(500);
});

test('no two event types of a catalog say the same', () => {
  for (const catalog of ['dakota', 'dfns', 'daya']) {
    const entries = loadCatalog([catalog]);
    expect(new Set(entries.map(({ displayName }) => displayName)).size).toBe(entries.length);
    expect(new Set(entries.map(({ description }) => description)).size).toBe(entries.length);
  }
});

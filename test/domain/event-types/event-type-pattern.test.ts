import { expect, test } from 'vitest';
import { loadCatalog } from '../../../src/domain/event-types/catalogs.ts';
import { patternsOf, standsFor } from '../../../src/domain/event-types/event-type-pattern.ts';

test('a pattern matches every type below its prefix, at any depth, and not the prefix itself', () => {
  const types = ['wallet', 'wallet.created', 'wallet.policy.updated', 'wallets.created', 'my.wallet.created'];
  expect(types.filter((type) => standsFor('wallet.*', type))).toEqual(['wallet.created', 'wallet.policy.updated']);
  expect(types.filter((type) => standsFor('wallet.policy.*', type))).toEqual(['wallet.policy.updated']);
});

test('a name matches the type of that name alone', () => {
  expect(standsFor('wallet.created', 'wallet.created')).toBe(true);
  expect(standsFor('wallet.created', 'wallet.created.late')).toBe(false);
  expect(standsFor('wallet', 'wallet.created')).toBe(false);
});

test.each(['*', '.*', '**', 'wallet*', 'wallet.**', '*.created', 'wallet.*.created', 'Wallet.*', '', 'wallet..*'])(
  '%j is no pattern and matches no type',
  (text) => {
    expect(['wallet', 'wallet.created', 'wallet.a.created'].filter((type) => standsFor(text, type))).toEqual([]);
  },
);

test('an event asks with its patterns, the narrowest first', () => {
  expect(patternsOf('wallet.policy.updated')).toEqual(['wallet.policy.*', 'wallet.*']);
  expect(patternsOf('wallet')).toEqual([]);
});

test('to ask with the patterns of a type is to compare it with each pattern', () => {
  const names = loadCatalog(['dakota', 'dfns', 'daya']).map(({ name }) => name);
  const patterns = [...new Set(names.flatMap(patternsOf))];
  expect(patterns.length).toBeGreaterThan(20);
  for (const name of names) {
    const matching = patterns.filter((pattern) => standsFor(pattern, name));
    expect(new Set(patternsOf(name))).toEqual(new Set(matching));
  }
});

import { expect, test } from 'vitest';
import { byCategory } from '../../../../src/console/ui/event-types/by-category.ts';

test('categories come by their names, and the types of each stay in their order', () => {
  const types = [
    { name: 'wallet.b', category: 'wallet' },
    { name: 'key.made', category: 'key' },
    { name: 'wallet.a', category: 'wallet' },
  ];
  expect(byCategory(types)).toEqual([
    ['key', [types[1]]],
    ['wallet', [types[0], types[2]]],
  ]);
});

import { expect, test } from 'vitest';
import { groupBy } from '../../../../src/console/ui/targets/group-by.ts';

test('items stand in the group of their key, in their order', () => {
  const groups = groupBy(['wallet.b', 'user.a', 'wallet.a'], (name) => name.split('.')[0]!);
  expect([...groups]).toEqual([
    ['wallet', ['wallet.b', 'wallet.a']],
    ['user', ['user.a']],
  ]);
});

import { expect, test } from 'vitest';
import { covers } from '../../../../src/console/ui/targets/covers.ts';

test('a pattern covers what is below it, and neither its own word nor longer words', () => {
  expect(
    ['wallet.created', 'wallet.policy.*', 'wallet', 'wallets.created'].map((one) => covers('wallet.*', one)),
  ).toEqual([true, true, false, false]);
});

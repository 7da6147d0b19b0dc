import { expect, test } from 'vitest';
import { namesAndPatterns } from '../../../src/console/api/names-and-patterns.ts';

test('each name is offered once, and so is each pattern above it', () => {
  expect(namesAndPatterns(['user.created', 'wallet.policy.updated', 'wallet.created'])).toEqual([
    'user.*',
    'user.created',
    'wallet.*',
    'wallet.created',
    'wallet.policy.*',
    'wallet.policy.updated',
  ]);
});

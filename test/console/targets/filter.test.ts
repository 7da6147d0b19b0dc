import { expect, test } from 'vitest';
import { keeps, toTargetFilter } from '../../../src/console/targets/filter.ts';
import type { TargetRowFragment } from '../../../src/console/generated/graphql.ts';

const TARGET: TargetRowFragment = {
  id: '31TgvvnYkN6edEJUTmF1LzTj2ug',
  name: null,
  url: 'https://Example.com/hooks',
  description: 'For the ledger',
  status: 'ACTIVE',
  disabledReason: null,
  deletedAt: null,
  failureCount: 0,
  timeLastHealthy: '2026-01-15T10:00:00.000Z',
  lastSuccessAt: null,
  lastFailureAt: null,
  lastFailureReason: null,
  deferredUntil: null,
};

test('a filter that restricts nothing is not sent', () => {
  expect(toTargetFilter({ status: [], search: '' })).toEqual({});
  expect(toTargetFilter({ status: ['PAUSED'], search: 'x' })).toEqual({ status: ['PAUSED'], search: 'x' });
});

test('a target that changed stays in the list by the same rules as in the service', () => {
  expect(keeps({ status: [], search: '' }, TARGET)).toBe(true);
  expect(keeps({ status: ['PAUSED'], search: '' }, TARGET)).toBe(false);
  expect(keeps({ status: [], search: 'EXAMPLE' }, TARGET)).toBe(true);
  expect(keeps({ status: [], search: 'ledger' }, TARGET)).toBe(true);
  expect(keeps({ status: [], search: 'led.er' }, TARGET)).toBe(false);
  expect(keeps({ status: [], search: '' }, { ...TARGET, deletedAt: TARGET.timeLastHealthy })).toBe(false);
});

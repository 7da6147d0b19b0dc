import { expect, test } from 'vitest';
import { countByStatus } from '../../../../src/console/events/one/count-by-status.ts';
import type { DeliveryStatus } from '../../../../src/console/generated/graphql.ts';

const count = (...statuses: DeliveryStatus[]): string => countByStatus(statuses.map((status) => ({ status })));

test('deliveries are counted by their status, and what there is none of is left out', () => {
  expect(count('PENDING', 'FAILED', 'DELIVERED', 'FAILED')).toBe('1 delivered, 2 failed, 1 pending');
  expect(count('CANCELLED', 'RETRYING')).toBe('1 retrying, 1 cancelled');
  expect(count()).toBe('');
});

import { expect, test } from 'vitest';
import { explainChange } from '../../../../src/console/deliveries/one/timeline-words.ts';

type Attempt = NonNullable<Parameters<typeof explainChange>[0]['attempt']>;
const attempt = (part: Partial<Attempt>) =>
  ({ number: 2, trigger: 'SCHEDULE', outcome: 'HTTP_ERROR', responseStatus: 500, ...part }) as Attempt;

test('a change that an attempt caused says what came of it, and whether it goes on', () => {
  const explain = (status: 'RETRYING' | 'FAILED' | 'DELIVERED', part: Partial<Attempt> = {}) =>
    explainChange({ previousStatus: 'RETRYING', status, attempt: attempt(part) });
  expect(explain('RETRYING')).toBe('Attempt 2: failed (500). It is tried again.');
  expect(explain('FAILED', { outcome: 'TIMEOUT', responseStatus: null })).toMatch(/Timed out.*No attempt is to come/);
  expect(explain('DELIVERED', { outcome: 'DELIVERED', responseStatus: 204, trigger: 'MANUAL' })).toBe(
    'Retry by hand 2: delivered (204)',
  );
});

test('changes without an attempt say what somebody did', () => {
  const explain = (previousStatus: 'FAILED' | 'PENDING' | null, status: 'PENDING' | 'RETRYING' | 'CANCELLED') =>
    explainChange({ previousStatus, status, attempt: null });
  expect(explain(null, 'PENDING')).toBe('Created');
  expect(explain('FAILED', 'RETRYING')).toBe('A retry was asked for');
  expect(explain('PENDING', 'CANCELLED')).toBe('Cancelled');
  expect(explain('PENDING', 'PENDING')).toMatch(/Released/);
});

import { expect, test } from 'vitest';
import { addChange, startHistory, withFacts } from '../../../../src/console/deliveries/one/history.ts';

type Facts = Parameters<typeof withFacts>[1];
type Change = Parameters<typeof addChange>[1];

const facts = (updatedAt: string, status = 'PENDING') => ({ id: 'd', status, updatedAt }) as Facts;
const attempt = (number: number, outcome = 'TIMEOUT') => ({ number, outcome }) as Change['attempt'] & {};
const change = (cursor: string, made: Change['attempt'] = null) => ({ cursor, attempt: made }) as Change;
const start = (changes: Change[], attempts: (Change['attempt'] & {})[] = []) =>
  startHistory({
    ...facts('2026-11-29T12:00:00Z'),
    attempts: { nodes: attempts, pageInfo: { hasPreviousPage: false } },
    changes: { nodes: changes, pageInfo: { hasPreviousPage: false } },
  });

test('a change adds itself, its attempt and the newest facts', () => {
  const later = facts('2026-11-29T12:00:01Z', 'RETRYING');
  const history = addChange(start([change('a')]), change('b', attempt(1)), later);
  expect(history.changes.map(({ cursor }) => cursor)).toEqual(['a', 'b']);
  expect(history.attempts).toEqual([attempt(1)]);
  expect(history.facts).toBe(later);
});

test('a change that the query had already is there once', () => {
  const history = addChange(
    start([change('a'), change('b')], [attempt(1)]),
    change('b', attempt(1)),
    facts('2026-11-29T12:00:00Z'),
  );
  expect(history.changes).toHaveLength(2);
  expect(history.attempts).toHaveLength(1);
});

test('an attempt that was corrected takes the place of the one before', () => {
  const history = addChange(
    start([], [attempt(1), attempt(3)]),
    change('c', attempt(2)),
    facts('2026-11-29T12:00:00Z'),
  );
  const corrected = addChange(history, change('d', attempt(2, 'DELIVERED')), facts('2026-11-29T12:00:00Z'));
  expect(corrected.attempts).toEqual([attempt(1), attempt(2, 'DELIVERED'), attempt(3)]);
});

test('an answer that was overtaken does not take back what is known', () => {
  const history = addChange(start([]), change('a'), facts('2026-11-29T12:00:05Z', 'DELIVERED'));
  expect(withFacts(history, facts('2026-11-29T12:00:04Z', 'RETRYING'))).toBe(history);
});

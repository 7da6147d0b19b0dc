/** How many bytes of bodies are in flight. */
import { expect, test } from 'vitest';
import { createLoans } from '../../../src/pipeline/deliver/loans.ts';

const KIB = 1_024;
const bodyOf = (organizationId: string, eventId: string, kib: number) => ({
  organizationId,
  eventId,
  bodyBytes: kib * KIB,
});

/** Takes bodies of an organization while there is room; returns how many. */
function fill(loans: ReturnType<typeof createLoans>, organizationId: string, kib: number): number {
  for (let count = 0; ; count++) {
    const body = bodyOf(organizationId, `${organizationId}${count}`, kib);
    if (count === 1_000 || !loans.hasRoom(body)) return count;
    loans.take(body);
  }
}

test('an organization alone has half of the bytes, and the next one half of what is left', () => {
  const loans = createLoans(64 * KIB);
  expect(fill(loans, 'a', 8)).toBe(4);
  expect(fill(loans, 'b', 8)).toBe(2);
  expect(fill(loans, 'c', 8)).toBe(1);
});

test('a body that many targets share counts once, until the last of its requests is over', () => {
  const loans = createLoans(64 * KIB);
  const shared = bodyOf('a', 'shared', 40);
  for (let target = 0; target < 1_000; target++) {
    expect(loans.hasRoom(shared)).toBe(true);
    loans.take(shared);
  }
  expect(loans.hasRoom(bodyOf('b', 'other', 30))).toBe(false);
  expect(loans.hasRoom(bodyOf('b', 'other', 24))).toBe(true);
  for (let target = 0; target < 999; target++) loans.give(shared);
  expect(loans.hasRoom(bodyOf('b', 'other', 30))).toBe(false);
  loans.give(shared);
  expect(loans.hasRoom(bodyOf('b', 'other', 64))).toBe(true);
});

test('a body that is larger than all there is goes alone, and small ones always go', () => {
  const loans = createLoans(64 * KIB);
  const huge = bodyOf('a', 'huge', 8_192);
  expect(loans.hasRoom(huge)).toBe(true);
  loans.take(huge);
  expect(loans.hasRoom(bodyOf('b', 'large', 5))).toBe(false);
  expect(loans.hasRoom(bodyOf('b', 'small', 4))).toBe(true);
  loans.give(huge);
  expect(loans.hasRoom(bodyOf('b', 'large', 5))).toBe(true);
});

test('the text of a body is kept while it is lent, and no longer', () => {
  const loans = createLoans(64 * KIB);
  loans.keep('e', 'too early');
  expect(loans.get('e')).toBeUndefined();
  loans.take(bodyOf('a', 'e', 1));
  loans.keep('e', 'text');
  expect(loans.get('e')).toBe('text');
  loans.give(bodyOf('a', 'e', 1));
  expect(loans.get('e')).toBeUndefined();
});

import { expect, test } from 'vitest';
import { createTurnQueue } from '../../src/domain/turn-queue.ts';

test('owners take turns, and the items of each come in their order', () => {
  const queue = createTurnQueue<string>();
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.add(item[0]!, item);
  expect(Array.from({ length: 3 }, () => queue.take())).toEqual(['a1', 'b1', 'c1']);
  queue.add('d', 'd1');
  expect(Array.from({ length: 5 }, () => queue.take())).toEqual(['a2', 'b2', 'd1', 'a3', undefined]);
  expect(queue.isEmpty).toBe(true);
});

/** What thousands of subscribers cost: turns that are left to others. */
import { expect, test } from 'vitest';
import { createEventLoopShare } from '../../../src/server/streams/event-loop-share.ts';

test('turns let a few in at once, and the others in order, a few in each turn of the event loop', async () => {
  const turns = createEventLoopShare(2);
  const log: string[] = [];
  const enter = async (name: string) => {
    await turns.take();
    log.push(name);
  };
  const all = ['a', 'b', 'c', 'd', 'e'].map(enter);
  await new Promise(setImmediate);
  log.push('|');
  await Promise.all(all);
  expect(log.join('')).toBe('abcd|e');
});

test('owners take turns: the work of one waits behind one of each other owner, however many they have', async () => {
  const turns = createEventLoopShare(2);
  const log: string[] = [];
  const enter = async (owner: string, name: string) => {
    await turns.take(owner);
    log.push(name);
  };
  const crowd = Array.from({ length: 10 }, (_, number) => enter('crowd', `c${number}`));
  await enter('other', 'other');
  expect(log).toEqual(['c0', 'c1', 'c2', 'other']);
  await Promise.all(crowd);
  expect(log).toHaveLength(11);
});

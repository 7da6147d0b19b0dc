/** What thousands of subscribers cost: turns that are left to others. */
import { expect, test } from 'vitest';
import { createEventLoopShare } from '../../../src/server/streams/event-loop-share.ts';

test('turns let a few in at once, and the others in order, a few in each turn of the event loop', async () => {
  const turns = createEventLoopShare(2, () => 0);
  const log: string[] = [];
  const enter = async (name: string) => turns.run('owner', () => void log.push(name));
  const all = ['a', 'b', 'c', 'd', 'e'].map(enter);
  await new Promise(setImmediate);
  log.push('|');
  await Promise.all(all);
  expect(log.join('')).toBe('abcd|e');
});

test('owners take turns: the work of one waits behind one of each other owner, however many they have', async () => {
  const turns = createEventLoopShare(2, () => 0);
  const log: string[] = [];
  const enter = async (owner: string, name: string) => turns.run(owner, () => void log.push(name));
  const crowd = Array.from({ length: 10 }, (_, number) => enter('crowd', `c${number}`));
  await enter('other', 'other');
  expect(log).toEqual(['c0', 'c1', 'c2', 'other']);
  await Promise.all(crowd);
  expect(log).toHaveLength(11);
});

test('answers that work begins besides its own count in its turn', async () => {
  const turns = createEventLoopShare(4, () => 0);
  const log: string[] = [];
  const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(async (name) =>
    turns.run('owner', () => {
      log.push(name);
      if (name === 'b') turns.spend(2);
    }),
  );
  expect(log).toEqual(['a', 'b']); // With two more of b, this turn is full.
  await Promise.all(all);
  expect(log.join('')).toBe('abcdefg');
});

test('in a turn that took the others long, answers may take as long', async () => {
  let nowMs = 0;
  const turns = createEventLoopShare(1, () => nowMs);
  const log: string[] = [];
  const enter = async (name: string) =>
    turns.run('owner', () => {
      nowMs += 2; // What an answer takes.
      log.push(name);
    });
  const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(enter);
  expect(log).toEqual(['a']);
  nowMs += 8; // Everything else.
  await new Promise(setImmediate);
  expect(log).toEqual(['a', 'b', 'c', 'd', 'e']);
  await Promise.all(all);
  expect(log.join('')).toBe('abcdefgh');
});

test('work that fails rejects its own run, and the others go on', async () => {
  const turns = createEventLoopShare(1, () => 0);
  await turns.run('owner', () => {});
  const failing = turns.run('owner', () => {
    throw new Error('no answer');
  });
  const next = turns.run('owner', () => 'an answer');
  await expect(failing).rejects.toThrow('no answer');
  expect(await next).toBe('an answer');
});

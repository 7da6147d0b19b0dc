/** Who is loud, and who is quiet beside: by what they took of the event loop. */
import { expect, test } from 'vitest';
import { createNeighbours } from '../../src/fairness/neighbours.ts';

test.each([
  ['an organization that takes much, alone', { loud: 300 }, ['loud'], false],
  ['one that takes little, beside one that takes much', { loud: 300, quiet: 1 }, ['loud'], true],
  ['one that takes a third as much', { loud: 390, other: 130 }, ['loud'], true],
  ['one that takes half as much', { loud: 390, other: 195 }, ['loud', 'other'], false],
  ['two that take little', { one: 15, other: 1 }, [], false],
  ['two that take much, and one that takes little', { one: 300, other: 600, quiet: 3 }, ['one', 'other'], true],
])('%s', (_, used: Record<string, number>, loud: string[], expected) => {
  const neighbours = createNeighbours();
  for (const [name, ms] of Object.entries(used)) for (let i = 0; i < 10; i++) neighbours.note(name, ms / 10, 0);
  expect(Object.keys(used).filter((name) => neighbours.isLoud(name, 0))).toEqual(loud);
  expect(neighbours.hasQuietBesideLoud(0)).toBe(expected);
});

test('half of what an organization took is forgotten in a second', () => {
  const neighbours = createNeighbours();
  neighbours.note('loud', 200, 0);
  neighbours.note('quiet', 1, 0);
  expect(neighbours.hasQuietBesideLoud(1_000)).toBe(true);
  expect(neighbours.hasQuietBesideLoud(1_050)).toBe(false);
});

test('an organization that was held back is loud at once when it comes back within a minute', () => {
  const neighbours = createNeighbours();
  neighbours.note('held', 1, 0);
  neighbours.holdBack('held', 0);
  const comeBack = (nowMs: number) => {
    for (const name of ['held', 'quiet']) neighbours.note(name, 1, nowMs);
    return neighbours.isLoud('held', nowMs);
  };
  expect(neighbours.isLoud('held', 30_000)).toBe(false); // It is not active.
  expect(comeBack(59_900)).toBe(true);
  expect(comeBack(60_000)).toBe(false);
});

test('beside an organization that is held back, another one is quiet until it takes a third of all there is', () => {
  const neighbours = createNeighbours();
  neighbours.note('held', 1, 0);
  neighbours.holdBack('held', 0);
  neighbours.note('other', 480, 0);
  expect(neighbours.isLoud('other', 0)).toBe(false);
  neighbours.note('other', 10, 50);
  neighbours.note('other', 20, 50);
  expect(neighbours.isLoud('other', 50)).toBe(true);
});

test('an organization that does nothing for ten seconds is no neighbour any more', () => {
  const neighbours = createNeighbours();
  const noteLoud = (nowMs: number) => neighbours.note('loud', 200, nowMs);
  neighbours.note('quiet', 1, 0);
  noteLoud(10_000);
  expect(neighbours.hasQuietBesideLoud(10_000)).toBe(true);
  noteLoud(10_100);
  expect(neighbours.hasQuietBesideLoud(10_100)).toBe(false);
});

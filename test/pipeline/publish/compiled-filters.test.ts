/** The cache of compiled filters: bounded, and of use even when it is too small. */
import { expect, test } from 'vitest';
import { bytesOf, compileFilter } from '../../../src/domain/filter/compile-filter.ts';
import { createCompiledFilters } from '../../../src/pipeline/publish/compiled-filters.ts';

const MINUTE = 60_000;
const filter = compileFilter({ where: { path: ['data', 'amount'], greaterThan: '1' } });
const ROOM_FOR_TEN = 10 * (bytesOf(filter) + 200);

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, nth) => `version ${from + nth}`);

function setup() {
  const cache = createCompiledFilters(ROOM_FOR_TEN);
  const add = (from: number, to: number, nowMs: number) => {
    for (const name of names(from, to)) cache.add(name, filter, nowMs);
  };
  const known = (from: number, to: number, nowMs: number) =>
    names(from, to).filter((name) => cache.get(name, nowMs) === filter).length;
  return { add, known };
}

test('it holds what its memory has room for', () => {
  const t = setup();
  t.add(0, 8, 0);
  t.add(0, 8, 1);
  expect(t.known(0, 8, 2)).toBe(8);
});

test('filters that are all in use are kept, and further ones left out: each event asks for the same', () => {
  const t = setup();
  t.add(0, 20, 0);
  for (const nowMs of [1, MINUTE, 2 * MINUTE]) {
    expect(t.known(0, 10, nowMs)).toBe(10);
    t.add(10, 20, nowMs);
    expect(t.known(10, 20, nowMs)).toBe(0);
  }
});

test('a filter that nobody has asked for a minute makes room', () => {
  const t = setup();
  t.add(0, 10, 0);
  expect(t.known(0, 3, MINUTE)).toBe(3);
  t.add(10, 20, MINUTE + 1);
  expect(t.known(0, 3, MINUTE + 1)).toBe(3);
  expect(t.known(3, 10, MINUTE + 1)).toBe(0);
  expect(t.known(10, 20, MINUTE + 1)).toBe(7);
});

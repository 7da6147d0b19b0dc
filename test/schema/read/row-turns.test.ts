/** What an operation leaves to others between the rows that it was given. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRowTurns, inRowTurns, ROWS_PER_TURN } from '../../../src/schema/read/row-turns.ts';
import type { SharedReading } from '../../../src/database/read/readings.ts';
import { loadersIn, type Loaders } from '../../../src/schema/read/loaders.ts';
import { Reads } from '../../../src/schema/read/reads.ts';

/** Pauses that end when the test says so. */
function createPauses() {
  const open: PromiseWithResolvers<void>[] = [];
  const pause = () => {
    const one = Promise.withResolvers<void>();
    open.push(one);
    return one.promise;
  };
  return { open, pause };
}

test('rows that come together are given some at a time, in their order, with a pause before each of the times', async () => {
  const { open, pause } = createPauses();
  const inTurn = createRowTurns(pause);
  const given: number[] = [];
  const rows = Array.from({ length: 3 * ROWS_PER_TURN }, (_, nth) => nth);
  for (const nth of rows) void inTurn(Promise.resolve(nth)).then((row) => given.push(row));
  for (let turns = 0; turns <= 3; turns++) {
    await nextTurn();
    expect(given).toEqual(rows.slice(0, turns * ROWS_PER_TURN));
    expect(open).toHaveLength(Math.min(turns + 1, 3));
    open[turns]?.resolve();
  }
});

test('fifty thousand rows, as many as an operation may ask for, take less than 350 pauses', async () => {
  let pauses = 0;
  const inTurn = createRowTurns(async () => void pauses++);
  const rows = Array.from({ length: 50_000 }, (_, nth) => inTurn(Promise.resolve(nth)));
  expect(await Promise.all(rows)).toHaveLength(50_000);
  expect(pauses).toBeGreaterThan(64);
  expect(pauses).toBeLessThan(350);
});

test('without a pause, all are given at once', async () => {
  const inTurn = createRowTurns(() => undefined);
  let given = 0;
  for (let nth = 0; nth < 3 * ROWS_PER_TURN; nth++) void inTurn(Promise.resolve(nth)).then(() => given++);
  await nextTurn();
  expect(given).toBe(3 * ROWS_PER_TURN);
});

test('a row that cannot be loaded fails its own field', async () => {
  const inTurn = createRowTurns(() => undefined);
  await expect(inTurn(Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(await inTurn(Promise.resolve('there'))).toBe('there');
});

test('every loader is slowed, and answers what it did', async () => {
  const { open, pause } = createPauses();
  const loaders = {
    event: { load: async (key: { id: string }) => ({ id: key.id }) },
    count: async (selection: string, more: number) => [selection, more],
  } as unknown as Loaders;
  const slowed = inRowTurns(loaders, pause) as unknown as typeof loaders & { count(a: string, b: number): unknown };
  const asked = Promise.all([slowed.event.load({ id: 'e1', organizationId: null }), slowed.count('all', 2)]);
  await nextTurn();
  open[0]!.resolve();
  expect(await asked).toEqual([{ id: 'e1' }, ['all', 2]]);
});

test('an operation reads as ever while nobody is held back, and in turns as soon as somebody is', () => {
  const reading = {} as SharedReading;
  const share = { isStrained: false, pause: () => undefined };
  const [shared, free] = [new Reads({ join: () => reading }, share), new Reads({ join: () => reading })];
  expect(shared.loaders).toBe(loadersIn(reading));
  share.isStrained = true;
  const asked = Array.from({ length: ROWS_PER_TURN }, () => shared.loaders);
  expect(asked.at(-1)).not.toBe(loadersIn(reading));
  expect(free.loaders).toBe(loadersIn(reading));
});

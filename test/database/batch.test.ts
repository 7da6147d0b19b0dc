import { expect, test } from 'vitest';
import { createBatch, type Gather } from '../../src/database/batch.ts';

type Setup = {
  parallel?: number;
  maxWeight?: number;
  isHeldBack?: (item: number) => boolean;
  gather?: Gather;
};

/** A batch whose runs the test ends by hand. */
function setup({ parallel = 1, maxWeight = 10, isHeldBack = () => false, gather }: Setup = {}) {
  const runs: { items: number[]; finish: () => void; fail: (error: Error) => void }[] = [];
  const batch = createBatch<number, string>({
    parallel,
    maxWeight,
    weigh: () => 1,
    isHeldBack,
    gather,
    run: (items) =>
      new Promise((resolve, reject) => {
        runs.push({ items, finish: () => resolve(items.map((item) => `out ${item}`)), fail: reject });
      }),
  });
  const add = (...items: number[]) => items.map((item) => batch.add(item));
  const turn = () => new Promise<void>((done) => setImmediate(done));
  return { batch, runs, add, turn };
}

test('calls of one turn share a batch, and each gets its own outcome', async () => {
  const t = setup();
  const outs = t.add(1, 2, 3);
  await t.turn();
  expect(t.runs.map((run) => run.items)).toEqual([[1, 2, 3]]);
  t.runs[0]!.finish();
  expect(await Promise.all(outs)).toEqual(['out 1', 'out 2', 'out 3']);
});

test('calls during a batch make up the next one', async () => {
  const t = setup();
  t.add(1);
  await t.turn();
  t.add(2, 3);
  await t.turn();
  expect(t.runs).toHaveLength(1);
  t.runs[0]!.finish();
  await t.turn();
  expect(t.runs.map((run) => run.items)).toEqual([[1], [2, 3]]);
});

test('a batch takes no more than its weight, and a second one beside it takes the rest at once', async () => {
  const t = setup({ parallel: 2, maxWeight: 2 });
  t.add(1, 2, 3, 4, 5);
  await t.turn();
  expect(t.runs.map((run) => run.items)).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('calls that are held back share no batch with others, and leave a batch to them', async () => {
  const t = setup({ parallel: 2, isHeldBack: (item) => item >= 10 });
  const [first, second] = [t.add(10, 1, 11), t.add(12, 2)];
  await t.turn();
  expect(t.runs.map((run) => run.items)).toEqual([
    [10, 11, 12],
    [1, 2],
  ]);
  t.add(13);
  t.runs[1]!.finish();
  await t.turn();
  expect(t.runs).toHaveLength(2); // 13 waits for the batch of its kind.
  t.add(3);
  await t.turn();
  expect(t.runs[2]!.items).toEqual([3]);
  t.runs[0]!.finish();
  await t.turn();
  expect(t.runs[3]!.items).toEqual([13]);
  for (const { finish } of t.runs) finish();
  expect(await Promise.all([...first, ...second])).toEqual(['out 10', 'out 1', 'out 11', 'out 12', 'out 2']);
  await t.batch.idle();
});

test('calls that are held back go on one batch after another while nobody else calls', async () => {
  const t = setup({ parallel: 2, maxWeight: 1, isHeldBack: () => true });
  const outs = t.add(10, 11, 12);
  for (let nth = 0; nth < 3; nth++) {
    await t.turn();
    expect(t.runs).toHaveLength(nth + 1);
    t.runs[nth]!.finish();
  }
  expect(await Promise.all(outs)).toEqual(['out 10', 'out 11', 'out 12']);
});

test('a failed batch rejects its own calls only', async () => {
  const t = setup();
  const [first] = t.add(1);
  await t.turn();
  const [second] = t.add(2);
  t.runs[0]!.fail(new Error('no'));
  await expect(first).rejects.toThrow('no');
  await t.turn();
  t.runs[1]!.finish();
  expect(await second).toBe('out 2');
});

test('idle waits for what is queued and under way', async () => {
  const t = setup();
  await t.batch.idle();
  t.add(1);
  let isIdle = false;
  const idle = t.batch.idle().then(() => (isIdle = true));
  await t.turn();
  expect(isIdle).toBe(false);
  t.runs[0]!.finish();
  await idle;
});

test('a batch that follows another one may wait for more, and the first waits for nothing', async () => {
  const gathered = Promise.withResolvers<void>();
  const asked: number[] = [];
  const t = setup({ gather: (waiting) => (asked.push(waiting), gathered.promise) });
  t.add(1);
  await t.turn();
  expect(t.runs.map((run) => run.items)).toEqual([[1]]);
  t.add(2);
  t.runs[0]!.finish();
  await t.turn();
  t.add(3);
  await t.turn();
  expect([t.runs.length, asked]).toEqual([1, [1]]);
  gathered.resolve();
  await t.turn();
  expect(t.runs.map((run) => run.items)).toEqual([[1], [2, 3]]);
  t.runs[1]!.finish();
  await t.batch.idle();
  expect(asked).toEqual([1]);
});

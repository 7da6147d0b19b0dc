import { expect, test } from 'vitest';
import type { SchemaThread } from '../../../src/domain/schemas/thread.ts';
import { createThreadQueue } from '../../../src/domain/schemas/thread-queue.ts';

/** A queue whose work ends when the test says so. */
function setup(threads: number) {
  const queue = createThreadQueue(threads, () => ({ close: async () => {} }) as SchemaThread);
  const started: { name: string; end: (spentMs: number) => Promise<void> }[] = [];
  const run = (organizationId: string, name: string, size = 1) =>
    queue.run(organizationId, size, async () => {
      const spentMs = await new Promise<number>((resolve) => {
        const end = async (ms: number) => {
          resolve(ms);
          await new Promise((turn) => setImmediate(turn));
        };
        started.push({ name, end });
      });
      return { spentMs };
    });
  return { run, started, names: () => started.map(({ name }) => name) };
}

test('an organization has one thread at a time, and the others have the other one', async () => {
  const { run, started, names } = setup(2);
  const all = [run('a', 'a1'), run('a', 'a2'), run('b', 'b1'), run('b', 'b2')];
  expect(names()).toEqual(['a1', 'b1']);
  for (let index = 0; index < 4; index++) await started[index]!.end(1);
  expect(await Promise.all(all)).toHaveLength(4);
});

test('the organization that was given the least time is next', async () => {
  const { run, started, names } = setup(1);
  const all = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'].map((name) => run(name[0]!, name));
  for (let index = 0; index < 6; index++) await started[index]!.end(names()[index]!.startsWith('a') ? 100 : 10);
  expect(names()).toEqual(['a1', 'b1', 'b2', 'b3', 'a2', 'a3']);
  await Promise.all(all);
});

test('what an organization has waiting is bounded, and SERVICE_UNAVAILABLE beyond', async () => {
  const { run, names } = setup(1);
  const full = { code: 'SERVICE_UNAVAILABLE' };
  for (let count = 0; count <= 100; count++) void run('a', `a${count}`);
  await expect(run('a', 'one more')).rejects.toMatchObject(full);
  void run('b', 'large', 9 * 2 ** 20);
  await expect(run('b', 'larger', 8 * 2 ** 20)).rejects.toMatchObject(full);
  expect(names()).toEqual(['a0']);
});

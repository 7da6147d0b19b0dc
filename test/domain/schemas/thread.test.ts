/** A thread that fails while it has nothing to do: neither the process nor the next job hears of it. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createSchemaThread } from '../../../src/domain/schemas/thread.ts';

const ITEMS = [{ schema: { key: 1, text: '{"type":"string"}' }, dataText: '1' }];
const BUDGET_MS = 1_000;

async function setup() {
  const thread = createSchemaThread();
  const started = once(process, 'worker');
  const first = await thread.check(ITEMS, BUDGET_MS);
  const [worker] = (await started) as [Worker];
  return { thread, worker, first, [Symbol.asyncDispose]: () => thread.close() };
}

test('a thread that ended between two jobs is followed by another one, at once and with its schemas', async () => {
  await using t = await setup();
  expect(t.first?.violations).toEqual(['the data must be string']);
  await t.worker.terminate();
  // One that waited for the thread that is gone would wait for its deadline, 30 s, and then be undefined.
  expect((await t.thread.check(ITEMS, BUDGET_MS))?.violations).toEqual(t.first?.violations);
});

test('an error of a thread between two jobs does not end the process', async () => {
  await using t = await setup();
  expect(() => t.worker.emit('error', new Error('out of memory'))).not.toThrow();
});

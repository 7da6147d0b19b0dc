/** What Node 22 lacks does the same as what Node 24 has, as far as the code uses it. */
import { expect, test } from 'vitest';
import { DisposableParts, promiseTry, SuppressedFailure } from '../../src/app/older-node.ts';

const STACKS = [
  ['that of Node', AsyncDisposableStack],
  ['ours', DisposableParts],
] as const;

const named = (error: unknown): unknown =>
  error instanceof SuppressedError || error instanceof SuppressedFailure
    ? { error: named(error.error), suppressed: named(error.suppressed) }
    : (error as Error).message;

test.each(STACKS)('%s disposes of the last part first, once, and keeps every failure', async (_, Stack) => {
  const parts = new Stack();
  const order: string[] = [];
  const part = (name: string) => async () => {
    order.push(name);
    if (name !== 'fine') throw new Error(name);
  };
  parts.defer(part('first'));
  parts.defer(part('fine'));
  parts.use({ [Symbol.asyncDispose]: part('third') });
  parts.defer(part('last'));
  expect(parts.disposed).toBe(false);
  const failure = await parts.disposeAsync().catch(named);
  expect(order).toEqual(['last', 'third', 'fine', 'first']);
  expect(failure).toEqual({ error: 'first', suppressed: { error: 'third', suppressed: 'last' } });
  expect(parts.disposed).toBe(true);
  await parts.disposeAsync();
  expect(order).toHaveLength(4);
  expect(() => parts.defer(() => {})).toThrow(ReferenceError);
});

test.each(STACKS)('%s takes each kind of part, and gives it back', async (_, Stack) => {
  await using parts = new Stack();
  const order: string[] = [];
  const named = { name: 'named' };
  const later = { [Symbol.asyncDispose]: async () => void order.push('later') };
  const atOnce = { [Symbol.dispose]: () => void order.push('at once') };
  expect(parts.adopt(named, async ({ name }) => void order.push(name))).toBe(named);
  expect(parts.use(later)).toBe(later);
  expect(parts.use(atOnce)).toBe(atOnce);
  expect([parts.use(null), parts.use(undefined)]).toEqual([null, undefined]);
  await parts.disposeAsync();
  expect(order).toEqual(['at once', 'later', 'named']);
});

test.each(STACKS)('%s hands its parts on, and is empty then', async (_, Stack) => {
  const order: string[] = [];
  let moved: AsyncDisposableStack;
  {
    await using parts = new Stack();
    parts.defer(() => void order.push('part'));
    moved = parts.move();
  }
  expect(order).toEqual([]);
  await moved[Symbol.asyncDispose]();
  expect(order).toEqual(['part']);
});

const TRIES: readonly (readonly [string, typeof promiseTry])[] = [
  ['that of Node', (...call) => Promise.try(...call)],
  ['ours', promiseTry],
];

test.each(TRIES)('Promise.try, %s, gives arguments on, and makes what is thrown a rejection', async (_, attempt) => {
  expect(await attempt((one: number, other: number) => one + other, 1, 2)).toBe(3);
  const fails = () => {
    throw new Error('no');
  };
  await expect(attempt(fails)).rejects.toThrow('no');
});

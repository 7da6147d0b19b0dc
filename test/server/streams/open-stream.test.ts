import { expect, test } from 'vitest';
import { OpenStream } from '../../../src/server/streams/open-stream.ts';

/** A stream of numbers that come when the test says so. */
function setup() {
  const steps: PromiseWithResolvers<IteratorResult<number, undefined>>[] = [];
  const log: string[] = [];
  const stream = new OpenStream({
    source: {
      next() {
        steps.push(Promise.withResolvers());
        return steps.at(-1)!.promise;
      },
      return: async () => (log.push('source told'), { value: undefined, done: true }),
    },
    inTurn: (work) => work(),
    answer: (number) => ({ data: { number } }),
    present: (error) => new Error(`shown: ${(error as Error).message}`),
    onEnd: () => void log.push('ended'),
  });
  const give = (value: number) => steps.at(-1)!.resolve({ value, done: false });
  return { stream, steps, log, give };
}

const DONE = { value: undefined, done: true };
const LAST = { data: { number: -1 } };

test('a reader that waits is given the last result at once, then the end', async () => {
  const { stream, log } = setup();
  const waiting = stream.next();
  stream.end(LAST);
  expect(await waiting).toEqual({ value: LAST, done: false });
  expect(await stream.next()).toEqual(DONE);
  expect(log).toEqual(['ended', 'source told']);
});

test('a reader that has not asked yet is given the last result when it does', async () => {
  const { stream, give } = setup();
  const first = stream.next();
  give(1);
  expect(await first).toEqual({ value: { data: { number: 1 } }, done: false });
  stream.end(LAST);
  expect(await stream.next()).toEqual({ value: LAST, done: false });
  expect(await stream.next()).toEqual(DONE);
});

test('what comes after the end is dropped', async () => {
  const { stream, give, log } = setup();
  const waiting = stream.next();
  stream.end();
  give(1);
  expect(await waiting).toEqual(DONE);
  expect(await stream.next()).toEqual(DONE);
  stream.end(LAST);
  expect(log).toEqual(['ended', 'source told']);
});

test('a source that fails ends the stream with what may be shown of it', async () => {
  const { stream, steps, log } = setup();
  const waiting = stream.next();
  steps[0]!.reject(new Error('hunter2'));
  await expect(waiting).rejects.toThrow('shown: hunter2');
  expect(await stream.next()).toEqual(DONE);
  expect(log).toEqual(['ended', 'source told']);
});

test('a reader that leaves ends the stream, and is given no last result', async () => {
  const { stream, log } = setup();
  expect(await stream.return()).toEqual(DONE);
  expect(await stream.next()).toEqual(DONE);
  expect(log).toEqual(['ended', 'source told']);
});

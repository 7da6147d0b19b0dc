import { expect, test } from 'vitest';
import { createRounds } from '../../src/pipeline/rounds.ts';

function setup(round: (index: number) => Promise<boolean>) {
  const errors: unknown[] = [];
  let count = 0;
  let ended = Promise.withResolvers<void>();
  const rounds = createRounds({
    round: () => round(++count),
    onError: (error) => errors.push(error),
    onEnd: () => ended.resolve(),
  });
  return {
    ...{ rounds, errors },
    count: () => count,
    async end() {
      await ended.promise;
      ended = Promise.withResolvers();
    },
  };
}

test('all who ask in one turn of the event loop share a round', async () => {
  const t = setup(async () => false);
  for (let asked = 0; asked < 10; asked++) t.rounds.ask();
  expect(t.rounds.isRunning).toBe(true);
  await t.end();
  expect(t.count()).toBe(1);
  expect(t.rounds.isRunning).toBe(false);
});

test('whoever asks during a round gets one more, and never two at once', async () => {
  let running = 0;
  const t = setup(async (index) => {
    expect(++running).toBe(1);
    if (index === 1) for (let asked = 0; asked < 3; asked++) t.rounds.ask();
    await null;
    running--;
    return false;
  });
  t.rounds.ask();
  await t.end();
  expect(t.count()).toBe(2);
});

test('a round that wants another one gets it', async () => {
  const t = setup(async (index) => index < 4);
  t.rounds.ask();
  await t.end();
  expect(t.count()).toBe(4);
});

test('a round that fails is reported and not repeated, until somebody asks', async () => {
  const t = setup(async (index) => {
    if (index === 1) throw new Error('no');
    return false;
  });
  t.rounds.ask();
  await t.end();
  expect([t.count(), t.errors]).toEqual([1, [new Error('no')]]);
  t.rounds.ask();
  await t.end();
  expect(t.count()).toBe(2);
});

import pg from 'pg';
import { expect, test } from 'vitest';
import { OutcomeUnknown } from '../../../src/database/commit.ts';
import { createRounds } from '../../../src/pipeline/dispatch/rounds.ts';

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
    rounds,
    errors,
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

test('a round that a deadlock ended is made again, and is no error', async () => {
  const t = setup(async (index) => {
    if (index === 1) throw Object.assign(new pg.DatabaseError('deadlock', 0, 'error'), { code: '40P01' });
    return false;
  });
  t.rounds.ask();
  await t.end();
  expect([t.count(), t.errors]).toEqual([2, []]);
});

test('after a commit of unknown outcome, the next round begins when the server has ended it', async () => {
  const ended = Promise.withResolvers<void>();
  const t = setup(async (index) => {
    if (index === 1) throw new OutcomeUnknown(new Error('lost'), ended.promise);
    return false;
  });
  t.rounds.ask();
  await new Promise((resolve) => setImmediate(resolve));
  t.rounds.ask();
  await new Promise((resolve) => setImmediate(resolve));
  expect([t.count(), t.errors.length, t.rounds.isRunning]).toEqual([1, 1, true]);
  ended.resolve();
  await t.end();
  expect(t.count()).toBe(2);
});

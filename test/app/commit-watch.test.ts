import { DatabaseError } from 'pg';
import { expect, test } from 'vitest';
import { createCommitWatch } from '../../src/app/commit-watch.ts';
import { OutcomeUnknown } from '../../src/database/commit.ts';

/** Commits that the test ends by hand. */
function setup() {
  let nowMs = 0;
  const watch = createCommitWatch({ monotonicMs: () => nowMs });
  const open: PromiseWithResolvers<void>[] = [];
  const commit = watch.watched(() => {
    const ending = Promise.withResolvers<void>();
    open.push(ending);
    return ending.promise;
  });
  return {
    watch,
    begin: () => void commit().catch(() => {}),
    /** Ends the oldest. */
    async end(error?: Error) {
      if (error) open.shift()!.reject(error);
      else open.shift()!.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    },
    pass: (ms: number) => (nowMs += ms),
  };
}

test('a commit that has been pending for six seconds is stalled, until it ends', async () => {
  const t = setup();
  t.begin();
  t.pass(5_999);
  expect(t.watch.isStalled()).toBe(false);
  t.pass(1);
  expect(t.watch.isStalled()).toBe(true);
  t.begin();
  await t.end();
  expect(t.watch.isStalled()).toBe(false); // The second one is young.
});

test('a commit of unknown outcome is pending for as long as the server works on it', async () => {
  const t = setup();
  const ended = Promise.withResolvers<void>();
  t.begin();
  await t.end(new OutcomeUnknown(new Error('lost'), ended.promise));
  t.pass(60_000);
  expect(t.watch.isStalled()).toBe(true);
  ended.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(t.watch.isStalled()).toBe(false);
});

test('commits that have failed for six seconds are stalled, until one succeeds', async () => {
  const t = setup();
  for (let ms = 0; ms < 6_000; ms += 2_000) {
    t.begin();
    await t.end(new Error('Connection terminated'));
    expect(t.watch.isStalled()).toBe(false);
    t.pass(2_000);
  }
  expect(t.watch.isStalled()).toBe(true);
  t.begin();
  await t.end();
  expect(t.watch.isStalled()).toBe(false);
});

test('failures are forgotten after ten seconds, because nobody calls an unready process', async () => {
  const t = setup();
  for (let count = 0; count < 2; count++) {
    t.begin();
    await t.end(new Error('Connection terminated'));
    t.pass(6_000);
  }
  expect(t.watch.isStalled()).toBe(true);
  t.pass(4_000);
  expect(t.watch.isStalled()).toBe(false);
});

test('what Postgres refuses says nothing about commits', async () => {
  const t = setup();
  for (let count = 0; count < 5; count++) {
    t.begin();
    await t.end(Object.assign(new DatabaseError('duplicate key', 0, 'error'), { code: '23505' }));
    t.pass(2_000);
  }
  expect(t.watch.isStalled()).toBe(false);
});

/** Answers are prepared ahead of a subscriber: together, in order, and no more than is bounded. */
import type { ExecutionResult } from 'graphql';
import { expect, test } from 'vitest';
import { LookAhead } from '../../../src/server/streams/look-ahead.ts';
import { createSharedAnswers } from '../../../src/server/streams/shared-answers.ts';
import { createWideStreams } from '../../../src/server/streams/wide-streams.ts';

type Numbered = { readonly number: number };
type Options = { readonly text?: string; readonly places?: number };

/** A source of changes that the test takes; answers are made when the test says so. */
function setup({ text = '', places = 1 }: Options = {}) {
  let upcoming: Numbered[] = [];
  let made = 0;
  const pages: { readonly changes: Numbered[]; readonly settle: () => void; readonly fail: () => void }[] = [];
  const answerAll = (asked: readonly unknown[]) => {
    const changes = asked as Numbered[];
    const { promise, resolve } = Promise.withResolvers<ExecutionResult[]>();
    pages.push({
      changes,
      settle: () => resolve(changes.map(({ number }) => ({ data: { number, text } }))),
      fail: () => resolve(changes.map(() => ({ data: null, errors: [] }))),
    });
    return promise;
  };
  const spent: number[] = [];
  const lookAhead = new LookAhead({
    upcoming: () => upcoming,
    shared: createSharedAnswers(),
    question: 'q',
    answerAll,
    spend: (answers) => void spent.push(answers),
    wide: createWideStreams(places, () => 0),
  });
  return {
    pages,
    spent,
    lookAhead,
    come: (count: number) =>
      void (upcoming = [...upcoming, ...Array.from({ length: count }, () => ({ number: made++ }))]),
    takenBack: () => void (upcoming = []),
    take: () => lookAhead.answer(upcoming.shift()!),
    /** How many changes are being answered, or were. */
    begun: () => pages.reduce((sum, { changes }) => sum + changes.length, 0),
    async settleAll() {
      for (const { settle } of pages) settle();
      await new Promise(setImmediate);
    },
  };
}

const numberOf = async (answer: ReturnType<LookAhead['answer']>) => (await answer).data!['number'];

test('a change that comes alone is answered alone', async () => {
  const t = setup();
  t.come(1);
  const answer = t.take();
  expect(t.begun()).toBe(1);
  await t.settleAll();
  expect(await numberOf(answer)).toBe(0);
});

test('the changes behind the first one are answered with it, and are there when they are taken', async () => {
  const t = setup();
  t.come(10);
  const first = t.take();
  expect(t.pages.map(({ changes }) => changes.length)).toEqual([10]);
  expect(t.spent.filter((answers) => answers > 0)).toEqual([10]);
  await t.settleAll();
  expect(await numberOf(first)).toBe(0);
  for (let nth = 1; nth < 10; nth++) expect(t.take()).toMatchObject({ data: { number: nth } });
  expect(t.begun()).toBe(10);
});

test('further pages are begun before they are needed, and every change is answered once', async () => {
  const t = setup();
  t.come(500);
  for (let nth = 0; nth < 500; nth++) {
    const answer = t.take();
    await t.settleAll();
    expect(await numberOf(answer)).toBe(nth);
    if (nth > 20 && nth < 480) expect(t.begun()).toBeGreaterThan(nth + 1);
  }
  expect(t.begun()).toBe(500);
});

test('a subscriber that waits for its answers is looked further ahead for, one that does not is not', async () => {
  const [hungry, content] = [setup(), setup()];
  for (const t of [hungry, content]) {
    t.come(5_000);
    void t.take();
    await t.settleAll(); // Now it is known how large an answer is.
  }
  for (let nth = 1; nth < 200; nth++) {
    void hungry.take(); // Nothing more is answered yet.
    void content.take();
    await content.settleAll();
  }
  expect(hungry.begun()).toBeGreaterThan(700);
  expect(hungry.begun()).toBeLessThanOrEqual(200 + 1_024);
  expect(content.begun()).toBeLessThanOrEqual(200 + 32);
});

test('without a place among the wide streams, a subscriber is looked only a little ahead for', async () => {
  const t = setup({ places: 0 });
  t.come(5_000);
  void t.take();
  await t.settleAll();
  for (let nth = 1; nth < 200; nth++) void t.take();
  expect(t.begun()).toBeLessThanOrEqual(200 + 16);
});

test('large answers are few: what is prepared ahead takes a quarter of a megabyte at most', async () => {
  const t = setup({ text: 'x'.repeat(50_000) });
  t.come(500);
  void t.take();
  expect(t.begun()).toBeLessThanOrEqual(16);
  for (let nth = 1; nth < 30; nth++) {
    void t.take(); // It waits for its answer.
    await t.settleAll();
  }
  expect(t.begun()).toBeGreaterThanOrEqual(30 + 2);
  expect(t.begun()).toBeLessThanOrEqual(30 + 5);
});

test('a page that fails is tried again, each change of it when it is its turn', async () => {
  const t = setup();
  t.come(3);
  const first = t.take();
  t.pages[0]!.fail();
  expect(await first).toMatchObject({ data: null });
  await new Promise(setImmediate);
  const second = t.take();
  await t.settleAll();
  expect(await numberOf(second)).toBe(1);
  expect(t.pages.map(({ changes }) => changes.map(({ number }) => number))).toEqual([
    [0, 1, 2],
    [1, 2],
  ]);
});

test('changes that the source takes back and gives later are answered then', async () => {
  const t = setup();
  t.come(16);
  void t.take();
  t.takenBack();
  t.come(16);
  const answer = t.take();
  await t.settleAll();
  expect(await numberOf(answer)).toBe(16);
});

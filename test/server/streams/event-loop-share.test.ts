/** What thousands of subscribers cost: turns that are left to others. */
import { describe, expect, test } from 'vitest';
import { createEventLoopShare } from '../../../src/server/streams/event-loop-share.ts';

const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** How many answers of 0.05 ms begin in the 2 ms that answers have in every turn. */
const AT_ONCE = 40;

function setup({ strain = 0 } = {}) {
  const log: string[] = [];
  let nowMs = 0;
  const turns = createEventLoopShare(
    () => nowMs,
    () => strain,
  );
  const enter = async (name: string, owner = 'owner') => turns.run(owner, () => void log.push(name));
  const enterAll = (count: number, prefix = '') =>
    Array.from({ length: count }, (_, nth) => enter(`${prefix}${nth}`, `owner${prefix}`));
  return { turns, log, enter, enterAll, pass: (ms: number) => void (nowMs += ms) };
}

test('turns let a few in at once, and the others in order, a few in each turn of the event loop', async () => {
  const { log, enterAll } = setup();
  const all = enterAll(100);
  expect(log).toHaveLength(AT_ONCE);
  await nextTurn();
  expect(log).toHaveLength(2 * AT_ONCE);
  await Promise.all(all);
  expect(log).toEqual(Array.from({ length: 100 }, (_, nth) => `${nth}`));
});

test('owners take turns: the work of one waits behind one of each other owner, however many they have', async () => {
  const { log, enterAll, enter } = setup();
  const crowd = enterAll(2 * AT_ONCE, 'crowd');
  await enter('other');
  expect(log.indexOf('other')).toBe(AT_ONCE + 1);
  await Promise.all(crowd);
  expect(log).toHaveLength(2 * AT_ONCE + 1);
});

test('answers that work begins to prepare count in its turn, each as four', async () => {
  const { turns, log, enterAll } = setup();
  await turns.run('owner', () => turns.prepare(4));
  const all = enterAll(AT_ONCE);
  expect(log).toHaveLength(AT_ONCE - 1 - 4 * 4);
  await Promise.all(all);
  expect(log).toHaveLength(AT_ONCE);
});

test('what one turn does not pay for is paid for by the next ones, and nothing else begins before', async () => {
  const { turns, log, enter } = setup();
  await turns.run('owner', () => turns.prepare((3 * AT_ONCE) / 4));
  const late = enter('late');
  for (let turn = 0; turn < 3; turn++) {
    expect(log).toEqual([]);
    await nextTurn();
  }
  await late;
  expect(log).toEqual(['late']);
});

describe('in a busy process', () => {
  /** Answers of `costMs`, most of which follows from them in the same turn, beside others that take `othersMs` in each. */
  type Busy = { costMs: number; othersMs: number; strain?: number; firstCostMs?: number };

  async function answersATurn({ costMs, othersMs, firstCostMs = costMs, ...rest }: Busy): Promise<number> {
    const { turns, pass } = setup(rest);
    const turnsSeen = 100;
    let answers = 0;
    let isOver = false;
    let nowCostMs = firstCostMs;
    const subscriber = async () => {
      while (!isOver) {
        await turns.run('owner', () => void answers++);
        pass(nowCostMs);
      }
    };
    const subscribers = Array.from({ length: 10 }, subscriber);
    for (let turn = 0; turn < turnsSeen; turn++) {
      pass(othersMs);
      await nextTurn();
    }
    nowCostMs = costMs;
    for (let turn = 0; turn < 4 * turnsSeen; turn++) {
      pass(othersMs);
      await nextTurn();
    }
    const before = answers;
    for (let turn = 0; turn < turnsSeen; turn++) {
      pass(othersMs);
      await nextTurn();
    }
    const counted = answers - before;
    isOver = true;
    await Promise.all(subscribers);
    return counted / turnsSeen;
  }

  test.each([
    { costMs: 0.5, othersMs: 8, about: 64 },
    { costMs: 0.1, othersMs: 5, about: 200 },
  ])(
    'answers take four times as long as everything else, with what follows from them: $about in a turn',
    async (load) => {
      const answers = await answersATurn(load);
      expect(answers).toBeGreaterThan(load.about * 0.8);
      expect(answers).toBeLessThan(load.about * 1.2);
    },
  );

  test('under the full strain of deliveries they take a fortieth of what everything else takes, and at least 0.2 ms', async () => {
    const [some, least] = [
      await answersATurn({ costMs: 0.02, othersMs: 16, strain: 1 }),
      await answersATurn({ costMs: 0.02, othersMs: 1, strain: 1 }),
    ];
    expect(some).toBeGreaterThan(16);
    expect(some).toBeLessThan(24);
    expect(least).toBeGreaterThan(8);
    expect(least).toBeLessThan(12);
  });

  test('the more strain, the less they take: half of it leaves them a third of what everything else takes', async () => {
    const taken: number[] = [];
    for (const strain of [0, 0.25, 0.5, 0.75, 1]) taken.push(await answersATurn({ costMs: 0.02, othersMs: 9, strain }));
    for (const [nth, answers] of taken.slice(1).entries()) expect(answers).toBeLessThan(taken[nth]! * 0.6);
    expect(taken[2]).toBeGreaterThan(115);
    expect(taken[2]).toBeLessThan(170);
  });

  test('a cost that was high once does not keep answers few', async () => {
    const answers = await answersATurn({ firstCostMs: 1, costMs: 0.01, othersMs: 12, strain: 1 });
    expect(answers).toBeGreaterThan(20);
  });

  test('they take 2 ms where everything else takes less, and never more than 40 ms', async () => {
    const [least, most] = [
      await answersATurn({ costMs: 0.2, othersMs: 0.5 }),
      await answersATurn({ costMs: 0.2, othersMs: 200 }),
    ];
    expect(least).toBeGreaterThan(8);
    expect(least).toBeLessThan(12);
    expect(most).toBeGreaterThan(160);
    expect(most).toBeLessThan(240);
  });
});

test('work that fails rejects its own run, and the others go on', async () => {
  const { turns, enterAll } = setup();
  const first = enterAll(AT_ONCE);
  const failing = turns.run('owner', () => {
    throw new Error('no answer');
  });
  const next = turns.run('owner', () => 'an answer');
  await expect(failing).rejects.toThrow('no answer');
  expect(await next).toBe('an answer');
  await Promise.all(first);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCaretaker } from '../../src/database/caretaker.ts';
import { OutcomeUnknown } from '../../src/database/commit.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

/** A caretaker whose rounds end when the test says so. */
function setup() {
  const rounds: { readonly signal: AbortSignal; end(result: string): void; fail(error: unknown): void }[] = [];
  const errors: unknown[] = [];
  const caretaker = createCaretaker<string>({
    everyMs: 1_000,
    round: (signal) => new Promise((end, fail) => rounds.push({ signal, end, fail })),
    onError: (error) => void errors.push(error),
  });
  return { caretaker, rounds, errors };
}

test('a round comes after each interval', async () => {
  const { caretaker, rounds } = setup();
  caretaker.start();
  expect(rounds).toHaveLength(0);
  for (let count = 1; count <= 3; count++) {
    vi.advanceTimersByTime(1_000);
    expect(rounds).toHaveLength(count);
    rounds[count - 1]!.end('done');
    await caretaker.run();
  }
});

test('rounds never overlap: who asks during one gets its result', async () => {
  const { caretaker, rounds } = setup();
  caretaker.start();
  const first = caretaker.run();
  vi.advanceTimersByTime(5_000);
  const joined = caretaker.run();
  expect(rounds).toHaveLength(1);
  rounds[0]!.end('first');
  expect(await Promise.all([first, joined])).toEqual(['first', 'first']);
  void caretaker.run();
  expect(rounds).toHaveLength(2);
});

test('a failed round is told, and the next one comes at its time', async () => {
  const { caretaker, rounds, errors } = setup();
  caretaker.start();
  vi.advanceTimersByTime(1_000);
  rounds[0]!.fail(new Error('no'));
  await vi.waitFor(() => expect(errors).toEqual([new Error('no')]));
  vi.advanceTimersByTime(1_000);
  expect(rounds).toHaveLength(2);
});

test('a round that somebody asked for fails to them, and to nobody else', async () => {
  const { caretaker, rounds, errors } = setup();
  const asked = caretaker.run();
  rounds[0]!.fail(new Error('no'));
  await expect(asked).rejects.toThrow('no');
  expect(errors).toEqual([]);
});

test('stop aborts the signal and waits for the end of the round, however often it is called', async () => {
  const { caretaker, rounds } = setup();
  await caretaker.stop(); // Before any start.
  caretaker.start();
  vi.advanceTimersByTime(1_000);
  const order: string[] = [];
  const stops = [caretaker.stop(), caretaker.stop()].map((stopped) => stopped.then(() => order.push('stopped')));
  expect(rounds[0]!.signal.aborted).toBe(true);
  order.push('ended');
  rounds[0]!.fail(new Error('stopped in the middle'));
  await Promise.all(stops);
  expect(order).toEqual(['ended', 'stopped', 'stopped']);
  vi.advanceTimersByTime(5_000);
  expect(rounds).toHaveLength(1);
});

test('it starts again after a stop', async () => {
  const { caretaker, rounds } = setup();
  caretaker.start();
  await caretaker.stop();
  caretaker.start();
  caretaker.start();
  vi.advanceTimersByTime(1_000);
  expect(rounds).toHaveLength(1);
  expect(rounds[0]!.signal.aborted).toBe(false);
});

test('a round whose commit hangs ends when that commit has ended', async () => {
  const { caretaker, rounds } = setup();
  let endCommit = () => {};
  const ended = new Promise<void>((resolve) => (endCommit = resolve));
  const asked = caretaker.run();
  rounds[0]!.fail(new OutcomeUnknown(new Error('no answer to COMMIT'), ended));
  const joined = caretaker.run();
  expect(rounds).toHaveLength(1);
  endCommit();
  await expect(asked).rejects.toThrow(OutcomeUnknown);
  await expect(joined).rejects.toThrow(OutcomeUnknown);
});

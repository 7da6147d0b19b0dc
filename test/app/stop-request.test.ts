import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { listenForStop, StopRequested } from '../../src/app/stop-request.ts';

/** A process that is sent signals, at times that the test says. */
function setup() {
  const self = new EventEmitter();
  let nowMs = 0;
  const { signal, forced } = listenForStop(self as never, { monotonicMs: () => nowMs });
  let second: string | undefined;
  void forced.then((name) => (second = name));
  return {
    signal,
    /** The second signal, as soon as it counts as one. */
    async send(name: 'SIGTERM' | 'SIGINT', atMs: number) {
      nowMs = atMs;
      self.emit(name, name);
      await Promise.resolve();
      return second;
    },
  };
}

test.each(['SIGTERM', 'SIGINT'] as const)('the first %s asks to stop, and says which it was', async (name) => {
  const t = setup();
  expect(t.signal.aborted).toBe(false);
  expect(await t.send(name, 0)).toBeUndefined();
  expect(t.signal.reason).toBeInstanceOf(StopRequested);
  expect(t.signal.reason).toMatchObject({ by: name });
});

test('the second signal forces', async () => {
  const t = setup();
  await t.send('SIGTERM', 0);
  expect(await t.send('SIGTERM', 1_000)).toBe('SIGTERM');
});

test('another signal forces at once', async () => {
  const t = setup();
  await t.send('SIGTERM', 0);
  expect(await t.send('SIGINT', 1)).toBe('SIGINT');
});

test('Ctrl-C that npm passes on, after the terminal has sent it too, is no second signal', async () => {
  const t = setup();
  await t.send('SIGINT', 0);
  expect(await t.send('SIGINT', 5)).toBeUndefined();
  expect(await t.send('SIGINT', 1_200)).toBe('SIGINT');
});

/** Few streams may look far ahead at a time. */
import { expect, test } from 'vitest';
import { createWideStreams, type WideStream } from '../../../src/server/streams/wide-streams.ts';

function setup(places: number) {
  const state = { nowMs: 0 };
  const narrowed: string[] = [];
  const stream = (name: string): WideStream => ({ narrow: () => void narrowed.push(name) });
  return { state, narrowed, stream, wide: createWideStreams(places, () => state.nowMs) };
}

test('while all places are in use, no other stream gets one', () => {
  const t = setup(2);
  const [a, b, c] = ['a', 'b', 'c'].map(t.stream) as [WideStream, WideStream, WideStream];
  expect([t.wide.use(a), t.wide.use(b), t.wide.use(c)]).toEqual([true, true, false]);
  t.wide.leave(a);
  expect([t.wide.use(c), t.wide.use(a)]).toEqual([true, false]);
  expect(t.narrowed).toEqual([]);
});

test('a place that its stream has not used for a second goes to another, and the stream is narrow again', () => {
  const t = setup(2);
  const [a, b, c] = ['a', 'b', 'c'].map(t.stream) as [WideStream, WideStream, WideStream];
  [a, b].forEach(t.wide.use);
  t.state.nowMs = 900;
  t.wide.use(a);
  t.state.nowMs = 1_000;
  expect(t.wide.use(c)).toBe(true);
  expect(t.narrowed).toEqual(['b']);
  expect(t.wide.use(b)).toBe(false);
});

import { afterEach, expect, test, vi } from 'vitest';
import { WatchError } from '../../../src/client/request/watch-error.ts';
import { createChooser } from '../../../src/client/transport/choose-transport.ts';
import { overSse } from '../../../src/client/transport/sse.ts';
import { overWebSocket } from '../../../src/client/transport/websocket.ts';

const NO_CONTACT = new WatchError('NO_CONTACT', '');

/** The transports of the next attempts, each of which finds nobody. */
const misses = (chooser: ReturnType<typeof createChooser>, count: number) =>
  Array.from({ length: count }, () => {
    const connect = chooser.next();
    chooser.failed(NO_CONTACT);
    return connect === overSse ? 'sse' : 'websocket';
  });

afterEach(() => vi.unstubAllGlobals());

test('what is asked for is taken, whatever fails', () => {
  expect(misses(createChooser('websocket'), 3)).toEqual(['websocket', 'websocket', 'websocket']);
  expect(misses(createChooser('sse'), 3)).toEqual(['sse', 'sse', 'sse']);
});

test('`auto` tries both in turn until one works, and stays with server-sent events when it was they', () => {
  const chooser = createChooser('auto');
  expect(misses(chooser, 4)).toEqual(['websocket', 'sse', 'websocket', 'sse']);
  chooser.opened(overSse);
  expect(misses(chooser, 3)).toEqual(['sse', 'sse', 'sse']);
});

test('a WebSocket that has worked is left only after five attempts in vain, and comes back with the next connection', () => {
  const chooser = createChooser('auto');
  chooser.opened(overWebSocket);
  expect(misses(chooser, 7)).toEqual([...Array(5).fill('websocket'), 'sse', 'websocket']);
  chooser.opened(overSse);
  expect(chooser.next()).toBe(overWebSocket);
});

test('an answer of the service is no reason to change the transport', () => {
  const chooser = createChooser('auto');
  chooser.failed(new WatchError('RATE_LIMITED', ''));
  chooser.failed(new WatchError('CLOSED', '', { closeCode: 1013 }));
  expect(chooser.next()).toBe(overWebSocket);
});

test('without WebSocket in the runtime `auto` takes server-sent events', () => {
  vi.stubGlobal('WebSocket', undefined);
  expect(misses(createChooser('auto'), 2)).toEqual(['sse', 'sse']);
});

/** The states between live and behind, and ends that a real service gives only after minutes. */
import { afterEach, expect, test, vi } from 'vitest';
import type { WatchOptions, WatchState } from '../../src/client/watch-options.ts';
import { watch } from '../../src/client/watch.ts';
import { nextEvent, resultOf, startScripted, STREAM } from './scripted.ts';

const WATCH = 'subscription ($after: String) { changed(after: $after) { cursor lagMs occurredAt } }';

const start = (url: string, options: Pick<Partial<WatchOptions<never, never>>, 'delayMs'> = {}) => {
  const states: WatchState[] = [];
  const results = watch<{ changed: { cursor: string } }>({
    url,
    getApiKey: () => 'hk',
    document: WATCH,
    transport: 'sse',
    after: 'begin',
    delayMs: () => 1,
    onState: (state) => states.push(state),
    ...options,
  });
  return { states, results };
};

afterEach(() => vi.useRealTimers());

test.each([
  ['lagMs over 2 s', { lagMs: 2_500 }, { lagMs: 300 }],
  ['occurredAt over 10 s ago', { occurredAt: new Date(Date.now() - 60_000).toISOString() }, {}],
])('%s is behind, and a change in time is live again', async (_, late, inTime) => {
  await using service = await startScripted({
    onPost: (response) =>
      void response.writeHead(200, STREAM).write(nextEvent(resultOf('a', late)) + nextEvent(resultOf('b', inTime))),
  });
  const { states, results } = start(service.url);
  await results.next();
  expect(states).toEqual(['connecting', 'live', 'behind']);
  await results.next();
  expect(states).toEqual(['connecting', 'live', 'behind', 'live']);
  await results.return!();
});

test('a second without a change is live again: the service sends without a pause while a stream is behind', async () => {
  await using service = await startScripted({
    onPost: (response) => void response.writeHead(200, STREAM).write(nextEvent(resultOf('a', { lagMs: 60_000 }))),
  });
  const { states, results } = start(service.url);
  await results.next();
  const next = results.next();
  await expect.poll(() => states).toEqual(['connecting', 'live', 'behind', 'live']);
  await results.return!();
  await next;
});

test('a slow subscriber, a stopping service and a faulty one are resumed after the last cursor', async () => {
  const failed = (code: string) => nextEvent({ data: null, errors: [{ message: code, extensions: { code } }] });
  const ends = [failed('SLOW_CONSUMER'), 'event: complete\ndata:\n\n', failed('INTERNAL_SERVER_ERROR'), ''];
  await using service = await startScripted({
    onPost: (response, _, nth) =>
      void response.writeHead(200, STREAM).end(nextEvent(resultOf(`${nth}`)) + (ends[nth - 1] ?? '')),
  });
  const { results } = start(service.url);
  const cursors: string[] = [];
  for await (const { cursor } of results) if (cursors.push(cursor) === 5) break;
  expect(cursors).toEqual(['1', '2', '3', '4', '5']);
  expect(service.asked.map(({ variables }) => variables.after)).toEqual(['begin', '1', '2', '3', '4']);
});

test('the delay grows from failure to failure, obeys the service, and begins anew after a result', async () => {
  const busy = { errors: [{ message: 'busy', extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 0.02 } }] };
  await using service = await startScripted({
    onPost(response, _, nth) {
      if (nth === 4) response.writeHead(200, STREAM).end(nextEvent(resultOf('a')));
      else if (nth === 6) response.writeHead(200, STREAM).end(nextEvent(resultOf('b')));
      else response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify(busy));
    },
  });
  const failures: number[] = [];
  const begun = performance.now();
  const { results } = start(service.url, { delayMs: (count) => (failures.push(count), 0) });
  await results.next();
  expect(performance.now() - begun).toBeGreaterThan(55); // Three times the 20 ms that the service asked for.
  await results.next();
  await results.return!();
  expect(failures).toEqual([1, 2, 3, 1, 2]);
});

test('a result without the cursor that the document seemed to select ends the watch, and says so', async () => {
  await using service = await startScripted({
    onPost: (response) => void response.writeHead(200, STREAM).write(nextEvent({ data: { changed: { lagMs: 1 } } })),
  });
  const { results } = start(service.url);
  await expect(results.next()).rejects.toMatchObject({ code: 'BAD_DOCUMENT' });
});

test('errors of single fields come with the data that is there', async () => {
  const errors = [{ message: 'hidden', path: ['changed', 'secret'], extensions: { code: 'FORBIDDEN' } }];
  await using service = await startScripted({
    onPost: (response) => void response.writeHead(200, STREAM).write(nextEvent({ ...resultOf('a'), errors })),
  });
  const { results } = start(service.url);
  expect((await results.next()).value).toEqual({ ...resultOf('a'), errors, cursor: 'a' });
  await results.return!();
});

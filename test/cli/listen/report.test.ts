import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createDescriber, type OutputForm } from '../../../src/cli/listen/report.ts';

const AT = new Date(2026, 10, 29, 4, 32, 5);
const TAKEN = {
  event: { id: '31TgvvT3Gk9Xb0Zc4r8hQm2LwPe', eventType: 'transaction.auto.updated', body: '{}' },
  ...{ attempt: 1, at: AT, durationMs: 23, status: 200, failure: null },
};
const REFUSED = { ...TAKEN, attempt: 2, status: 500, failure: 'Internal Server Error: boom' };
const UNANSWERED = { ...TAKEN, status: null, failure: 'nothing listens at localhost:3000' };

/** What a pipe is: no terminal. */
const describe = (form: OutputForm) => createDescriber(form, new PassThrough() as never);

test('pretty: a line for each request, with the reason of a failure in words', () => {
  expect([TAKEN, REFUSED, UNANSWERED].map(describe('pretty'))).toEqual([
    '04:32:05 transaction.auto.updated → 200 23 ms  31TgvvT3Gk9Xb0Zc4r8hQm2LwPe',
    '04:32:05 transaction.auto.updated (attempt 2) → 500 23 ms  31TgvvT3Gk9Xb0Zc4r8hQm2LwPe  Internal Server Error: boom',
    '04:32:05 transaction.auto.updated → failed 23 ms  31TgvvT3Gk9Xb0Zc4r8hQm2LwPe  nothing listens at localhost:3000',
  ]);
});

test('json: an object for each request; quiet: only failures', () => {
  expect(JSON.parse(describe('json')(REFUSED)!)).toEqual({
    ...{ at: AT.toISOString(), eventId: TAKEN.event.id, eventType: TAKEN.event.eventType },
    ...{ attempt: 2, status: 500, durationMs: 23, failure: REFUSED.failure },
  });
  expect(describe('quiet')(TAKEN)).toBeUndefined();
  expect(describe('quiet')(REFUSED)).toBe(describe('pretty')(REFUSED));
});

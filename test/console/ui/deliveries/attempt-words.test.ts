import { expect, test } from 'vitest';
import {
  countAttempts,
  explainAttempt,
  nameAttempt,
  nameBody,
} from '../../../../src/console/ui/deliveries/attempt-words.ts';

const http = (responseStatus: number) => ({ outcome: 'HTTP_ERROR', responseStatus }) as const;

test('a redirect is told from a refusal, and both say what to do', () => {
  expect(explainAttempt(http(301))).toMatch(/redirect.*final URL/i);
  expect(explainAttempt(http(404))).toMatch(/Check the URL/);
  expect(explainAttempt(http(418))).toMatch(/not with success/);
});

test('an attempt without an answer is explained by its outcome', () => {
  expect(explainAttempt({ outcome: 'TIMEOUT', responseStatus: null })).toMatch(/may have received/);
  expect(explainAttempt({ outcome: 'TLS_ERROR', responseStatus: null })).toMatch(/certificate/);
});

test('in a row an answer is its status, and everything else a few words', () => {
  expect(nameAttempt(http(503))).toBe('503');
  expect(nameAttempt({ outcome: 'DELIVERED', responseStatus: 204 })).toBe('204');
  expect(nameAttempt({ outcome: 'TIMEOUT', responseStatus: 200 })).toBe('Timed out');
});

test('a body is said to be sent only where it was', () => {
  const [url, headers] = ['https://example.com/', { host: 'example.com' }];
  const name = (requestUrl: string | null, requestHeaders: object | null, responseStatus: number | null = null) =>
    nameBody({ requestUrl, requestHeaders }, { responseStatus });
  expect(name(url, headers)).toBe('Body sent');
  expect(name(url, null)).toBe('Body, not sent');
  expect(name(null, null, 200)).toBe('Body sent');
  expect(name(null, null)).toBe('Body of the event');
});

test('attempts are counted against the schedule, and without it when retries by hand have made more', () => {
  expect(countAttempts({ attemptCount: 2, maxAttempts: 10 })).toBe('2 of 10');
  expect(countAttempts({ attemptCount: 3, maxAttempts: 3 })).toBe('3 of 3');
  expect(countAttempts({ attemptCount: 5, maxAttempts: 3 })).toBe('5 attempts');
});

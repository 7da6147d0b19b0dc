import { expect, test } from 'vitest';
import { checkSubscription } from '../../../src/domain/targets/subscription.ts';

const known = new Map([
  ['wallet', { archived: false }],
  ['wallet.created', { archived: false }],
  ['wallet.closed', { archived: true }],
  ['wallet.policy.updated', { archived: false }],
  ['old.type', { archived: true }],
  ['customer.created', { archived: false }],
]);
const check = (entries: string[], current: string[] = []) =>
  checkSubscription('eventTypes', entries, { current, known });
const paths = (entries: string[], current?: string[]) =>
  check(entries, current).map(({ code, field }) => `${code} ${field!.join('.')}`);
const message = (entry: string) => check([entry])[0]!.message;

test('names and patterns of known types may stand beside each other', () => {
  expect(check(['wallet.*', 'wallet.policy.*', 'customer.created', 'wallet'])).toEqual([]);
});

test('each unknown name and prefix is refused once, with its path and what was probably meant', () => {
  const entries = ['wallet.deposti', 'customer.created', 'walet.*', 'no.such.*', 'no.such.*'];
  expect(paths(entries)).toEqual([
    'UNKNOWN_EVENT_TYPE input.eventTypes.0',
    'UNKNOWN_EVENT_TYPE input.eventTypes.2',
    'UNKNOWN_EVENT_TYPE input.eventTypes.3',
  ]);
  const [, near, far] = check(entries);
  expect(near!.message).toContain('Unknown event type: "walet.*" (did you mean "wallet.*"?).');
  expect(far!.message).toContain('Unknown event type: "no.such.*". The eventTypes query lists the known ones.');
});

test.each([
  ['customer.creatd', 'customer.created'],
  ['customer', 'customer.*'],
  ['customer*', 'customer.*'],
  ['wallet.**', 'wallet.*'],
  ['wallet.polcy.*', 'wallet.policy.*'],
])('for %s it suggests %s', (typed, meant) => {
  expect(message(typed)).toContain(`did you mean "${meant}"?`);
});

test('a type is no pattern of itself: nothing is below customer.created', () => {
  expect(paths(['customer.created.*'])).toEqual(['UNKNOWN_EVENT_TYPE input.eventTypes.0']);
});

test('* alone is refused, and the message says how to receive everything', () => {
  expect(paths(['*'])).toEqual(['UNKNOWN_EVENT_TYPE input.eventTypes.0']);
  expect(message('*')).toContain('For every event type, give an empty list.');
});

test('archived types are never suggested', () => {
  expect(message('wallet.closd')).not.toContain('did you mean');
  expect(message('olt.*')).not.toContain('did you mean');
});

test('archived types, and patterns of archived types alone, are refused where they are new and stay where they are not', () => {
  expect(paths(['wallet.*', 'wallet.closed', 'old.*'])).toEqual([
    'UNKNOWN_EVENT_TYPE input.eventTypes.1',
    'UNKNOWN_EVENT_TYPE input.eventTypes.2',
  ]);
  expect(message('old.*')).toContain('Archived, so closed to new subscriptions: "old.*".');
  expect(check(['wallet.closed', 'old.*'], ['old.*', 'wallet.closed'])).toEqual([]);
});

test('a thousand typos are all named, the first ten with a suggestion', () => {
  const errors = check(
    Array.from({ length: 1_000 }, (_, index) => `wallet.create${index % 10}${'x'.repeat(index / 10)}`),
  );
  expect(errors).toHaveLength(1_000);
  expect(errors.filter(({ message }) => message.includes('did you mean')).length).toBe(10);
});

test('a list of 1,001 entries is TOO_MANY, and what cannot be stored is INVALID', () => {
  expect(paths(Array.from({ length: 1_001 }, () => 'x'))).toEqual(['TOO_MANY input.eventTypes']);
  expect(paths(['wallet.created', 'a\0.*', '\ud800'])).toEqual([
    'INVALID input.eventTypes.1',
    'INVALID input.eventTypes.2',
  ]);
});

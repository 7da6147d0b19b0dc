import { expect, test } from 'vitest';
import { changeTarget, describeTarget, NEW_TARGET, type TargetInput } from '../../../src/domain/targets/target.ts';
import type { Result } from '../../../src/errors.ts';

const rules = {
  brand: 'Dakota',
  now: new Date('2026-01-01T00:00:00Z'),
  urlPolicy: { allowLoopback: false, allowedNetworks: [], allowHttp: false },
  eventTypes: new Map([
    ['customer.created', { archived: false }],
    ['wallet.deposit', { archived: false }],
    ['wallet.closed', { archived: true }],
  ]),
};
const url = 'https://example.com/webhooks/receive';
const CURRENT = { ...NEW_TARGET, url, name: 'Main', description: 'Production' };

const create = (input: TargetInput) => describeTarget({ url, ...input }, rules);
const change = (input: TargetInput, current = CURRENT) => changeTarget(current, input, rules);
const errors = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);
const message = (result: Result<unknown>) => (result.ok ? '' : result.userErrors[0]!.message);
const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(message(result));
  return result.value;
};

test('a new target is ACTIVE and receives every event type of every customer', () => {
  expect(value(create({}))).toEqual({
    url,
    name: null,
    description: null,
    global: false,
    eventTypes: [],
    customerIds: [],
    filter: null,
    status: 'ACTIVE',
    headers: [],
    clientCertificate: null,
    ordering: 'NONE',
    afterFailure: 'SKIP',
    maxConcurrency: null,
    rateLimitPerSecond: null,
  });
});

test('null in a creation means the default', () => {
  const nulls = { name: null, description: null, global: null, eventTypes: null, customerIds: null, status: null };
  const limits = { maxConcurrency: null, rateLimitPerSecond: null };
  expect(create({ ...nulls, ...limits })).toEqual(create({}));
});

test.each(['ACTIVE', 'PAUSED', 'DISABLED'] as const)('a new target may be %s', (status) => {
  expect(value(create({ status })).status).toBe(status);
});

test('a creation without a url is refused as REQUIRED', () => {
  expect(errors(create({ url: null }))).toEqual(['REQUIRED input.url']);
  expect(errors(describeTarget({}, rules))).toEqual(['REQUIRED input.url']);
});

test.each([
  ['', 'INVALID'],
  ['example.com', 'INVALID'],
  ['http://example.com/', 'INVALID'],
  ['ftp://example.com/', 'INVALID'],
  ['https://user:password@example.com/', 'INVALID'],
  ['https://example.com/\0', 'INVALID'],
  ['https://example.com/\ud800', 'INVALID'],
  ['https://127.0.0.1/', 'FORBIDDEN_ADDRESS'],
  ['https://10.1.2.3/', 'FORBIDDEN_ADDRESS'],
  ['https://[::1]/', 'FORBIDDEN_ADDRESS'],
  [`https://example.com/${'x'.repeat(10_000)}`, 'TOO_LONG'],
])('refuses the url %j as %s, created or changed', (text, code) => {
  expect(errors(create({ url: text }))).toEqual([`${code} input.url`]);
  expect(errors(change({ url: text }))).toEqual([`${code} input.url`]);
});

test('keeps a url in its normal form', () => {
  expect(value(create({ url: 'HTTPS://Example.COM:443' })).url).toBe('https://example.com/');
});

test.each(['name', 'description'] as const)('%s has at most 256 characters', (field) => {
  expect(value(create({ [field]: 'x'.repeat(256) }))[field]).toHaveLength(256);
  const tooLong = create({ [field]: 'x'.repeat(257) });
  expect(errors(tooLong)).toEqual([`TOO_LONG input.${field}`]);
  expect(message(tooLong)).toContain('257');
});

test('counts characters as people do, not UTF-16 units', () => {
  expect(errors(create({ description: '😀'.repeat(256) }))).toEqual([]);
  expect(errors(create({ description: '😀'.repeat(257) }))).toEqual(['TOO_LONG input.description']);
});

test.each([
  ['NUL', 'a\0b'],
  ['a lone surrogate', 'a\ud800b'],
])('%s is refused in every text, with its place', (_, text) => {
  const result = create({ name: text, description: text, eventTypes: ['wallet.deposit', text], customerIds: [text] });
  expect(errors(result)).toEqual([
    'INVALID input.name',
    'INVALID input.description',
    'INVALID input.eventTypes.1',
    'INVALID input.customerIds.0',
  ]);
});

test('removes duplicates from the lists and keeps their order', () => {
  const result = value(
    create({ eventTypes: ['wallet.deposit', 'customer.created', 'wallet.deposit'], customerIds: ['b', 'a', 'b'] }),
  );
  expect(result.eventTypes).toEqual(['wallet.deposit', 'customer.created']);
  expect(result.customerIds).toEqual(['b', 'a']);
});

test('a list has at most 1,000 entries', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => `customer-${index}`);
  expect(value(create({ customerIds: ids(1_000) })).customerIds).toHaveLength(1_000);
  const tooMany = create({ customerIds: ids(1_001), eventTypes: ids(1_001) });
  expect(errors(tooMany)).toEqual(['TOO_MANY input.eventTypes', 'TOO_MANY input.customerIds']);
});

test('a customer id has 1 to 255 characters', () => {
  expect(errors(create({ customerIds: ['x', 'x'.repeat(255)] }))).toEqual([]);
  expect(errors(create({ customerIds: ['ok', '', 'x'.repeat(256)] }))).toEqual([
    'INVALID input.customerIds.1',
    'TOO_LONG input.customerIds.2',
  ]);
});

test.each([
  ['maxConcurrency', 1_000],
  ['rateLimitPerSecond', 10_000],
] as const)('%s is a whole number from 1 to %i, or null', (field, most) => {
  for (const limit of [1, most]) expect(value(create({ [field]: limit }))[field]).toBe(limit);
  for (const limit of [0, -1, 1.5, most + 1, NaN]) {
    expect(errors(create({ [field]: limit }))).toEqual([`INVALID input.${field}`]);
    expect(errors(change({ [field]: limit }))).toEqual([`INVALID input.${field}`]);
  }
  expect(message(create({ [field]: most + 1 }))).toContain(`1 to ${most}`);
  const limited = { ...CURRENT, [field]: 5 };
  expect(value(change({ name: 'n' }, limited))[field]).toBe(5);
  expect(value(change({ [field]: null }, limited))[field]).toBeNull();
});

test('reports all errors of an input at once', () => {
  const result = change({
    url: 'nonsense',
    name: 'x'.repeat(257),
    description: 'a\0',
    global: null,
    eventTypes: ['nope'],
    customerIds: [''],
    status: null,
    maxConcurrency: 0,
    rateLimitPerSecond: 0,
  });
  expect(errors(result)).toEqual([
    'INVALID input.url',
    'TOO_LONG input.name',
    'INVALID input.description',
    'REQUIRED input.global',
    'UNKNOWN_EVENT_TYPE input.eventTypes.0',
    'INVALID input.customerIds.0',
    'REQUIRED input.status',
    'INVALID input.maxConcurrency',
    'INVALID input.rateLimitPerSecond',
  ]);
});

test('a change leaves what it does not name', () => {
  const current = { ...CURRENT, global: true, eventTypes: ['wallet.deposit'], customerIds: ['a'] };
  expect(value(change({}, current))).toEqual(current);
  expect(value(change({ status: 'PAUSED' }, current))).toEqual({ ...current, status: 'PAUSED' });
  expect(value(change({ eventTypes: [] }, current))).toEqual({ ...current, eventTypes: [] });
});

test('null in a change clears name and description', () => {
  expect(value(change({ name: null, description: null }))).toMatchObject({ name: null, description: null, url });
});

test.each(['url', 'global', 'eventTypes', 'customerIds', 'status'] as const)(
  'null in a change of %s is refused as REQUIRED',
  (field) => {
    expect(errors(change({ [field]: null }))).toEqual([`REQUIRED input.${field}`]);
  },
);

test('a global target keeps its lists, and their typos are refused all the same', () => {
  const lists = { eventTypes: ['wallet.deposit'], customerIds: ['a'] };
  expect(value(create({ global: true, ...lists }))).toMatchObject({ global: true, ...lists });
  expect(errors(create({ global: true, eventTypes: ['nope'] }))).toEqual(['UNKNOWN_EVENT_TYPE input.eventTypes.0']);
});

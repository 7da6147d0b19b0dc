import { validateHeaderName, validateHeaderValue } from 'node:http';
import { expect, test } from 'vitest';
import {
  checkTargetHeaders,
  isReservedHeader,
  type TargetHeader,
} from '../../../../src/domain/targets/headers/target-header.ts';

const check = (headers: TargetHeader[], brand = 'Dakota') => checkTargetHeaders(headers, brand);
const errors = (...headers: TargetHeader[]) => check(headers).map(({ code, field }) => `${code} ${field!.join('.')}`);
const named = (name: string, value = 'v') => errors({ name, value });

test.each([
  'Authorization',
  'X-Api-Key',
  'cookie',
  'Accept',
  "!#$%&'*+-.^_`|~",
  'x',
  'Date',
  'X-Webhook',
  'Xdakota-Id',
])('the header %s may be set', (name) => {
  expect(named(name)).toEqual([]);
});

const RESERVED = [
  ...['host', 'connection', 'keep-alive', 'accept-encoding', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect'],
  ...['traceparent', 'tracestate', 'cookie2', 'user-agent'],
  ...['content-type', 'content-length', 'content-encoding', 'content-anything'],
  ...['proxy-authorization', 'proxy-connection', 'proxy-x'],
  ...['webhook-id', 'webhook-timestamp', 'webhook-signature', 'webhook-x'],
  ...['x-webhook-signature', 'x-webhook-timestamp', 'x-webhook-x'],
  ...['x-dakota-event-id', 'x-dakota-event-type', 'x-dakota-delivery-attempt', 'x-dakota-x'],
];

test.each(RESERVED)('the reserved name %s is refused in any case', (name) => {
  for (const form of [name, name.toUpperCase(), name.replace(/(^|-)./g, (start) => start.toUpperCase())]) {
    expect(named(form)).toEqual(['INVALID input.headers.0.name']);
  }
});

/** A random case for each letter, by the bits of a number. */
const inCase = (name: string, bits: number): string =>
  [...name].map((letter, place) => ((bits >> (place % 31)) & 1 ? letter.toUpperCase() : letter)).join('');

test('property: a reserved name is reserved in every case and under every brand; another word before it is not', () => {
  let bits = 0x1234_5678;
  const next = () => (bits = (Math.imul(bits, 1_103_515_245) + 12_345) >>> 0);
  for (let round = 0; round < 2_000; round++) {
    const name = RESERVED[next() % RESERVED.length]!;
    const brand = ['Acme', 'a-b', 'X9'][next() % 3]!;
    const branded = name.replace('x-dakota-', `x-${brand}-`);
    expect(isReservedHeader(inCase(branded, next()), inCase(brand, next())), branded).toBe(true);
    expect(isReservedHeader(inCase(`my-${branded}`, next()), brand), branded).toBe(false);
  }
});

test('the prefix that is reserved is that of the deployment’s brand', () => {
  expect(check([{ name: 'X-Acme-Event-ID', value: 'v' }], 'Acme')).toHaveLength(1);
  expect(check([{ name: 'X-Dakota-Event-ID', value: 'v' }], 'Acme')).toEqual([]);
});

test.each(['', ' ', 'a b', 'a:', 'Größe', 'a\n', 'a\0', '(x)', 'a,b', '\ud800'])('the name %j is no token', (name) => {
  expect(named(name)).toEqual(['INVALID input.headers.0.name']);
});

test.each(['', 'x', 'Bearer a.b.c', '~ !', 'a\\"b'])('the value %j is accepted', (value) => {
  expect(named('x', value)).toEqual([]);
});

test.each([' a', 'a ', '\ta', 'a\tb', 'a\r\nX-Evil: 1', 'a\0', 'é', '\x7f', '\ud800'])(
  'the value %j is refused',
  (value) => {
    expect(named('x', value)).toEqual(['INVALID input.headers.0.value']);
  },
);

test('what is accepted, Node accepts too', () => {
  for (let code = 0; code < 256; code++) {
    const character = String.fromCharCode(code);
    if (named(`x${character}`).length === 0) expect(() => validateHeaderName(`x${character}`)).not.toThrow();
    if (named('x', `a${character}b`).length === 0) {
      expect(() => validateHeaderValue('x', `a${character}b`)).not.toThrow();
    }
  }
});

test('a name stands once, in whatever case, and the second one is refused', () => {
  expect(errors({ name: 'X-Key', value: 'a' }, { name: 'Other', value: 'b' }, { name: 'x-key', value: 'c' })).toEqual([
    'INVALID input.headers.2.name',
  ]);
});

test('at most 20 headers, and 4,096 bytes of names and values together', () => {
  const headers = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `h${index}`, value: 'v' }));
  expect(check(headers(20))).toEqual([]);
  expect(errors(...headers(21))).toEqual(['TOO_MANY input.headers']);
  expect(errors({ name: 'ab', value: 'x'.repeat(4_094) })).toEqual([]);
  expect(errors({ name: 'ab', value: 'x'.repeat(4_000) }, { name: 'c', value: 'x'.repeat(94) })).toEqual([
    'TOO_LONG input.headers',
  ]);
});

test('all errors come at once, and none of them quotes a value, nor a name that holds one', () => {
  const secret = 'secret-0123456789';
  const refused = check([
    { name: `Authorization: ${secret}`, value: ` ${secret}` },
    { name: 'Host', value: `${secret}\n` },
    { name: 'x', value: `${secret}${'x'.repeat(5_000)}` },
    { name: 'X', value: secret },
  ]);
  expect(refused.map(({ code, field }) => `${code} ${field!.join('.')}`)).toEqual([
    'INVALID input.headers.0.name',
    'INVALID input.headers.0.value',
    'INVALID input.headers.1.name',
    'INVALID input.headers.1.value',
    'INVALID input.headers.3.name',
    'TOO_LONG input.headers',
  ]);
  expect(JSON.stringify(refused)).not.toContain(secret);
  expect(refused[0]!.message).toContain('position 13');
});

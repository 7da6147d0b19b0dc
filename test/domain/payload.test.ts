import { expect, test } from 'vitest';
import { buildBody, readPayload } from '../../src/domain/payload.ts';

const codeOf = (result: ReturnType<typeof readPayload>) =>
  result.ok ? result.value : [result.userErrors[0]!.code, result.userErrors[0]!.field!.join('.')];

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test('rawData is kept byte for byte', () => {
  const raw = ' {"b":1.0, "a":12345678901234567890, "a":1e400, "s":"\\ud83e\\udd8a é"}\n';
  expect(codeOf(readPayload({ rawData: raw }, []))).toBe(raw);
});

test('data becomes compact JSON in the order of its keys', () => {
  expect(codeOf(readPayload({ data: { b: [1, null], a: 'é' } }, []))).toBe('{"b":[1,null],"a":"é"}');
});

test.each([
  ['both', { data: {}, rawData: '{}' }, 'INVALID', 'input.rawData'],
  ['neither', {}, 'REQUIRED', 'input.data'],
  ['data that is null', { data: null, rawData: null }, 'REQUIRED', 'input.data'],
  ['rawData that is not JSON', { rawData: '{"a":' }, 'PAYLOAD_INVALID', 'input.rawData'],
  ['empty rawData', { rawData: '' }, 'PAYLOAD_INVALID', 'input.rawData'],
  ['a NUL in data', { data: { a: ['x\0'] } }, 'PAYLOAD_INVALID', 'input.data'],
  ['a NUL in a key', { data: { 'a\0': 1 } }, 'PAYLOAD_INVALID', 'input.data'],
  ['an escaped NUL in rawData', { rawData: '{"a":"\\u0000"}' }, 'PAYLOAD_INVALID', 'input.rawData'],
  ['a raw NUL in rawData', { rawData: '{"a":"\0"}' }, 'PAYLOAD_INVALID', 'input.rawData'],
  ['a lone surrogate in rawData', { rawData: '"\ud800"' }, 'PAYLOAD_INVALID', 'input.rawData'],
  ['an escaped lone surrogate in rawData', { rawData: '["\\uD800"]' }, 'PAYLOAD_INVALID', 'input.rawData'],
  ['one in a value whose key stands twice', { rawData: '{"a":"\\ud800","a":1}' }, 'PAYLOAD_INVALID', 'input.rawData'],
  ['a second half before the first', { rawData: '{"a":"\\udd8a\\ud83e","a":1}' }, 'PAYLOAD_INVALID', 'input.rawData'],
  ['a NUL in a value whose key stands twice', { rawData: '{"a":"\\u0000","a":1}' }, 'PAYLOAD_INVALID', 'input.rawData'],
  ['a lone surrogate in data', { data: { a: ['\ud800'] } }, 'PAYLOAD_INVALID', 'input.data'],
  ['a lone surrogate in a key of data', { data: { '\udc00': 1 } }, 'PAYLOAD_INVALID', 'input.data'],
  ['a number that lost digits in a parser', { data: { n: Number.NaN } }, 'PAYLOAD_INVALID', 'input.data'],
  ['an infinite number in data', { data: [Infinity] }, 'PAYLOAD_INVALID', 'input.data'],
  ['101 levels of rawData', { rawData: nested(101) }, 'PAYLOAD_INVALID', 'input.rawData'],
  ['100,000 levels of rawData', { rawData: nested(100_000) }, 'PAYLOAD_INVALID', 'input.rawData'],
  ['101 levels of data', { data: JSON.parse(nested(101)) }, 'PAYLOAD_INVALID', 'input.data'],
  ['257 KiB of rawData', { rawData: `"${'x'.repeat(256 * 1024 - 1)}"` }, 'PAYLOAD_TOO_LARGE', 'input.rawData'],
  ['257 KiB of data', { data: 'é'.repeat(128 * 1024) }, 'PAYLOAD_TOO_LARGE', 'input.data'],
])('%s is refused, naming the field', (_, payload, code, field) => {
  expect(codeOf(readPayload(payload, []))).toEqual([code, field]);
});

test('the limits themselves are accepted', () => {
  expect(readPayload({ rawData: nested(100) }, []).ok).toBe(true);
  expect(readPayload({ rawData: '["\\uD83E\\uDD8A 🦊 \\\\ud800"]' }, []).ok).toBe(true);
  expect(readPayload({ rawData: `"${'x'.repeat(256 * 1024 - 2)}"` }, []).ok).toBe(true);
  expect(
    readPayload({ data: { n: [Number.MAX_SAFE_INTEGER, 1e18, 123456789012345680000], backslash: '\\u0000' } }, []).ok,
  ).toBe(true);
});

test('a negative zero keeps its sign', () => {
  expect(codeOf(readPayload({ data: { n: [-0, 0] } }, []))).toBe('{"n":[-0,0]}');
});

test('an error in a batch names the event', () => {
  expect(codeOf(readPayload({}, ['events', 3]))).toEqual(['REQUIRED', 'input.events.3.data']);
});

test('the body has exactly the fields of the guide, and customer_id when the event has one', () => {
  const createdAt = new Date('2024-01-15T10:45:00.007Z');
  const event = { id: 'E', eventType: 'user.created', dataText: '{"n":1.0}', createdAt, customerId: null };
  const body = '{"id":"E","event":"user.created","data":{"n":1.0},"created_at":"2024-01-15T10:45:00.007Z"';
  expect(buildBody(event)).toBe(`${body}}`);
  expect(buildBody({ ...event, customerId: 'c"1' })).toBe(`${body},"customer_id":"c\\"1"}`);
});

test('a payload that is far too large is refused before its JSON is made', () => {
  for (const data of [Array.from({ length: 600_000 }, () => ({})), { a: 'x'.repeat(2_000_000) }]) {
    const result = readPayload({ data }, []);
    expect(result).toMatchObject({
      userErrors: [{ code: 'PAYLOAD_TOO_LARGE', message: expect.stringContaining('got over 1048576') }],
    });
  }
});

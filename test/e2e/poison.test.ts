/**
 * Data that breaks JSON parsers, databases and receivers, published to a service as its own process and compared with the bytes
 * that a receiver gets: each is delivered as it was sent, or refused with a reason that names its field.
 */
import { afterAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { API_KEY, CREATE_TARGET, startService, type Service } from '../support/service.ts';

const TYPE = 'customer.kyb_status.updated';
const FIELDS = 'event { id body data } deliveryCount userErrors { code field message }';
const LIMIT = 256 * 1024;

/** A request body that brings `data` as JSON text in its variables, in the document, or as `rawData`. */
const inVariable = (json: string): string =>
  `{"query":"mutation ($data: JSON) { publishEvent(input: { eventType: \\"${TYPE}\\", data: $data }) { ${FIELDS} } }","variables":{"data":${json}}}`;
const inDocument = (literal: string): string =>
  JSON.stringify({
    query: `mutation { publishEvent(input: { eventType: "${TYPE}", data: ${literal} }) { ${FIELDS} } }`,
  });
const withInput = (input: object): string =>
  JSON.stringify({
    query: `mutation ($input: PublishEventInput!) { publishEvent(input: $input) { ${FIELDS} } }`,
    variables: { input: { eventType: TYPE, ...input } },
  });
const asRawData = (rawData: string): string => withInput({ rawData });

const levels = (count: number): string => '['.repeat(count) + ']'.repeat(count);
/** JSON text of a string, `bytes` long in UTF-8; é takes two. */
const sized = (bytes: number): string => {
  const pairs = Math.floor((bytes - 2) / 2) - 1;
  return `"${'é'.repeat(pairs)}${'x'.repeat(bytes - 2 - 2 * pairs)}"`;
};

type Delivered = readonly [name: string, body: string, data: string];

const DELIVERED: readonly Delivered[] = [
  [
    'numbers of any length in rawData',
    asRawData('{"n":12345678901234567890,"f":0.10,"e":1e400,"z":-0}'),
    '{"n":12345678901234567890,"f":0.10,"e":1e400,"z":-0}',
  ],
  ['a key twice in rawData', asRawData('{"a":1,"a":2}'), '{"a":1,"a":2}'],
  ['blanks and line ends in rawData', asRawData(' {\r\n\t"a" : 1 }\n'), ' {\r\n\t"a" : 1 }\n'],
  ['a surrogate pair, escaped, in rawData', asRawData('{"a":"\\ud83e\\udd8a"}'), '{"a":"\\ud83e\\udd8a"}'],
  [
    'integers beyond 2^53 that a double holds',
    inVariable('[1e18,123456789012345680000,1e21]'),
    '[1000000000000000000,123456789012345680000,1e+21]',
  ],
  [
    'the same in a document',
    inDocument('{ n: [1e18, 123456789012345680000, 1e21] }'),
    '{"n":[1000000000000000000,123456789012345680000,1e+21]}',
  ],
  ['JSON null as rawData', asRawData('null'), 'null'],
  [
    '__proto__ and its kind in a variable',
    inVariable('{"__proto__":{"a":1},"constructor":2,"toString":3}'),
    '{"__proto__":{"a":1},"constructor":2,"toString":3}',
  ],
  [
    '__proto__ and its kind in a document',
    inDocument('{ __proto__: { a: 1 }, constructor: 2 }'),
    '{"__proto__":{"a":1},"constructor":2}',
  ],
  ['__proto__ in rawData', asRawData('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
  ['-0 in a variable', inVariable('{"n":-0,"f":-0.0}'), '{"n":-0,"f":-0}'],
  ['-0 in a document', inDocument('{ n: -0 }'), '{"n":-0}'],
  [
    'the largest numbers a double has',
    inVariable('[9007199254740991,1.5e-300,5e-324]'),
    '[9007199254740991,1.5e-300,5e-324]',
  ],
  ['100 levels in a variable', inVariable(levels(100)), levels(100)],
  ['100 levels in rawData', asRawData(levels(100)), levels(100)],
  ['256 KiB of UTF-8 in rawData', asRawData(sized(LIMIT)), sized(LIMIT)],
  ['256 KiB of UTF-8 in a variable', inVariable(sized(LIMIT)), sized(LIMIT)],
  ['a byte order mark before the request', `\ufeff${inVariable('{"a":1}')}`, '{"a":1}'],
  ['a byte order mark in a text', inVariable('"\ufeffa"'), '"\ufeffa"'],
  [
    'characters of every length, and separators of lines',
    inVariable('"é€🦊\u2028\u2029\u0085"'),
    '"é€🦊\u2028\u2029\u0085"',
  ],
  ['escapes that need none', asRawData('"\\u0041\\/"'), '"\\u0041\\/"'],
  ['a backslash and u0000 that are no NUL', inVariable('"\\\\u0000"'), '"\\\\u0000"'],
];

type Refused = readonly [name: string, body: string | Buffer, code: string, field: string];

const REFUSED: readonly Refused[] = [
  ['NUL in a variable', inVariable('{"a":"\\u0000"}'), 'PAYLOAD_INVALID', 'input.data $.a'],
  ['NUL in a key', inVariable('{"a\\u0000":1}'), 'PAYLOAD_INVALID', 'input.data $'],
  ['NUL in a document', inDocument('{ a: "\\u0000" }'), 'PAYLOAD_INVALID', 'input.data $.a'],
  ['NUL in rawData, escaped', asRawData('{"a":"\\u0000"}'), 'PAYLOAD_INVALID', 'input.rawData $.a'],
  ['NUL in rawData', asRawData('{"a":"\0"}'), 'PAYLOAD_INVALID', 'input.rawData'],
  ['half a surrogate pair in rawData', asRawData('"\ud800"'), 'PAYLOAD_INVALID', 'input.rawData'],
  ['half a surrogate pair in rawData, escaped', asRawData('{"a":"\\ud800"}'), 'PAYLOAD_INVALID', 'input.rawData $.a'],
  ['half a surrogate pair in a variable', inVariable('{"a":"\\ud800"}'), 'PAYLOAD_INVALID', 'input.data $.a'],
  ['half a surrogate pair in a key', inVariable('{"\\udc00":1}'), 'PAYLOAD_INVALID', 'input.data $'],
  ['a byte order mark before rawData', asRawData('\ufeff{}'), 'PAYLOAD_INVALID', 'input.rawData'],
  ['rawData that is no JSON', asRawData("{'a':1}"), 'PAYLOAD_INVALID', 'input.rawData'],
  ['NaN as rawData', asRawData('NaN'), 'PAYLOAD_INVALID', 'input.rawData'],
  ['1e400 in a variable', inVariable('{"n":1e400}'), 'PAYLOAD_INVALID', 'input.data $.n'],
  ['1e400 in a document', inDocument('{ n: 1e400 }'), 'PAYLOAD_INVALID', 'input.data $.n'],
  ['2^53 + 1 in a variable', inVariable('{"n":9007199254740993}'), 'PAYLOAD_INVALID', 'input.data $.n'],
  [
    '2^53 + 1 in a document',
    inDocument('{ a: [1, { n: 9007199254740993 }] }'),
    'PAYLOAD_INVALID',
    'input.data $.a[1].n',
  ],
  [
    'more digits than a double has, in a variable',
    inVariable('{"n":0.12345678901234567890}'),
    'PAYLOAD_INVALID',
    'input.data $.n',
  ],
  ['a key twice in a variable', inVariable('{"a":1,"b":{"a":1,"a":2}}'), 'BAD_USER_INPUT', 'variables.data.b.a'],
  ['a key twice in a document', inDocument('{ a: 1, a: 2 }'), 'BAD_USER_INPUT', '"a"'],
  ['101 levels in a variable', inVariable(levels(101)), 'PAYLOAD_INVALID', 'input.data'],
  ['100,000 levels in a variable', inVariable(levels(100_000)), 'BAD_USER_INPUT', 'variables.data'],
  ['100,000 levels in rawData', asRawData(levels(100_000)), 'PAYLOAD_INVALID', 'input.rawData'],
  ['a byte over 256 KiB in rawData', asRawData(sized(LIMIT + 1)), 'PAYLOAD_TOO_LARGE', 'input.rawData'],
  ['a byte over 256 KiB in a variable', inVariable(sized(LIMIT + 1)), 'PAYLOAD_TOO_LARGE', 'input.data'],
  ['bytes that are no UTF-8', Buffer.from(inVariable('"\xff"'), 'latin1'), 'BAD_USER_INPUT', 'UTF-8'],
  ['UTF-16', Buffer.from(inVariable('1'), 'utf16le'), 'BAD_USER_INPUT', 'request body'],
  ['NUL in customerId', withInput({ data: 1, customerId: 'a\0' }), 'INVALID', 'input.customerId'],
  ['half a surrogate pair in customerId', withInput({ data: 1, customerId: '\ud800' }), 'INVALID', 'input.customerId'],
  [
    '256 characters of customerId',
    withInput({ data: 1, customerId: '🦊'.repeat(256) }),
    'TOO_LONG',
    'input.customerId',
  ],
  ['NUL in idempotencyKey', withInput({ data: 1, idempotencyKey: 'a\0' }), 'INVALID', 'input.idempotencyKey'],
  [
    'a line end in idempotencyKey',
    withInput({ data: 1, idempotencyKey: 'a\r\nX-Evil: 1' }),
    'INVALID',
    'input.idempotencyKey',
  ],
  ['NUL in eventType', withInput({ data: 1, eventType: 'a\0' }), 'UNKNOWN_EVENT_TYPE', 'input.eventType'],
  [
    'half a surrogate pair in eventType',
    withInput({ data: 1, eventType: '\ud800' }),
    'UNKNOWN_EVENT_TYPE',
    'input.eventType',
  ],
  [
    'NUL in organizationId',
    withInput({ data: 1, organizationId: '0'.repeat(26) + '\0' }),
    'NOT_FOUND',
    'input.organizationId',
  ],
  ...names('\0', 'NUL'),
  ...names('\ud800', 'half a surrogate pair'),
];

/** Texts that are stored and shown rather than sent. */
function names(poison: string, what: string): Refused[] {
  const call = (field: string, input: string, value: object): Refused => [
    `${what} in ${field} of ${input}`,
    JSON.stringify({
      query: `mutation ($input: ${input[0]!.toUpperCase()}${input.slice(1)}Input!) { ${input}(input: $input) { userErrors { code field message } } }`,
      variables: { input: value },
    }),
    'INVALID',
    `input.${field}`,
  ];
  const url = 'https://example.com/';
  return [
    call('name', 'createWebhookTarget', { url, name: poison }),
    call('description', 'createWebhookTarget', { url, description: poison }),
    call('customerIds.0', 'createWebhookTarget', { url, customerIds: [poison] }),
    call('url', 'createWebhookTarget', { url: `https://example.com/${poison}` }),
    call('name', 'createOrganization', { name: poison }),
    call('name', 'createApiKey', { name: poison, scopes: ['EVENTS_READ'] }),
    call('category', 'createEventType', { name: 'poison.tested', category: poison }),
    call('example', 'createEventType', { name: 'poison.tested', category: 'c', example: { a: poison } }),
  ];
}

const seen: Record<string, { outcome: string }> = {};
afterAll(() => console.table(seen));

async function post({ url }: Service, body: string | Buffer) {
  const headers = { 'content-type': 'application/json', 'x-api-key': API_KEY };
  const response = await fetch(url, { method: 'POST', headers, body: body as string });
  return (await response.json()) as { data?: Record<string, any>; errors?: any[] };
}

async function expectDelivery(service: Service, receiver: Receiver, [name, body, data]: Delivered): Promise<void> {
  const { data: answer, errors } = await post(service, body);
  expect({ name, errors, userErrors: answer?.['publishEvent'].userErrors }).toEqual({
    name,
    errors: undefined,
    userErrors: [],
  });
  const { event } = answer!['publishEvent'];
  const received = await receiver.next(({ headers }) => headers['webhook-id'] === event.id);
  const createdAt = /"created_at":"([^"]+)"\}$/.exec(event.body)![1];
  const expected = `{"id":"${event.id}","event":"${TYPE}","data":${data},"created_at":"${createdAt}"}`;
  expect({ name, received: received.body.equals(Buffer.from(expected)) }).toEqual({ name, received: true });
  expect({ name, body: event.body === expected }).toEqual({ name, body: true });
  expect({ name, data: event.data }).toEqual({ name, data: JSON.parse(JSON.stringify(JSON.parse(data))) });
  seen[name] = { outcome: `delivered, ${received.body.length} bytes equal` };
}

async function expectRefusal(service: Service, [name, body, code, field]: Refused): Promise<void> {
  const { data, errors } = await post(service, body);
  const [userError] = Object.values(data ?? {})[0]?.userErrors ?? [];
  const got = userError
    ? { code: userError.code, reason: `${userError.field.join('.')} ${userError.message}` }
    : { code: errors?.[0].extensions.code, reason: errors?.[0].message };
  const [named, place = ''] = field.split(' ');
  expect({ name, ...got }).toEqual({ name, code, reason: expect.stringContaining(named!) });
  expect({ name, reason: got.reason }).toEqual({ name, reason: expect.stringContaining(place) });
  seen[name] = { outcome: `${got.code}: ${got.reason.slice(0, 100)}` };
}

test('poison is delivered byte for byte, or refused with a reason that names the field', async () => {
  await using service = await startService();
  await using receiver = await startReceiver();
  await service.api(CREATE_TARGET, { url: receiver.url });
  for (const poison of REFUSED) await expectRefusal(service, poison);
  for (const poison of DELIVERED) await expectDelivery(service, receiver, poison);
  expect(receiver.requests).toHaveLength(DELIVERED.length);
  const failures = service.logs.filter(({ msg }) => /internal_error|failed/.test(msg));
  expect(failures).toEqual([]);
});

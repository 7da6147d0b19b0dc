import { parseValue, type GraphQLScalarType } from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../../../src/schema/index.ts';
import { setup } from '../setup.ts';

const schema = buildSchema();
const dateTime = schema.getType('DateTime') as GraphQLScalarType<Date>;
const json = schema.getType('JSON') as GraphQLScalarType;

test('a DateTime is answered in UTC with milliseconds', () => {
  expect(dateTime.serialize(new Date(1_768_473_000_007))).toBe('2026-01-15T10:30:00.007Z');
});

test('a DateTime may come with any offset, and any digits after the second', () => {
  const moments: [string, string][] = [
    ['2026-01-15T10:30:00Z', '2026-01-15T10:30:00.000Z'],
    ['2026-01-15t10:30:00.1z', '2026-01-15T10:30:00.100Z'],
    ['2026-01-15T10:30:00.123987+01:30', '2026-01-15T09:00:00.123Z'],
    ['2024-02-29T23:59:59-23:59', '2024-03-01T23:58:59.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ];
  for (const [text, moment] of moments) {
    expect([text, dateTime.parseValue(text).toISOString()]).toEqual([text, moment]);
    expect(dateTime.parseLiteral(parseValue(`"${text}"`), {})?.toISOString()).toBe(moment);
  }
});

test('a DateTime of another shape, or of a day that does not exist, is refused and quoted', () => {
  const wrong = [
    '',
    'now',
    '2026-01-15',
    '2026-01-15T10:30:00',
    '2026-01-15 10:30:00Z',
    '2026-01-15T10:30Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-15T24:00:00Z',
    '2026-01-15T10:30:60Z',
    '2026-01-15T10:30:00+24:00',
    '2026-01-15T10:30:00+0100',
    ' 2026-01-15T10:30:00Z',
    '12026-01-15T10:30:00Z',
  ];
  for (const text of wrong) {
    expect(() => dateTime.parseValue(text)).toThrow(`RFC 3339 date-time with an offset, such as`);
    expect(() => dateTime.parseValue(text)).toThrow(`got ${JSON.stringify(text)}.`);
    expect(() => dateTime.parseLiteral(parseValue(JSON.stringify(text)), {})).toThrow(`got ${JSON.stringify(text)}.`);
  }
  for (const value of [1_768_473_000, null, true, {}]) expect(() => dateTime.parseValue(value)).toThrow('RFC 3339');
  expect(() => dateTime.parseLiteral(parseValue('1768473000'), {})).toThrow('got 1768473000.');
});

test('a malformed date in a filter is an error, in a variable and in the document', async () => {
  await using t = await setup();
  const inVariable = 'query ($range: DateTimeRange) { events(filter: { createdAt: $range }) { nodes { id } } }';
  const [variable] = (await t.execute(inVariable, { range: { gte: 'yesterday' } }, t.member)).errors;
  expect(variable).toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining('got "yesterday"') });
  const inDocument = '{ events(filter: { createdAt: { gte: "yesterday" } }) { nodes { id } } }';
  const [literal] = (await t.execute(inDocument, {}, t.member)).errors;
  expect(literal).toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining('got "yesterday"') });
});

const literal = (text: string, variables = {}): unknown => json.parseLiteral(parseValue(text), variables);

test('JSON takes every literal of a document, and variables inside it', () => {
  const text = '{ a: [1, -2.5, 1e3, "x", true, null, { b: [] }], __proto__: { c: 1 }, v: $v, w: $w }';
  const value = literal(text, { v: { deep: [1] } }) as Record<string, unknown>;
  expect(value['a']).toEqual([1, -2.5, 1000, 'x', true, null, { b: [] }]);
  expect(Object.keys(value)).toEqual(['a', '__proto__', 'v', 'w']);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect([value['v'], value['w']]).toEqual([{ deep: [1] }, null]);
});

test('a number in the document is kept, or NaN where a double would lose digits', () => {
  const kept = [
    '0',
    '-0',
    '9007199254740992',
    '1e22',
    '0.1',
    '1.50',
    '15e-1',
    '5e-324',
    '1.7976931348623157e308',
    '0.000',
  ];
  for (const text of kept) expect([text, literal(text)]).toEqual([text, Number(text)]);
  const lost = [
    '9007199254740993',
    '-12345678901234567890',
    '0.12345678901234567890',
    '1e400',
    '1e-400',
    '123456789.123456789012',
  ];
  for (const text of lost) expect([text, literal(`{ n: [${text}] }`)]).toEqual([text, { n: [Number.NaN] }]);
});

test('an enum is no JSON', () => {
  expect(() => literal('{ a: ACTIVE }')).toThrow('Expected a JSON value, got ACTIVE; write a string in quotes.');
});

test.each(['9007199254740993', '1e400', '0.12345678901234567890'])(
  'a number of more digits than a double has (%s) in a document is refused by name of its field',
  async (number) => {
    await using t = await setup();
    const input = `{ eventType: "customer.created", data: { n: [1, ${number}] } }`;
    const errors = 'userErrors { code field message }';
    const one = await t.query(`mutation { publishEvent(input: ${input}) { ${errors} } }`);
    const message = expect.stringMatching(
      /^The number at \$\.n\[1\] does not survive .* rawData, which is kept byte for byte/,
    );
    expect(one.publishEvent.userErrors).toEqual([{ code: 'PAYLOAD_INVALID', field: ['input', 'data'], message }]);
    const many = await t.query(`mutation { publishEvents(input: { events: [${input}] }) { ${errors} } }`);
    expect(many.publishEvents.userErrors).toMatchObject([{ field: ['input', 'events', '0', 'data'] }]);
    const admin = `mutation { createEventType(input: { name: "a.b", category: "c", example: ${number} }) { ${errors} } }`;
    expect((await t.query(admin, {}, t.admin)).createEventType.userErrors).toMatchObject([
      { field: ['input', 'example'] },
    ]);
    expect(await t.database.prisma().event.count()).toBe(0);
  },
);

import { afterAll, expect, test } from 'vitest';
import { loadCatalog } from '../../../src/domain/event-types/catalogs.ts';
import {
  checkEventTypeName,
  displayNameOf,
  isEventTypeName,
  suggestEventType,
  unknownEventType,
} from '../../../src/domain/event-types/event-type.ts';
import * as fields from '../../../src/domain/event-types/event-type-fields.ts';
import { createSchemaChecks } from '../../../src/domain/schemas/checks.ts';
import { compileSchema } from '../../../src/domain/schemas/compile.ts';
import type { Result } from '../../../src/errors.ts';

const schemas = createSchemaChecks();
afterAll(() => schemas.close());
const describeEventType = (name: string, input: fields.EventTypeInput) =>
  fields.describeEventType(schemas, name, input);
const changeEventType = (current: fields.EventTypeFields, input: fields.EventTypeInput) =>
  fields.changeEventType(schemas, current, input);

const KNOWN = ['transaction.auto.updated', 'transaction.auto.created', 'customer.created', 'wallet.deposit'];
const codes = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);

test.each(['a', 'wallet.deposit', 'transaction.one_off.created', '2fa.enabled', 'x'.repeat(128)])(
  'accepts the name %s',
  (name) => {
    expect(isEventTypeName(name)).toBe(true);
    expect(checkEventTypeName('name', name)).toEqual([]);
  },
);

test.each([
  'Wallet.deposit',
  'wallet..deposit',
  '.wallet',
  'wallet.',
  'wallet deposit',
  'wallet-deposit',
  'a\0b',
  'a\n',
])('refuses the name %j as INVALID', (name) => {
  expect(isEventTypeName(name)).toBe(false);
  expect(checkEventTypeName('name', name)).toMatchObject([{ code: 'INVALID', field: ['input', 'name'] }]);
});

test('refuses an empty name as REQUIRED and one of 129 characters as TOO_LONG', () => {
  expect(checkEventTypeName('name', '')).toMatchObject([{ code: 'REQUIRED' }]);
  expect(checkEventTypeName('name', 'x'.repeat(129))).toMatchObject([{ code: 'TOO_LONG' }]);
  expect(isEventTypeName('x'.repeat(129))).toBe(false);
});

test('every name of the reference catalogs is a valid name', () => {
  const names = loadCatalog(['dakota', 'dfns', 'daya']).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(70);
  expect(names.filter((name) => !isEventTypeName(name))).toEqual([]);
});

test.each([
  ['transaction.auto.updatd', 'transaction.auto.updated'],
  ['transaction.auto.udpated', 'transaction.auto.updated'],
  ['transactions.auto.created', 'transaction.auto.created'],
  [' Customer.Created ', 'customer.created'],
  ['wallet.deposits', 'wallet.deposit'],
])('suggests for %j the known name %s', (typed, meant) => {
  expect(suggestEventType(typed, KNOWN)).toBe(meant);
});

test.each(['policy.triggered', '', 'x'.repeat(10_000)])('suggests nothing for a name that is near to none', (typed) => {
  expect(suggestEventType(typed, KNOWN)).toBeUndefined();
});

test('the error of an unknown type names it, and what was probably meant', () => {
  const error = unknownEventType('eventType', 'customer.creatd', KNOWN);
  expect(error).toMatchObject({ code: 'UNKNOWN_EVENT_TYPE', field: ['input', 'eventType'] });
  expect(error.message).toContain('"customer.creatd" (did you mean "customer.created"?).');
  expect(unknownEventType('eventType', 'no.such.thing', KNOWN).message).toContain('"no.such.thing".');
});

test('shortens and escapes what it quotes of an unknown name', () => {
  const { message } = unknownEventType('eventType', `"\u0007${'x'.repeat(100_000)}`, KNOWN);
  expect(message.length).toBeLessThan(300);
  expect(message).toContain('"\\"\\u0007xxx');
});

test('a display name defaults to the name in words', async () => {
  expect(displayNameOf('transaction.one_off.updated')).toBe('Transaction one off updated');
  const described = await describeEventType('wallet.deposit', { category: 'wallet' });
  const blank = { category: 'wallet', displayName: 'Wallet deposit', description: '', schema: null, example: null };
  expect(described).toEqual({ ok: true, value: blank });
});

test('reports every error of a new event type at once', async () => {
  const described = await describeEventType('Bad Name', {
    category: ' ',
    displayName: 'x'.repeat(129),
    description: 'a\0b',
    schema: { type: 'objct' },
  });
  expect(codes(described)).toEqual([
    'INVALID input.name',
    'REQUIRED input.category',
    'TOO_LONG input.displayName',
    'INVALID input.description',
    'INVALID input.schema',
  ]);
});

test.each([
  ['an unknown type', { type: 'objct' }, 'must be equal to one of the allowed values'],
  ['a negative length', { minLength: -1 }, 'must be >= 0'],
  ['a broken pattern', { pattern: '(' }, 'Invalid regular expression'],
  ['a reference that leads nowhere', { $ref: '#/$defs/none' }, "can't resolve reference"],
  ['a reference to another document', { $ref: 'https://example.com/other.json' }, "can't resolve reference"],
  ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }, 'no schema with key or ref'],
  ['a dialect of Ajv', { $async: true }, '$async'],
  ['a number', 5, 'must be object or boolean'],
])('refuses as a schema %s, with the reason', async (_, schema, reason) => {
  const described = await describeEventType('a.b', { category: 'c', schema });
  expect(codes(described)).toEqual(['INVALID input.schema']);
  expect(!described.ok && described.userErrors[0]!.message).toContain(reason);
});

test('accepts booleans, unknown keywords, formats and 2020-12 keywords in a schema', async () => {
  for (const schema of [true, { 'x-owner': 'payments' }, { format: 'email' }, { prefixItems: [{ type: 'string' }] }]) {
    expect(codes(await describeEventType('a.b', { category: 'c', schema }))).toEqual([]);
  }
});

test('two schemas may carry the same $id', () => {
  const schema = (type: string) => ({ $id: 'https://example.com/data.json', type });
  expect(compileSchema(schema('object')).ok && compileSchema(schema('string')).ok).toBe(true);
});

test('a property that every JavaScript object inherits does not count as present', () => {
  const compiled = compileSchema({ required: ['constructor'] });
  expect(compiled.ok && compiled.findViolation('{}')).toContain('constructor');
});

test('a schema that refers to itself without end refuses data instead of overflowing', () => {
  const compiled = compileSchema({ $ref: '#' });
  expect(compiled.ok && compiled.findViolation('{}')).toContain('refers to itself');
});

const amount = { type: 'object', required: ['amount'], properties: { amount: { type: 'string' } } };

test('an example must satisfy the schema, and the error says where it does not', async () => {
  const described = await describeEventType('a.b', { category: 'c', schema: amount, example: { amount: 5 } });
  expect(codes(described)).toEqual(['INVALID input.example']);
  expect(!described.ok && described.userErrors[0]!.message).toContain('/amount must be string');
});

test('a new schema must accept the example that stays, and null removes either of them', async () => {
  const current = { category: 'c', displayName: 'd', description: '', schema: null, example: { amount: 5 } };
  expect(codes(await changeEventType(current, { schema: amount }))).toEqual(['INVALID input.schema']);
  expect(await changeEventType(current, { schema: amount, example: null })).toMatchObject({
    value: { schema: amount, example: null },
  });
  const strict = { ...current, schema: amount, example: null };
  expect(codes(await changeEventType(strict, { example: { amount: 5 } }))).toEqual(['INVALID input.example']);
  expect(await changeEventType(strict, { schema: null, example: { amount: 5 } })).toMatchObject({ ok: true });
});

test('null is refused for the texts of an event type', async () => {
  const current = { category: 'c', displayName: 'd', description: 'e', schema: null, example: null };
  const change = { category: null, displayName: null, description: null };
  expect(codes(await changeEventType(current, change))).toEqual([
    'REQUIRED input.category',
    'REQUIRED input.displayName',
    'REQUIRED input.description',
  ]);
});

const nested = (levels: number): unknown => (levels === 0 ? {} : { a: nested(levels - 1) });

test.each([
  ['NUL', { a: 'x\0y' }, 'INVALID input.example'],
  ['NUL in a key', { 'x\0y': 1 }, 'INVALID input.example'],
  ['a lone surrogate', ['\ud800'], 'INVALID input.example'],
  ['a number that JSON cannot write', [Infinity], 'INVALID input.example'],
  ['101 levels', nested(101), 'INVALID input.example'],
  ['5,000 levels', nested(5_000), 'INVALID input.example'],
  ['over 256 KiB', 'x'.repeat(256 * 1024), 'TOO_LONG input.example'],
])('refuses an example with %s', async (_, example, code) => {
  expect(codes(await describeEventType('a.b', { category: 'c', example }))).toEqual([code]);
});

test('accepts an example of 99 levels and of 256 KiB', async () => {
  expect(codes(await describeEventType('a.b', { category: 'c', example: nested(99) }))).toEqual([]);
  expect(codes(await describeEventType('a.b', { category: 'c', example: 'x'.repeat(256 * 1024 - 2) }))).toEqual([]);
});

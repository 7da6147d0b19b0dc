import { expect, test } from 'vitest';
import { fieldsOf, sampleOf } from '../../../../src/console/events/publish/sample.ts';

const WALLET = {
  type: 'object',
  required: ['id', 'state'],
  properties: {
    id: { type: 'string', format: 'uuid', description: 'The wallet.' },
    state: { enum: ['ACTIVE', 'CLOSED'] },
    balance: { type: 'number', minimum: 1 },
    tags: { type: 'array', items: { type: 'string' } },
    owner: { $ref: '#/$defs/owner' },
  },
  $defs: { owner: { type: 'object', properties: { name: { type: ['string', 'null'] }, wallet: { $ref: '#' } } } },
};

test('each field that a schema names is in the sample, with a value of its type', () => {
  expect(sampleOf(WALLET)).toMatchObject({
    id: '00000000-0000-4000-8000-000000000000',
    state: 'ACTIVE',
    balance: 1,
    tags: [''],
    owner: { name: '' },
  });
});

test('constants, defaults and examples come before types', () => {
  const properties = { a: { const: 'x' }, b: { type: 'number', default: 7 }, c: { type: 'string', examples: ['e'] } };
  expect(sampleOf({ properties })).toEqual({ a: 'x', b: 7, c: 'e' });
});

test('the parts of allOf are put together, and of alternatives the first is taken', () => {
  const part = (name: string) => ({ type: 'object', properties: { [name]: { type: 'boolean' } } });
  expect(sampleOf({ allOf: [part('a'), part('b')] })).toEqual({ a: false, b: false });
  expect(sampleOf({ oneOf: [part('a'), part('b')] })).toEqual({ a: false });
});

test('a schema that holds itself, or is none, ends', () => {
  expect(JSON.stringify(sampleOf({ properties: { next: { $ref: '#' } } })).length).toBeLessThan(200);
  expect([sampleOf(true), sampleOf(null), sampleOf({ $ref: 'https://example.com' })]).toEqual([null, null, null]);
});

test('the fields are listed with their types, and whether they are required', () => {
  expect(fieldsOf(WALLET).slice(0, 4)).toEqual([
    { path: 'id', type: 'string (uuid)', isRequired: true, description: 'The wallet.' },
    { path: 'state', type: '"ACTIVE" | "CLOSED"', isRequired: true, description: '' },
    { path: 'balance', type: 'number', isRequired: false, description: '' },
    { path: 'tags', type: 'array', isRequired: false, description: '' },
  ]);
  expect(fieldsOf(WALLET).map(({ path }) => path)).toContain('owner.name');
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, nth) => [`f${nth}`, {}]));
  expect(fieldsOf({ properties: many })).toHaveLength(200);
});

test('fields of list entries have the list in their path', () => {
  const schema = { properties: { users: { type: 'array', items: { properties: { id: { type: 'integer' } } } } } };
  expect(fieldsOf(schema).map(({ path }) => path)).toEqual(['users', 'users[].id']);
});

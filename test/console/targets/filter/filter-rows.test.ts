import { expect, test } from 'vitest';
import {
  filterOf,
  OPERATORS,
  problemOf,
  rowsOf,
  type FilterForm,
  type FilterRow,
  type Operator,
} from '../../../../src/console/targets/filter/filter-rows.ts';

const row = (operator: Operator, value = '', path = 'data.amount.value'): FilterRow => ({ path, operator, value });
const filtersOf = (...rows: FilterRow[]): unknown => filterOf({ join: 'all', rows });
const PATH = ['data', 'amount', 'value'];

test('no condition is no filter', () => {
  expect(filterOf({ join: 'any', rows: [] })).toBeNull();
  expect(rowsOf(null)).toEqual({ join: 'all', rows: [] });
});

test('a value is a number, true, false or null where it is written like one, and a text where it is not or has quotes', () => {
  const equals = (written: string) => filtersOf(row('equals', written));
  const where = (value: unknown) => ({ all: [{ where: { path: PATH, equals: value } }] });
  expect(equals('42')).toEqual(where(42));
  expect(equals('"42"')).toEqual(where('42'));
  expect(equals('true')).toEqual(where(true));
  expect(equals('null')).toEqual(where(null));
  expect(equals('EUR')).toEqual(where('EUR'));
  expect(equals('{"a":1}')).toEqual(where('{"a":1}'));
});

test('a list is values with commas between them, or a JSON list', () => {
  expect(filtersOf(row('in', 'EUR, 1,true'))).toEqual({ all: [{ where: { path: PATH, in: ['EUR', 1, true] } }] });
  expect(filtersOf(row('in', '["a,b"]'))).toEqual({ all: [{ where: { path: PATH, in: ['a,b'] } }] });
});

test('numbers to compare with are sent as they are written', () => {
  expect(filtersOf(row('atLeast', '1000.00'))).toEqual({ all: [{ where: { path: PATH, atLeast: '1000.00' } }] });
});

test.for(Object.keys(OPERATORS) as Operator[])('a row with %s comes back from its filter', (operator) => {
  const value = operator.toLowerCase().includes('exists') ? '' : operator === 'in' ? '["EUR","1",2]' : '"42"';
  const form: FilterForm = { join: 'any', rows: [row(operator, value), row('equals', 'x', 'customer_id')] };
  expect(rowsOf(filterOf(form))).toEqual(form);
});

test('a filter of another shape is not forced into rows', () => {
  const where = { path: ['data'], exists: true };
  expect(rowsOf({ where })).toEqual({ join: 'all', rows: [row('exists', '', 'data')] });
  expect(rowsOf({ all: [{ any: [{ where }] }] })).toBeNull();
  expect(rowsOf({ not: { all: [{ where }] } })).toBeNull();
  expect(rowsOf({ not: { where: { path: ['data'], startsWith: 'x' } } })).toBeNull();
  expect(rowsOf({ where: { path: ['a.b'], exists: true } })).toBeNull();
  expect(rowsOf({ where: { path: ['data'], atLeast: '1', atMost: '2' } })).toBeNull();
});

test.for([
  '5',
  '[]',
  '{"all":{}}',
  '{"any":"x"}',
  '{"all":[null]}',
  '{"where":{}}',
  '{"where":"x"}',
  '{"where":{"path":"data"}}',
  '{"where":{"path":[1]}}',
  '{"where":{"path":["data"],"toString":"x"}}',
  '{"not":{"where":{}}}',
])('%s, which somebody has not yet finished, is no rows and no error', (written) => {
  expect(rowsOf(JSON.parse(written))).toBeNull();
});

test('a row says what it lacks before it is sent', () => {
  expect(problemOf(row('equals', 'x', 'data..value'))).toContain('dots');
  expect(problemOf(row('atLeast', ' '))).toBe('Write a value.');
  expect(problemOf(row('equals', ''))).toBeNull();
  expect(problemOf(row('exists'))).toBeNull();
});

test('a number that JavaScript would round is refused where it is compared for equality', () => {
  expect(problemOf(row('equals', '12345678901234567'))).toContain('digits');
  expect(problemOf(row('equals', '1e400'))).toContain('digits');
  expect(problemOf(row('equals', '"12345678901234567"'))).toBeNull();
  expect(problemOf(row('equals', '1000.00'))).toBeNull();
  expect(problemOf(row('atLeast', '12345678901234567'))).toBeNull();
});

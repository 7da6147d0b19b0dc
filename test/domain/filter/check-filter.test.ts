/** What a filter may be: everything else is INVALID, with the path of the offender. */
import { expect, test } from 'vitest';
import {
  checkFilter,
  type PayloadConditionInput,
  type PayloadFilterInput,
} from '../../../src/domain/filter/check-filter.ts';

const check = (filter: PayloadFilterInput) => checkFilter(filter, ['filter']);

const errorsOf = (filter: PayloadFilterInput) => {
  const checked = check(filter);
  return checked.ok ? [] : checked.userErrors.map(({ field, code }) => [field?.join('.'), code]);
};

const where = (test: object): PayloadFilterInput => ({ where: { path: ['a'], ...test } as PayloadConditionInput });
const nested = (levels: number): PayloadFilterInput =>
  levels === 1 ? where({ equals: 1 }) : { not: nested(levels - 1) };
const many = (count: number, filter: PayloadFilterInput = where({ equals: 1 })) =>
  Array.from({ length: count }, () => filter);

test('a filter is stored in the shape in which it was given', () => {
  const filter = { all: [where({ in: ['b', 1, null, true] }), { not: where({ atLeast: '1000.00' }) }] };
  const checked = check(filter);
  expect(checked).toEqual({ ok: true, value: { filter, text: JSON.stringify(filter) } });
});

test('absent fields, and null of every test but equals, are none', () => {
  const given = { all: null, where: { path: ['a'], equals: undefined, in: null, exists: true } } as PayloadFilterInput;
  expect(check(given)).toMatchObject({ value: { filter: where({ exists: true }) } });
  expect(check(where({ equals: null, in: null }))).toMatchObject({ value: { filter: where({ equals: null }) } });
  expect(errorsOf(where({ equals: null, exists: true }))).toEqual([['input.filter.where', 'INVALID']]);
});

test.each<[string, PayloadFilterInput]>([
  ['4 KiB as JSON', where({ equals: 'a'.repeat(4096 - JSON.stringify(where({ equals: '' })).length) })],
  ['5 levels', nested(5)],
  ['50 conditions', { all: many(50) }],
  ['100 values of in', where({ in: Array.from({ length: 100 }, () => 1) })],
  ['10 names in a path', { where: { path: Array.from({ length: 10 }, () => 'n'), exists: true } }],
])('%s are the most', (_, filter) => {
  expect(errorsOf(filter)).toEqual([]);
});

const ELEVEN = Array.from({ length: 11 }, () => 'n');

test.each<[string, PayloadFilterInput, string]>([
  ['over 4 KiB as JSON', where({ equals: 'ü'.repeat(2050) }), 'filter'],
  ['a sixth level', nested(6), 'filter.not.not.not.not.not'],
  ['a sixth level in a list', { any: [nested(1), nested(5)] }, 'filter.any.1.not.not.not.not'],
  ['51 conditions', { all: many(2, { any: many(25) }).concat(many(1)) }, 'filter'],
  [
    '101 values of in',
    { all: [...many(3), where({ in: Array.from({ length: 101 }, () => 1) })] },
    'filter.all.3.where.in',
  ],
  ['11 names in a path', { where: { path: ELEVEN, exists: true } }, 'filter.where.path'],
  ['an empty path', { where: { path: [], exists: true } }, 'filter.where.path'],
  ['no test', where({}), 'filter.where'],
  ['two tests', where({ greaterThan: '1', lessThan: '2' }), 'filter.where'],
  ['no field at all', {}, 'filter'],
  ['two fields at once', { all: [], any: [] }, 'filter'],
  ['a list to be equal to', where({ equals: [1] }), 'filter.where.equals'],
  ['an object in a list', where({ in: [1, { a: 1 }] }), 'filter.where.in.1'],
  ['a number that a double cannot hold', where({ equals: Number.NaN }), 'filter.where.equals'],
  ['such a number in a list', where({ in: [1, Number.NaN] }), 'filter.where.in.1'],
  ['a text that is no decimal number', where({ greaterThan: '1,000.00' }), 'filter.where.greaterThan'],
  ['an empty text as a number', where({ atMost: '' }), 'filter.where.atMost'],
  ['a number with a plus', where({ atLeast: '+1' }), 'filter.where.atLeast'],
  ['NUL in a text', where({ startsWith: 'a\0' }), 'filter.where.startsWith'],
  ['a lone surrogate', where({ equals: '\ud800' }), 'filter.where.equals'],
  ['NUL in a path', { where: { path: ['a', '\0'], exists: true } }, 'filter.where.path.1'],
])('%s is INVALID at its own path', (_, filter, place) => {
  expect(errorsOf(filter)).toEqual([[`input.${place}`, 'INVALID']]);
});

test('all errors are reported at once', () => {
  expect(errorsOf({ all: [where({ lessThan: 'x' }), where({}), {}] })).toEqual([
    ['input.filter.all.0.where.lessThan', 'INVALID'],
    ['input.filter.all.1.where', 'INVALID'],
    ['input.filter.all.2', 'INVALID'],
  ]);
});

test('the error for a number with too many digits says what to use instead', () => {
  const checked = check(where({ equals: Number.NaN }));
  expect(checked).toMatchObject({
    userErrors: [{ message: expect.stringContaining('use atLeast together with atMost') }],
  });
});

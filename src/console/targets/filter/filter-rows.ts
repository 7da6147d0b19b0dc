/**
 * A filter of a target as rows of a form: conditions that all hold, or of which any holds. A filter of another shape is edited as
 * JSON: `rowsOf` answers null for it, and nothing of it is lost.
 */
import type { PayloadFilterInput } from '../../generated/graphql.ts';

export const OPERATORS = {
  equals: 'is',
  notEquals: 'is not',
  in: 'is one of',
  startsWith: 'starts with',
  endsWith: 'ends with',
  greaterThan: 'is greater than',
  atLeast: 'is at least',
  lessThan: 'is less than',
  atMost: 'is at most',
  exists: 'exists',
  notExists: 'does not exist',
} as const;

export type Operator = keyof typeof OPERATORS;

export type FilterRow = {
  /** Names of fields from the root of the body, joined by dots. */
  readonly path: string;
  readonly operator: Operator;
  readonly value: string;
};

export type FilterForm = { readonly join: 'all' | 'any'; readonly rows: readonly FilterRow[] };

export const NEW_ROW: FilterRow = { path: 'data.', operator: 'equals', value: '' };

export const needsValue = (operator: Operator): boolean => operator !== 'exists' && operator !== 'notExists';

/** Null: no condition. */
export function filterOf({ join, rows }: FilterForm): PayloadFilterInput | null {
  if (rows.length === 0) return null;
  const filters = rows.map(toFilter);
  return join === 'all' ? { all: filters } : { any: filters };
}

function toFilter({ path, operator, value }: FilterRow): PayloadFilterInput {
  const names = path.split('.');
  switch (operator) {
    case 'equals':
      return { where: { path: names, equals: toValue(value) } };
    case 'notEquals':
      return { not: { where: { path: names, equals: toValue(value) } } };
    case 'in':
      return { where: { path: names, in: toValues(value) } };
    case 'exists':
    case 'notExists':
      return { where: { path: names, exists: operator === 'exists' } };
    default:
      return { where: { path: names, [operator]: value } };
  }
}

/** A JSON text, number, true, false or null as it is written; everything else is a text. */
function toValue(written: string): unknown {
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === 'object' && value !== null ? written : value;
  } catch {
    return written;
  }
}

/** A JSON list, or values with commas between them. */
function toValues(written: string): unknown[] {
  try {
    const list: unknown = JSON.parse(written);
    if (Array.isArray(list)) return list;
  } catch {
    // Not JSON: values with commas.
  }
  return written
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(toValue);
}

/** Null: the filter has another shape than a form, or a path that dots cannot write. */
export function rowsOf(filter: unknown): FilterForm | null {
  if (filter === null || filter === undefined) return { join: 'all', rows: [] };
  // Somebody may be in the middle of writing it as JSON: nothing of its shape is certain.
  if (!isObject(filter)) return null;
  const { all, any, ...one } = filter;
  const list = all ?? any ?? [one];
  if (!Array.isArray(list)) return null;
  const rows = list.map(toRow);
  if (rows.some((row) => row === null)) return null;
  return { join: any ? 'any' : 'all', rows: rows as FilterRow[] };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPath = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string' && !name.includes('.'));

function toRow(filter: unknown): FilterRow | null {
  if (!isObject(filter)) return null;
  const { where, not } = filter;
  const condition = where ?? (isObject(not) ? not['where'] : undefined);
  if (!isObject(condition) || !isPath(condition['path'])) return null;
  const path = condition['path'].join('.');
  const [[test, value] = ['', undefined], ...more] = Object.entries(condition).filter(([name]) => name !== 'path');
  if (more.length > 0) return null;
  if (not) return test === 'equals' ? { path, operator: 'notEquals', value: toText(value) } : null;
  if (test === 'exists') return { path, operator: value === true ? 'exists' : 'notExists', value: '' };
  if (test === 'in') return { path, operator: 'in', value: JSON.stringify(value) };
  if (test === 'equals') return { path, operator: 'equals', value: toText(value) };
  return Object.hasOwn(OPERATORS, test) ? { path, operator: test as Operator, value: String(value) } : null;
}

/** As toValue reads it: a text that looks like another value keeps its quotes. */
const toText = (value: unknown): string =>
  typeof value === 'string' && toValue(value) === value ? value : JSON.stringify(value);

/** What is wrong with a row before it is sent; null: nothing that can be seen here. */
export function problemOf({ path, operator, value }: FilterRow): string | null {
  if (path.split('.').some((name) => name === ''))
    return 'Write names of fields with dots between them, such as data.amount.value.';
  if (!needsValue(operator)) return null;
  if (value.trim() === '' && operator !== 'equals' && operator !== 'notEquals') return 'Write a value.';
  if (['equals', 'notEquals'].includes(operator) && hasTooManyDigits(value))
    return 'The number has more than 15 digits, so it cannot be compared exactly here. Use “is at least” and “is at most”.';
  return null;
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Whether JavaScript would round it on its way to the service. */
function hasTooManyDigits(written: string): boolean {
  if (!NUMBER.test(written.trim())) return false;
  const digits = written
    .trim()
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
  return digits.length > 15 || !Number.isFinite(Number(written));
}

/** Makes a filter ready to be asked thousands of times a second. A compiled filter takes little memory and is never changed. */
import { compareDecimals, readDecimal, type Decimal } from '../json/decimal.ts';
import type { BodyValues } from './body-values.ts';
import { testOf, type JsonScalar, type PayloadFilter, type TestName } from './payload-filter.ts';

export type CompiledFilter =
  | { readonly kind: 'all' | 'any'; readonly of: readonly CompiledFilter[] }
  | { readonly kind: 'not'; readonly of: CompiledFilter }
  | CompiledCondition;

type CompiledCondition = {
  readonly kind: 'where';
  readonly path: readonly string[];
  readonly test: TestName;
  /** The value that the test compares with. */
  readonly operand: JsonScalar | readonly JsonScalar[] | Decimal;
};

/** Compiles a filter that checkFilter let pass. */
export function compileFilter(filter: PayloadFilter): CompiledFilter {
  if ('all' in filter) return { kind: 'all', of: filter.all.map(compileFilter) };
  if ('any' in filter) return { kind: 'any', of: filter.any.map(compileFilter) };
  if ('not' in filter) return { kind: 'not', of: compileFilter(filter.not) };
  const { where } = filter;
  const test = testOf(where);
  const given = where[test]!;
  const isComparison = test === 'greaterThan' || test === 'atLeast' || test === 'lessThan' || test === 'atMost';
  return { kind: 'where', path: where.path, test, operand: isComparison ? readDecimal(given as string)! : given };
}

/** Whether a body satisfies the filter. `body`: the values at its root. */
export function satisfies(filter: CompiledFilter, body: BodyValues): boolean {
  switch (filter.kind) {
    case 'all':
      return filter.of.every((each) => satisfies(each, body));
    case 'any':
      return filter.of.some((each) => satisfies(each, body));
    case 'not':
      return !satisfies(filter.of, body);
    case 'where':
      return passes(filter, body.at(filter.path));
  }
}

function passes({ test, operand }: CompiledCondition, values: BodyValues): boolean {
  switch (test) {
    case 'equals':
      return values.has(operand as JsonScalar);
    case 'in':
      return (operand as readonly JsonScalar[]).some((value) => values.has(value));
    case 'greaterThan':
      return values.greatest !== undefined && compareDecimals(values.greatest, operand as Decimal) > 0;
    case 'atLeast':
      return values.greatest !== undefined && compareDecimals(values.greatest, operand as Decimal) >= 0;
    case 'lessThan':
      return values.least !== undefined && compareDecimals(values.least, operand as Decimal) < 0;
    case 'atMost':
      return values.least !== undefined && compareDecimals(values.least, operand as Decimal) <= 0;
    case 'startsWith':
      return values.hasStart(operand as string);
    case 'endsWith':
      return values.hasEnd(operand as string);
    case 'exists':
      return operand ? values.exists : values.isMissing;
  }
}

/** Of an object without its fields, of a field or list entry, and of a text without its characters. Estimates. */
const [OBJECT_BYTES, ENTRY_BYTES, TEXT_BYTES] = [24, 8, 16];

/** About what a compiled filter takes in memory. */
export function bytesOf(filter: CompiledFilter): number {
  if (filter.kind === 'not') return OBJECT_BYTES + 2 * ENTRY_BYTES + bytesOf(filter.of);
  if (filter.kind === 'where') {
    return OBJECT_BYTES + 4 * ENTRY_BYTES + listBytes(filter.path) + operandBytes(filter.operand);
  }
  return (
    OBJECT_BYTES +
    2 * ENTRY_BYTES +
    filter.of.reduce((sum, each) => sum + ENTRY_BYTES + bytesOf(each), 2 * OBJECT_BYTES)
  );
}

const listBytes = (list: readonly unknown[]): number =>
  list.reduce<number>((sum, each) => sum + ENTRY_BYTES + operandBytes(each), 2 * OBJECT_BYTES);

function operandBytes(operand: unknown): number {
  if (typeof operand === 'string') return TEXT_BYTES + 2 * operand.length;
  if (Array.isArray(operand)) return listBytes(operand);
  return typeof operand === 'object' && operand !== null
    ? 256 + 2 * String((operand as { text?: string }).text).length
    : 16;
}

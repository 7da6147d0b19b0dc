/**
 * A second evaluator of payload filters, for comparison: as slow and as plain as possible, straight from the truth table. It
 * reads no JSON text: numbers are given as their texts.
 */
import type { PayloadConditionInput, PayloadFilterInput } from '../../../src/domain/filter/check-filter.ts';

/** A number of a body, as it is written there. */
export type Written = { readonly number: string };
export type Tree = string | boolean | null | Written | readonly Tree[] | ReadonlyMap<string, Tree>;

const MISSING = Symbol('missing');
type Found = Exclude<Tree, readonly Tree[]> | typeof MISSING;

export function naively(filter: PayloadFilterInput, body: Tree): boolean {
  if (filter.all) return filter.all.every((each) => naively(each, body));
  if (filter.any) return filter.any.some((each) => naively(each, body));
  if (filter.not) return !naively(filter.not, body);
  const { path, ...test } = filter.where!;
  return find(body, path).some((value) => holds(test, value));
}

function find(value: Tree, [name, ...rest]: readonly string[]): Found[] {
  if (Array.isArray(value)) return value.flatMap((each) => find(each, name === undefined ? [] : [name, ...rest]));
  if (name === undefined) return [value as Found];
  if (!(value instanceof Map)) return [MISSING];
  const inner = value.get(name) as Tree | undefined;
  return inner === undefined ? [MISSING] : find(inner, rest);
}

function holds(test: Omit<PayloadConditionInput, 'path'>, value: Found): boolean {
  const [[name, operand] = []] = Object.entries(test);
  if (name === 'exists') return operand === (value !== MISSING);
  if (value === MISSING) return false;
  if (name === 'equals') return isEqual(value, operand);
  if (name === 'in') return (operand as unknown[]).some((each) => isEqual(value, each));
  if (name === 'startsWith' || name === 'endsWith') {
    if (typeof value !== 'string') return false;
    const [own, asked] = [[...value], [...(operand as string)]];
    const part = name === 'startsWith' ? own.slice(0, asked.length) : own.slice(Math.max(0, own.length - asked.length));
    return part.join('') === asked.join('');
  }
  const number = typeof value === 'string' ? value : isWritten(value) ? value.number : undefined;
  if (number === undefined || !/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(number)) return false;
  const difference = subtract(number, operand as string);
  if (name === 'greaterThan') return difference > 0n;
  if (name === 'atLeast') return difference >= 0n;
  return name === 'lessThan' ? difference < 0n : difference <= 0n;
}

const isWritten = (value: unknown): value is Written =>
  typeof value === 'object' && value !== null && 'number' in value && !(value instanceof Map);

function isEqual(value: Found, asked: unknown): boolean {
  if (isWritten(value)) return typeof asked === 'number' && subtract(value.number, String(asked)) === 0n;
  return value === asked;
}

/** Of two decimal numbers, times a power of ten that makes both whole. */
function subtract(one: string, other: string): bigint {
  const [a, b] = [scaled(one), scaled(other)];
  const lowest = Math.min(a.exponent, b.exponent);
  const whole = ({ digits, exponent }: typeof a) => digits * 10n ** BigInt(exponent - lowest);
  return whole(a) - whole(b);
}

function scaled(text: string): { digits: bigint; exponent: number } {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = BigInt((whole + fraction).replace('-', '')) * (text.startsWith('-') ? -1n : 1n);
  return { digits, exponent: Number(exponent) - fraction.length };
}

/** Decimal numbers of any length, compared exactly. */
import { exactNumber } from './json-text.ts';

/** A decimal number: a double where it has all the digits, which is nearly always. */
export type Decimal = number | LongDecimal;

/** A decimal number that a double cannot hold, taken apart once. Its value is `sign` × 0.`digits` × 10 ^ `magnitude`. */
export class LongDecimal {
  readonly text: string;
  /** The nearest double, which may be infinite. */
  readonly near: number;
  readonly sign: -1 | 0 | 1;
  /** Without zeros at either end, so that texts of one number have the same digits. Empty for zero. */
  readonly digits: string;
  readonly magnitude: bigint;

  /** `text` is a number as JSON writes it. */
  constructor(text: string) {
    const [, minus, whole = '', fraction = '', exponent = '0'] = PARTS.exec(text) ?? [];
    const written = whole + fraction;
    let [start, end] = [0, written.length];
    while (written[start] === '0') start++;
    while (end > start && written[end - 1] === '0') end--;
    this.text = text;
    this.near = Number(text);
    this.digits = written.slice(start, end);
    this.sign = this.digits === '' ? 0 : minus === '-' ? -1 : 1;
    this.magnitude = BigInt(exponent) + BigInt(whole.length - start);
  }
}

/** The number that a text is, as JSON writes numbers: `1000.00`, `-0.5`, `1e400`. Undefined for any other text. */
export function readDecimal(text: string): Decimal | undefined {
  return DECIMAL.test(text) ? toDecimal(text) : undefined;
}

/** The value of a text that is a number in JSON. */
export const toDecimal = (text: string): Decimal => exactNumber(text) ?? new LongDecimal(text);

/** Less than, equal to or greater than zero, as `one` is to `other`. */
export function compareDecimals(one: Decimal, other: Decimal): number {
  // Doubles that have all the digits of their texts are in the order of these.
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  // Rounding keeps the order, so only numbers that round to the same double have to be taken apart.
  const [near, otherNear] = [nearOf(one), nearOf(other)];
  if (near !== otherNear) return near < otherNear ? -1 : 1;
  const [a, b] = [longOf(one), longOf(other)];
  if (a.sign !== b.sign || a.sign === 0) return a.sign - b.sign;
  return a.sign * compareSizes(a, b);
}

function compareSizes(a: LongDecimal, b: LongDecimal): number {
  if (a.magnitude !== b.magnitude) return a.magnitude < b.magnitude ? -1 : 1;
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -1 : 1;
}

const nearOf = (decimal: Decimal): number => (typeof decimal === 'number' ? decimal : decimal.near);

const longOf = (decimal: Decimal): LongDecimal =>
  typeof decimal === 'number' ? new LongDecimal(String(decimal)) : decimal;

const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

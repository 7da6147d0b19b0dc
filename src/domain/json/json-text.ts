/** Numbers of JSON and GraphQL texts: JSON.parse rounds a number with more digits than a double has, without a word. */

/**
 * A reviver for JSON.parse: a number that a double cannot hold becomes NaN, which no JSON text can contain. The code that
 * takes the value refuses it, and can name its field.
 */
export const markInexact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && exactNumber(context?.source ?? '0') === undefined ? Number.NaN : value;

/** The number a JSON or GraphQL text stands for; undefined when a double cannot hold all its digits. */
export function exactNumber(text: string): number | undefined {
  const value = Number(text);
  if (text.length <= SAFE_LENGTH && PLAIN.test(text)) return value;
  return Number.isFinite(value) && decimal(text) === decimal(String(value)) ? value : undefined;
}

/** A double holds every number of up to 15 digits exactly. */
const SAFE_LENGTH = 15;
const PLAIN = /^-?\d+(?:\.\d+)?$/;

/** Sign, digits and exponent without redundant zeros, so that 1.50, 15e-1 and 1.5 are one text. */
function decimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  let end = digits.length;
  while (digits[end - 1] === '0') end--; // A regular expression would begin anew at each zero.
  const significant = digits.slice(0, end);
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

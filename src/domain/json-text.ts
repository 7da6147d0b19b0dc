/**
 * What JSON.parse changes without a word: of a key that stands twice in one object it keeps the last (RFC 8259 leaves open
 * which one counts; I-JSON, RFC 7493, forbids it), and a number of more digits than a double has loses some.
 */

export type JsonSurvey = {
  /** Where a key stands for the second time, e.g. variables.input.data.id; null: nowhere. */
  readonly repeatedKey: string | null;
  /** Whether a double holds every number as it is written. */
  readonly isExact: boolean;
};

const QUOTE = 0x22;
const MINUS = 0x2d;
const [ZERO, NINE] = [0x30, 0x39];
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** An object with its keys so far, or a list; `at` is where the survey is in it. */
type Frame = { readonly keys: Set<string> | null; at: string | number };

/** Nobody takes data this deep: what is deeper is not looked over, so that brackets alone cannot fill the memory. */
const MAX_DEPTH = 1_000;

/** Looks over a JSON text once. Of a text that is none it says nothing reliable, but ends. */
export function surveyJson(text: string): JsonSurvey {
  const frames: Frame[] = [];
  let isKeyNext = false;
  let isExact = true;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      const end = endOfString(text, index);
      const frame = frames.at(-1);
      if (isKeyNext && frame?.keys) {
        frame.at = keyOf(text.slice(index, end + 1));
        if (frame.keys.has(frame.at)) return { repeatedKey: frames.map(({ at }) => at).join('.'), isExact };
        frame.keys.add(frame.at);
      }
      isKeyNext = false;
      index = end;
    } else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      NUMBER.lastIndex = index;
      const number = NUMBER.exec(text)?.[0] ?? '';
      isExact &&= exactNumber(number) !== undefined;
      index += Math.max(number.length - 1, 0);
    } else {
      const character = text[index];
      if (character === '{') frames.push({ keys: new Set(), at: '' });
      else if (character === '[') frames.push({ keys: null, at: 0 });
      else if (character === '}' || character === ']') frames.pop();
      else if (character !== ',') continue;
      if (frames.length > MAX_DEPTH) break;
      const frame = frames.at(-1);
      isKeyNext = frame?.keys != null && character !== '}' && character !== ']';
      if (character === ',' && typeof frame?.at === 'number') frame.at++;
    }
  }
  return { repeatedKey: null, isExact };
}

/** The place of the quote that ends the string; the end of a text in which it does not end. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

function keyOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted; // The text is no JSON, which its parser says.
  }
}

/**
 * For JSON.parse: a number that a double cannot hold becomes NaN, which no JSON text can bring. Whoever takes the value
 * refuses it, and can name its field.
 */
export const markInexact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && exactNumber(context?.source ?? '0') === undefined ? Number.NaN : value;

/** The number a JSON or GraphQL text stands for; undefined when a double cannot hold all its digits. */
export function exactNumber(text: string): number | undefined {
  const value = Number(text);
  if (text.length <= SAFE_LENGTH && PLAIN.test(text)) return value;
  return Number.isFinite(value) && decimal(text) === decimal(String(value)) ? value : undefined;
}

/** Every number of up to 15 digits is a double's own. */
const SAFE_LENGTH = 15;
const PLAIN = /^-?\d+(?:\.\d+)?$/;

/** Sign, digits and exponent without redundant zeros, so that 1.50, 15e-1 and 1.5 are one text. */
function decimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

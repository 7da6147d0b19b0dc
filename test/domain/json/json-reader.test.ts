import { expect, test } from 'vitest';
import {
  JsonReader,
  MAX_READ_DEPTH,
  MAX_JSON_KEYS,
  MAX_JSON_VALUES,
  readJson,
  RepeatedKey,
  TooMuchJson,
} from '../../../src/domain/json/json-reader.ts';

/** Numbers in a fixed order that looks like chance, so that a failure comes again. */
function createDice(seed: number) {
  let state = seed;
  return (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const TEXTS = ['', 'a', '__proto__', 'toString', '"', '\\', '\n', '\u2028', 'ü😀', '0', '-1', '\ud800'];
const NUMBERS = ['0', '-0', '1', '-1.5', '1e3', '2E-2', '1.7976931348623157e308', '123456789012345'];

/** The text of some JSON value, with white space here and there. */
function someJson(roll: (sides: number) => number, depth = 0): string {
  const space = () => ['', '', ' ', '\n\t', '\r'][roll(5)]!;
  const kind = depth > 4 ? roll(3) : roll(5);
  if (kind === 0) return ['true', 'false', 'null'][roll(3)]!;
  if (kind === 1) return NUMBERS[roll(NUMBERS.length)]!;
  if (kind === 2) return JSON.stringify(TEXTS[roll(TEXTS.length)]);
  const parts = Array.from({ length: roll(4) }, (_, index) => {
    const key = kind === 3 ? `${JSON.stringify(`${TEXTS[roll(TEXTS.length)]}${index}`)}${space()}:` : '';
    return `${space()}${key}${space()}${someJson(roll, depth + 1)}${space()}`;
  });
  return kind === 3 ? `{${parts.join(',') || space()}}` : `[${parts.join(',') || space()}]`;
}

test('what JSON.parse reads is read to the same value, and what it refuses is refused', () => {
  const roll = createDice(7);
  let refused = 0;
  for (let round = 0; round < 5_000; round++) {
    const whole = someJson(roll);
    expect(readJson(whole)).toEqual(JSON.parse(whole));
    // One character goes, comes or changes.
    const at = roll(whole.length + 1);
    const broken = whole.slice(0, at) + '{}[],:"\\0-1.e t'[roll(15)] + whole.slice(at + roll(2));
    const read = (parse: (text: string) => unknown) => {
      try {
        return { value: parse(broken) };
      } catch (error) {
        return error instanceof RepeatedKey ? { repeated: true } : { refused: error instanceof SyntaxError };
      }
    };
    const ours = read(readJson);
    if ('repeated' in ours) continue;
    if ('refused' in ours) refused++;
    const theirs = read(JSON.parse);
    // Numbers that lose digits are the one difference.
    if (!/\d{16}|e\d{3}/i.test(broken)) expect([broken, ours]).toEqual([broken, theirs]);
  }
  expect(refused).toBeGreaterThan(1_000);
});

test.each([
  ['{"a":1,"a":2}', 'a'],
  ['{"a":1,"b":{"c":[0,{"d":1,"x":{},"d":2}]}}', 'b.c.1.d'],
  ['{"a":1,"\\u0061":2}', 'a'],
  ['{ "a" : [ ] , "b" : "}" , "a" : 1 }', 'a'],
  ['[{"a":{"a":1}},{"a":1,"__proto__":1,"__proto__":2}]', '1.__proto__'],
  ['{"":1,"":2}', ''],
  [String.raw`{"a\\":1,"b\"":2,"a\\":3}`, String.raw`a\ `.trim()],
])('%s has a key twice at %s', (text, place) => {
  expect(() => readJson(text)).toThrow(expect.objectContaining({ name: 'RepeatedKey', place }));
});

test.each([
  '{}',
  '"a"',
  '{"a":{"a":{"a":1}},"b":{"a":1}}',
  '[{"a":1},{"a":1}]',
  '{"a":"a","b":["a","a"],"c":"\\"a\\":1,\\"a\\":2"}',
  '{"a":1,"A":2,"toString":3,"constructor":4}',
])('%s has every key once', (text) => {
  expect(readJson(text)).toEqual(JSON.parse(text));
});

test('__proto__ is a key like any other', () => {
  const value = readJson('{"__proto__":{"a":1}}') as object;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(JSON.stringify(value)).toBe('{"__proto__":{"a":1}}');
});

test.each([
  '',
  '{',
  '{"a',
  '{"a":1,"a',
  '"\\',
  ']}',
  '-',
  '{"\\x":1}',
  '1.2.3e',
  '[1,]',
  '{"a":1,}',
  '[,]',
  '01',
  '"\n"',
  '1 2',
])('%j is no JSON, which says what was expected, and where', (text) => {
  expect(() => readJson(text)).toThrow(/^expected .* at position \d+, got /);
});

const MIB = 1 << 20;
const listOf = (unit: string): string => `[${`${unit},`.repeat(Math.floor((8 * MIB) / (unit.length + 1)) - 1)}${unit}]`;

test.each(['{}', '[]', '1e400', '0', '""', '{"a":1}'])(
  'a list of %s of 8 MiB ends at a bounded count of values',
  (unit) => {
    expect(() => readJson(listOf(unit))).toThrow(TooMuchJson);
  },
);

test('a text is walked once, in steps of bounded work', () => {
  const text = `[${Array.from({ length: MAX_JSON_VALUES - 1 }, () => '1e400').join(',')}]`;
  const reader = new JsonReader(text);
  let steps = 1;
  while (!reader.step(5_000)) steps++;
  expect(steps).toBe(MAX_JSON_VALUES / 5_000 + 1); // The last one sees the end.
  expect((reader.value as number[]).length).toBe(MAX_JSON_VALUES - 1);
  expect((reader.value as number[]).every(Number.isNaN)).toBe(true);
});

test('few values that are long are read in steps too', () => {
  const reader = new JsonReader(`[${Array.from({ length: 8 }, () => `0.${'0'.repeat(MIB)}1`).join(',')}]`);
  let steps = 1;
  while (!reader.step(5_000)) steps++;
  expect(steps).toBe(9);
});

test('an object of more keys than any payload has room for is refused', () => {
  const objectOf = (count: number) => `{${Array.from({ length: count }, (_, key) => `"${key}":1`).join(',')}}`;
  const text = `[${objectOf(MAX_JSON_KEYS)},${objectOf(1)}]`;
  expect(readJson(text)).toEqual(JSON.parse(text));
  expect(() => readJson(`[${objectOf(MAX_JSON_KEYS + 1)}]`)).toThrow(TooMuchJson);
});

test('brackets one inside the other end at a bounded depth', () => {
  expect(() => readJson('['.repeat(MIB))).toThrow(TooMuchJson);
  const deep = '['.repeat(MAX_READ_DEPTH) + ']'.repeat(MAX_READ_DEPTH);
  expect(JSON.stringify(readJson(deep))).toBe(deep);
});

/** The truth table of payload filters, cell by cell, and beside a second evaluator. */
import { describe, expect, test } from 'vitest';
import type { PayloadConditionInput, PayloadFilterInput } from '../../../src/domain/filter/check-filter.ts';
import { ask } from './ask.ts';
import { naively, type Tree } from './naive-filter.ts';

type Test = Omit<PayloadConditionInput, 'path'>;

const asks = (test: Test, v: string | undefined): Promise<boolean> =>
  ask({ where: { path: ['data', 'v'], ...test } }, `{"data":{${v === undefined ? '' : `"v":${v}`}}}`);

const COMPARISONS = ['greaterThan', 'atLeast', 'lessThan', 'atMost'] as const;
const OPERANDS = ['-1e400', '-1', '0', '1', '1e400'];

/** v, and what it equals; every other scalar it does not equal. */
const SCALARS: readonly [string, string, unknown][] = [
  ['null', 'null', null],
  ['a number', '1', 1],
  ['a text', '"a"', 'a'],
  ['a boolean', 'true', true],
];
const OTHERS = [null, 0, 1, '', 'a', '1', 'true', 'null', true, false];

describe.each(SCALARS)('%s', (_, v, own) => {
  test('equals itself and no other scalar: there is no conversion', async () => {
    for (const other of OTHERS) expect([other, await asks({ equals: other }, v)]).toEqual([other, other === own]);
  });
  test('is in a list that holds it, and in no other', async () => {
    expect(await asks({ in: OTHERS }, v)).toBe(true);
    expect(await asks({ in: OTHERS.filter((other) => other !== own) }, v)).toBe(false);
    expect(await asks({ in: [] }, v)).toBe(false);
  });
  test('exists', async () => {
    expect(await asks({ exists: true }, v)).toBe(true);
    expect(await asks({ exists: false }, v)).toBe(false);
  });
});

describe.each([
  ['missing', undefined],
  ['an object', '{"v":1}'],
])('%s', (what, v) => {
  test('equals nothing and is in no list', async () => {
    for (const other of OTHERS) expect(await asks({ equals: other }, v)).toBe(false);
    expect(await asks({ in: OTHERS }, v)).toBe(false);
  });
  test('exists only where it stands', async () => {
    expect(await asks({ exists: true }, v)).toBe(what === 'an object');
    expect(await asks({ exists: false }, v)).toBe(what === 'missing');
  });
});

test.each([
  ['missing', undefined],
  ['null', 'null'],
  ['a boolean', 'true'],
  ['an object', '{"v":1}'],
  ['a text that is no decimal number', '"1 "'],
  ['an empty text', '""'],
  ['a text in hexadecimal', '"0x10"'],
  ['a text with a leading zero', '"007"'],
  ['a text with a plus', '"+1"'],
])('%s is neither greater nor less than any number', async (_, v) => {
  for (const name of COMPARISONS) {
    for (const operand of OPERANDS) expect(await asks({ [name]: operand }, v)).toBe(false);
  }
});

test.each([
  ['missing', undefined],
  ['null', 'null'],
  ['a number', '12'],
  ['a boolean', 'true'],
  ['an object', '{"v":"12"}'],
])('%s starts and ends with no text, not even an empty one', async (_, v) => {
  for (const name of ['startsWith', 'endsWith']) {
    for (const operand of ['', '1', '2', 't', 'n']) expect(await asks({ [name]: operand }, v)).toBe(false);
  }
});

/** Texts of numbers, and where the first stands to the second. */
const ORDERED: readonly [string, -1 | 0 | 1, string][] = [
  ['1000.00', 1, '999.999999999999999999'],
  ['1000.00', 0, '1000'],
  ['1.0', 0, '1'],
  ['-0', 0, '0.000'],
  ['0e5', 0, '-0.0e-999999999999999999999'],
  ['123456789012345678901234567890', 1, '123456789012345678901234567889'],
  ['123456789012345678901234567890', 0, '1.23456789012345678901234567890e29'],
  ['123456789012345678901234567890', 0, '1234567890123456789012345678900e-1'],
  ['0.1000000000000000055511151231257827', 1, '0.1'],
  ['9007199254740993', 1, '9007199254740992'],
  ['1e400', 1, '1e399'],
  ['1e400', 0, '10e399'],
  ['-1e400', -1, '-1e399'],
  ['1e-400', 1, '0'],
  ['-1e-400', -1, '0'],
  ['1e99999999999999999999999999999', 1, '1e99999999999999999999999999998'],
  ['1e-99999999999999999999999999999', -1, '5e-324'],
  ['-2', -1, '1'],
];

test.each(ORDERED)('the number %s and the text "%1$s" compare exactly (%i) with %s', async (one, order, other) => {
  for (const [v, operand, sign] of [
    [one, other, order],
    [other, one, -order],
  ] as const) {
    for (const written of [v, `"${v}"`]) {
      expect(await asks({ greaterThan: operand }, written)).toBe(sign > 0);
      expect(await asks({ atLeast: operand }, written)).toBe(sign >= 0);
      expect(await asks({ lessThan: operand }, written)).toBe(sign < 0);
      expect(await asks({ atMost: operand }, written)).toBe(sign <= 0);
    }
  }
});

test.each([
  ['1.0', 1, true],
  ['10e-1', 1, true],
  ['-0.0', 0, true],
  ['1e21', 1e21, true],
  ['0.1', 0.1, true],
  ['0.10000000000000000001', 0.1, false],
  ['9007199254740993', 9007199254740992, false],
  ['1e400', 1.7976931348623157e308, false],
  ['"1"', 1, false],
])('equals and in compare numbers as exact decimals: %s is %d: %s', async (v, number, isSame) => {
  expect(await asks({ equals: number }, v)).toBe(isSame);
  expect(await asks({ in: [number] }, v)).toBe(isSame);
});

test('texts are the same, start and end by code points: nothing is folded or normalized', async () => {
  const v = JSON.stringify('e\u0301te\u{1f600}');
  expect(await asks({ equals: 'e\u0301te\u{1f600}' }, v)).toBe(true);
  expect(await asks({ equals: '\u00e9te\u{1f600}' }, v)).toBe(false);
  expect(await asks({ startsWith: 'e' }, v)).toBe(true);
  expect(await asks({ startsWith: '\u00e9' }, v)).toBe(false);
  expect(await asks({ startsWith: 'E' }, v)).toBe(false);
  expect(await asks({ endsWith: '\u{1f600}' }, v)).toBe(true);
  expect(await asks({ endsWith: '\u{1f601}' }, v)).toBe(false);
  for (const name of ['startsWith', 'endsWith']) expect(await asks({ [name]: '' }, v)).toBe(true);
});

describe('an array on the way or at the end', () => {
  const path = ['items', 'sku'];
  test.each<[string, Test, boolean]>([
    ['{"items":[{"sku":1},{"sku":2}]}', { equals: 2 }, true],
    ['{"items":[{"sku":1},{"sku":2}]}', { equals: 3 }, false],
    ['{"items":[{"sku":[1,[2]]}]}', { equals: 2 }, true],
    ['{"items":[[{"sku":1}],{"sku":2}]}', { lessThan: '2' }, true],
    ['{"items":[{"sku":1},{}]}', { exists: false }, true],
    ['{"items":[{"sku":1},{}]}', { exists: true }, true],
    ['{"items":[{"sku":1},5]}', { exists: false }, true],
    ['{"items":[{"sku":1},{"sku":2}]}', { exists: false }, false],
  ])('any element is enough: %s, %j: %s', async (body, test, expected) => {
    expect(await ask({ where: { path, ...test } }, body)).toBe(expected);
  });
  test.each(['{"items":[]}', '{"items":[[],[[]]]}', '{"items":[{"sku":[]}]}'])(
    'an empty one never: %s',
    async (body) => {
      for (const test of [
        { exists: true },
        { exists: false },
        { equals: null },
        { atLeast: '-1e9' },
        { startsWith: '' },
      ]) {
        expect(await ask({ where: { path, ...test } }, body)).toBe(false);
        expect(await ask({ not: { where: { path, ...test } } }, body)).toBe(true);
      }
    },
  );
  test('a name is never an index', async () => {
    expect(await ask({ where: { path: ['items', '0'], exists: true } }, '{"items":[1]}')).toBe(false);
  });
});

test('an empty `all` is true, an empty `any` is false, `not` turns the result round', async () => {
  expect(await ask({ all: [] }, '{}')).toBe(true);
  expect(await ask({ any: [] }, '{}')).toBe(false);
  expect(await ask({ not: { any: [] } }, '{}')).toBe(true);
  expect(await ask({ not: { where: { path: ['a'], greaterThan: '1' } } }, '{}')).toBe(true);
});

test('the last value of a repeated key counts, and names of Object.prototype are names like any other', async () => {
  expect(await ask({ where: { path: ['a'], equals: 2 } }, '{"a":1,"a":2}')).toBe(true);
  expect(await ask({ where: { path: ['a'], equals: 1 } }, '{"a":1,"a":2}')).toBe(false);
  expect(await ask({ where: { path: ['__proto__', 'x'], equals: 1 } }, '{"__proto__":{"x":1}}')).toBe(true);
  expect(await ask({ where: { path: ['toString'], exists: true } }, '{}')).toBe(false);
  expect(await ask({ where: { path: ['a'], exists: true } }, `{${'"":0,'.repeat(52_000)}"a":1}`)).toBe(true);
});

/** Numbers in a fixed order that looks like chance, so that a failure comes again. */
function createDice(seed: number) {
  let state = seed;
  return (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const NAMES = ['a', 'b', '__proto__'];
const NUMBERS = [
  '0',
  '-0.0',
  '1',
  '1.0',
  '10e-1',
  '2',
  '-1.5',
  '1e30',
  '1000000000000000000000000000001',
  '1e-30',
  '0.1',
];
const TEXTS = ['', 'a', 'ab', 'ba', '1', '1.00', '2', '-1.5', '0x1', '\u{1f600}', 'a\u{1f600}', '1e30'];
const VALUES = [null, true, false, 0, 1, 2, -1.5, 1e30, 0.1, ...TEXTS];

type Dice = ReturnType<typeof createDice>;
const pick = <T>(roll: Dice, list: readonly T[]): T => list[roll(list.length)]!;

function someTree(roll: Dice, depth = 0): Tree {
  const kind = roll(depth > 3 ? 4 : 8);
  if (kind === 0) return pick(roll, [null, true, false]);
  if (kind === 1) return { number: pick(roll, NUMBERS) };
  if (kind < 4) return pick(roll, TEXTS);
  // Some are long: texts are then compared in another way.
  if (kind === 4) return Array.from({ length: pick(roll, [0, 1, 2, 3, 12]) }, () => someTree(roll, depth + 1));
  return someObject(roll, depth);
}

const someObject = (roll: Dice, depth = 0): Tree =>
  new Map(NAMES.filter(() => roll(3) > 0).map((name) => [name, someTree(roll, depth + 1)]));

function someFilter(roll: Dice, level = 1): PayloadFilterInput {
  const kind = level === 5 ? 3 : roll(6);
  const several = () => Array.from({ length: roll(4) }, () => someFilter(roll, level + 1));
  if (kind === 0) return { all: several() };
  if (kind === 1) return { any: several() };
  if (kind === 2) return { not: someFilter(roll, level + 1) };
  return { where: { path: Array.from({ length: 1 + roll(3) }, () => pick(roll, NAMES)), ...someTest(roll) } };
}

function someTest(roll: Dice): Test {
  const kind = roll(6);
  if (kind === 0) return { equals: pick(roll, VALUES) };
  if (kind === 1) return { in: Array.from({ length: roll(5) }, () => pick(roll, VALUES)) };
  if (kind === 2) return { [pick(roll, ['startsWith', 'endsWith'])]: pick(roll, TEXTS) };
  if (kind === 3) return { exists: roll(2) === 0 };
  return { [pick(roll, COMPARISONS)]: pick(roll, NUMBERS) };
}

function write(tree: Tree): string {
  if (Array.isArray(tree)) return `[${tree.map(write).join(',')}]`;
  if (tree instanceof Map)
    return `{${[...tree].map(([name, each]) => `${JSON.stringify(name)}:${write(each)}`).join(',')}}`;
  return typeof tree === 'object' && tree !== null ? (tree as { number: string }).number : JSON.stringify(tree);
}

test('5,000 filters and bodies by chance give what a second, naive evaluator gives', async () => {
  const roll = createDice(17);
  const different: unknown[] = [];
  let matches = 0;
  for (let round = 0; round < 5_000; round++) {
    const [filter, tree] = [someFilter(roll), someObject(roll)];
    const expected = naively(filter, tree);
    const body = write(tree);
    if ((await ask(filter, body)) !== expected) different.push([JSON.stringify(filter), body, expected]);
    if (expected) matches++;
  }
  expect(different).toEqual([]);
  expect(matches).toBeGreaterThan(750);
  expect(matches).toBeLessThan(4_250);
});

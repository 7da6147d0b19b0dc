import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, expect, test } from 'vitest';
import { createCheckBudget } from '../../../src/domain/schemas/budget.ts';
import { createSchemaChecks, OVER_BUDGET } from '../../../src/domain/schemas/checks.ts';
import { createSchemaThread } from '../../../src/domain/schemas/thread.ts';
import { describeEventType } from '../../../src/domain/event-types/event-type-fields.ts';
import { countTurns } from '../../support/turns.ts';

const checks = createSchemaChecks();
afterAll(() => checks.close());

const HOSTILE = checks.open({ pattern: '^(a+)+$' });
const HOSTILE_TEXT = JSON.stringify(`${'a'.repeat(60)}!`);

async function violation(schema: object | boolean, data: unknown): Promise<string | undefined> {
  return (await checks.check('o', [{ schema: checks.open(schema), dataText: JSON.stringify(data) }]))[0];
}

const amount = {
  type: 'object',
  required: ['fees'],
  properties: { fees: { type: 'array', items: { type: 'object', properties: { value: { type: 'string' } } } } },
  additionalProperties: false,
};

test.each([
  [{}, "the data must have required property 'fees'"],
  [{ fees: [{ value: '1' }, { value: 2 }] }, '/fees/1/value must be string'],
  [{ fees: [], 'a/b': 1 }, 'the data must NOT have additional properties: "a/b"'],
  [{ fees: [] }, undefined],
])('says where in %j the schema is broken, as a JSON Pointer', async (data, expected) => {
  expect(await violation(amount, data)).toBe(expected);
});

/** Quick ones and dear ones, with data for and against each. */
const CATALOGUE: [schema: object, data: unknown[]][] = [
  [{ pattern: '^[a-z]+$' }, ['abc', 'aBc', '', 5]],
  [{ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }, ['2026-01-15', '2026-1-15']],
  [{ pattern: '^(?=.*\\d)(?=.*[a-z]).{4,}$' }, ['abc1', 'abcd', '1234']],
  [{ pattern: '^(?!test)\\w+$' }, ['live', 'test1']],
  [{ pattern: '(?<=\\$)\\d+' }, ['$15', '15']],
  [{ pattern: '^(\\w)(\\w)\\2\\1$' }, ['abba', 'abab']],
  [{ pattern: '^(?<quote>["\']).*\\k<quote>$' }, ['"x"', '"x\'']],
  [{ pattern: '^\\p{Lu}\\p{Ll}+$' }, ['Zoë', 'zoë', 'Œuvre']],
  [{ pattern: '^.$' }, ['🦊', 'ab', '\u2028']],
  [{ pattern: '^\\u{1F98A}+$' }, ['🦊🦊', 'fox']],
  [{ pattern: '^(a+)+$' }, ['aaaa', 'ab']],
  [{ pattern: '^\\S+@\\S+\\.\\S+$' }, ['a@b.example', 'a@b']],
  [
    { patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
    [{ 'x-a': 'b' }, { 'x-a': 1 }, { y: 1 }],
  ],
  [{ propertyNames: { pattern: '^[a-z]{1,3}$' } }, [{ abc: 1 }, { abcd: 1 }]],
  [
    { uniqueItems: true },
    [
      [1, 2],
      [1, 1],
      [{ a: 1 }, { a: 1 }],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  [{ $defs: { n: { type: 'integer' } }, properties: { a: { $ref: '#/$defs/n' } } }, [{ a: 1 }, { a: 'x' }]],
  [{ $defs: { n: { $anchor: 'n', type: 'integer' } }, properties: { a: { $ref: '#n' } } }, [{ a: 1 }, { a: 'x' }]],
  [
    { $dynamicAnchor: 'node', properties: { next: { $dynamicRef: '#node' } }, type: 'object' },
    [{ next: {} }, { next: 1 }],
  ],
  [{ allOf: [{ properties: { a: true } }], unevaluatedProperties: false }, [{ a: 1 }, { b: 1 }]],
  [{ dependentSchemas: { a: { required: ['b'] } } }, [{ a: 1, b: 1 }, { a: 1 }]],
  [{ contains: { const: 1 }, minContains: 2 }, [[1, 1], [1]]],
];

test.each(CATALOGUE)('%j judges as Ajv does, wherever it runs', async (schema, data) => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  const texts = data.map((value) => JSON.stringify(value));
  const stored = checks.open(schema);
  const found = await checks.check(
    'o',
    texts.map((dataText) => ({ schema: stored, dataText })),
  );
  expect(found.map((rule) => rule === undefined)).toEqual(data.map((value) => validate(value)));
});

const doubling = Object.fromEntries(
  Array.from({ length: 60 }, (_, depth) => {
    const next = { $ref: `#/$defs/d${depth + 1}` };
    return [`d${depth}`, { allOf: [next, next] }];
  }),
);

test.each([
  ['a pattern with catastrophic backtracking', { pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`],
  ['a quadratic pattern on long data', { pattern: '\\d+x' }, '1'.repeat(250_000)],
  ['a pattern of property names', { patternProperties: { '(x+x+)+y': true } }, { ['x'.repeat(60)]: 1 }],
  ['references that double at every level', { $defs: { ...doubling, d60: {} }, $ref: '#/$defs/d0' }, 1],
  ['a comparison of all with all', { uniqueItems: true }, Array.from({ length: 16_000 }, (_, index) => ({ index }))],
  [
    'many alternatives on much data',
    { items: { anyOf: Array.from({ length: 2_000 }, (_, i) => ({ enum: [i, -i] })) } },
    Array.from({ length: 50_000 }, () => 2_000),
  ],
])('%s is ended when its budget is spent, and the event loop has its turns meanwhile', async (_, schema, data) => {
  const budget = createCheckBudget();
  const turns = countTurns();
  const items = [{ schema: checks.open(schema), dataText: JSON.stringify(data) }];
  const found = await checks.check('o', items, budget);
  expect(found[0]).toMatch(/it could not be checked in the time|must be equal|must match/);
  expect(turns.stop()).toBeGreaterThan(5);
});

test('all checks of a request have one budget, however many they are', async () => {
  const budget = createCheckBudget();
  const turns = countTurns();
  const items = Array.from({ length: 100 }, () => ({ schema: HOSTILE, dataText: HOSTILE_TEXT }));
  const violations = await checks.check('o', items, budget);
  expect(violations).toEqual(items.map(() => OVER_BUDGET));
  expect(budget.leftMs).toBeLessThan(20);
  expect(turns.stop()).toBeGreaterThan(5);
  // What is left is not enough for another one, and it is not tried.
  budget.leftMs = 0;
  expect(await checks.check('o', items.slice(0, 1), budget)).toEqual([OVER_BUDGET]);
});

test('what was checked before the budget was spent is judged, and the next request has its own', async () => {
  const items = ['"aaa"', '"b"', HOSTILE_TEXT, '"aaa"'].map((dataText) => ({ schema: HOSTILE, dataText }));
  const [good, bad, hostile, after] = await checks.check('o', items);
  expect([good, bad]).toEqual([undefined, 'the data must match pattern "^(a+)+$"']);
  expect([hostile, after]).toEqual([OVER_BUDGET, OVER_BUDGET]);
  expect(await checks.check('o', items.slice(0, 1))).toEqual([undefined]);
});

test('a schema without patterns is checked at once, without a thread', () => {
  const violations = checks.check('o', [{ schema: checks.open(amount), dataText: '{"fees":[]}' }]);
  expect(violations).toEqual([undefined]);
});

test('an organization with expensive data waits for itself, and not the others', async () => {
  const done: string[] = [];
  const check = async (organizationId: string, dataText: string) => {
    await checks.check(organizationId, [{ schema: HOSTILE, dataText }]);
    done.push(organizationId);
  };
  // Both threads start: otherwise `good` would wait for the start of the second.
  await Promise.all([check('warm', '"a"'), check('warm2', '"a"')]);
  done.length = 0;
  const hostile = Array.from({ length: 6 }, () => check('hostile', HOSTILE_TEXT));
  await check('good', '"aaa"');
  expect(done.filter((organizationId) => organizationId === 'hostile').length).toBeLessThan(3);
  await Promise.all(hostile);
});

test('a thread that cannot be reached is ended, and the next check gets another one', async () => {
  const thread = createSchemaThread(300);
  const item = (dataText: string) => ({ schema: HOSTILE, dataText });
  expect(await thread.check([item(HOSTILE_TEXT)], 60_000)).toBeUndefined();
  const patient = createSchemaThread();
  expect(await patient.check([item('"aaa"')], 1_000)).toMatchObject({ violations: [null], rest: 'none' });
  await Promise.all([thread.close(), patient.close()]);
});

test.each([
  ['too many alternatives', { anyOf: Array.from({ length: 8_000 }, (_, i) => ({ minLength: i })) }],
  ['too many properties', { properties: Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`p${i}`, {}])) }],
])('a schema with %s is compiled beside the event loop, or refused with INVALID', async (_, schema) => {
  const turns = countTurns();
  const described = await describeEventType(checks, 'a.b', { category: 'c', schema });
  if (!described.ok) expect(described.userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'schema'] }]);
  expect(turns.stop()).toBeGreaterThan(5);
});

test('a reference is never loaded from anywhere', async () => {
  for (const $ref of ['https://127.0.0.1:1/x.json', 'file:///etc/passwd', 'data:application/json,{}']) {
    const described = await describeEventType(checks, 'a.b', { category: 'c', schema: { $ref } });
    expect(!described.ok && described.userErrors[0]).toMatchObject({ code: 'INVALID', field: ['input', 'schema'] });
  }
});

test('an example that its schema cannot check in time is refused', async () => {
  const example = `${'a'.repeat(60)}!`;
  const described = await describeEventType(checks, 'a.b', { category: 'c', schema: { pattern: '^(a+)+$' }, example });
  expect(!described.ok && described.userErrors[0]).toMatchObject({ code: 'INVALID', field: ['input', 'example'] });
});

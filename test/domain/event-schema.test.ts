import { expect, test } from 'vitest';
import { COMPILE_LIMIT_MS, compileSchema } from '../../src/domain/event-schema.ts';
import { describeEventType } from '../../src/domain/event-type-fields.ts';

function violation(schema: unknown, data: unknown): string | undefined {
  const compiled = compileSchema(schema);
  if (!compiled.ok) throw new Error(compiled.reason);
  return compiled.findViolation(JSON.stringify(data));
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
])('says where in %j the schema is broken, as a JSON Pointer', (data, expected) => {
  expect(violation(amount, data)).toBe(expected);
});

const doubling = Object.fromEntries(
  Array.from({ length: 60 }, (_, depth) => {
    const next = { $ref: `#/$defs/d${depth + 1}` };
    return [`d${depth}`, { allOf: [next, next] }];
  }),
);

test.each([
  ['a pattern with catastrophic backtracking', { pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`],
  ['a quadratic pattern on long data', { pattern: '\\d+x' }, '1'.repeat(200_000)],
  ['a pattern of property names', { patternProperties: { '(x+x+)+y': true } }, { ['x'.repeat(60)]: 1 }],
  ['references that double at every level', { $defs: { ...doubling, d60: {} }, $ref: '#/$defs/d0' }, 1],
  ['a comparison of all with all', { uniqueItems: true }, Array.from({ length: 12_000 }, (_, index) => ({ index }))],
  [
    'many alternatives on much data',
    { items: { anyOf: Array.from({ length: 2_000 }, (_, i) => ({ const: i })) } },
    'x',
  ],
])('%s is bounded', (_, schema, data) => {
  const compiled = compileSchema(schema);
  if (!compiled.ok) throw new Error(compiled.reason);
  const text = JSON.stringify(data === 'x' ? Array.from({ length: 50_000 }, () => 'x') : data);
  expect(compiled.findViolation(text)).toMatch(
    /could not be checked within 200 ms|must match a schema in anyOf|must be/,
  );
});

test('each check that runs out of time leaves less for the next, so that a batch of them is bounded', () => {
  const compiled = compileSchema({ pattern: '^(a+)+$' });
  if (!compiled.ok) throw new Error(compiled.reason);
  const check = (text: string) => /within \d+ ms/.exec(compiled.findViolation(JSON.stringify(text)) ?? 'fine')?.[0];
  const hostile = `${'a'.repeat(60)}!`;
  expect([1, 2, 3].map(() => check(hostile))).toEqual(['within 200 ms', 'within 100 ms', 'within 50 ms']);
  expect(check('aaa')).toBeUndefined();
  expect(check(hostile)).toBe('within 50 ms');
});

test('a check that ran out of time leaves the next ones right', () => {
  const compiled = compileSchema({ pattern: '^(a+)+$' });
  if (!compiled.ok) throw new Error(compiled.reason);
  compiled.findViolation(JSON.stringify(`${'a'.repeat(60)}!`));
  expect(compiled.findViolation('"aaa"')).toBeUndefined();
  expect(compiled.findViolation('"b"')).toContain('must match pattern');
});

test.each([
  ['too many alternatives', { anyOf: Array.from({ length: 8_000 }, (_, i) => ({ minLength: i })) }],
  ['too many properties', { properties: Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`p${i}`, {}])) }],
])('a schema with %s to compile is refused with INVALID', (_, schema) => {
  const compiled = compileSchema(schema, COMPILE_LIMIT_MS / 200);
  expect(compiled).toMatchObject({ ok: false, reason: expect.stringMatching(/took longer than|too large to compile/) });
});

test('a reference is never loaded from anywhere', () => {
  for (const $ref of ['https://127.0.0.1:1/x.json', 'file:///etc/passwd', 'data:application/json,{}']) {
    const described = describeEventType('a.b', { category: 'c', schema: { $ref } });
    expect(!described.ok && described.userErrors[0]).toMatchObject({ code: 'INVALID', field: ['input', 'schema'] });
  }
});

test('an example that its schema cannot check in time is refused', () => {
  const schema = { pattern: '^(a+)+$' };
  const described = describeEventType('a.b', { category: 'c', schema, example: `${'a'.repeat(60)}!` });
  expect(!described.ok && described.userErrors[0]).toMatchObject({ code: 'INVALID', field: ['input', 'example'] });
});

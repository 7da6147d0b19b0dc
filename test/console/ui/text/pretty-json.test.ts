import { expect, test } from 'vitest';
import { memberText, prettyJson } from '../../../../src/console/ui/text/pretty-json.ts';
import { spentCpuMs } from '../../../../src/domain/schemas/budget.ts';

test('JSON gets a line for each member', () => {
  const value = { a: 1, b: [true, null, { c: 'x:y,{}[]' }], d: {}, e: [], f: '\\"' };
  expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
  expect(prettyJson(JSON.stringify(value, null, 7))).toBe(JSON.stringify(value, null, 2));
});

test('numbers keep every digit, and texts keep their escapes', () => {
  const text = '{"amount":1.00,"wei":123456789012345678901234567890,"e":1E+2,"t":"\\u0041\\ud800\\/"}';
  expect(prettyJson(text)?.replace(/\s/g, '')).toBe(text);
});

test('members with equal names all stay', () => {
  expect(prettyJson('{"a":1,"a":2}')).toBe('{\n  "a": 1,\n  "a": 2\n}');
});

test('a value alone is shown as it is', () => {
  expect(['1', '"a b"', 'null', '[]', ' {} '].map(prettyJson)).toEqual(['1', '"a b"', 'null', '[]', '{}']);
});

test('what is not JSON has no pretty form', () => {
  expect(['', '{', '<html>', '{"a":1', "{'a':1}", 'NaN'].map(prettyJson)).toEqual(Array(6).fill(null));
});

test('100 levels are indented, and more are not', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  expect(prettyJson(nested(100))).toContain(`\n${'  '.repeat(99)}[]`);
  expect(prettyJson(nested(101))).toBeNull();
});

test('a body of the greatest size is indented in a moment', () => {
  const text = JSON.stringify({ all: Array.from({ length: 12_000 }, (_, nth) => ({ nth, text: '"' })) });
  const begunMs = spentCpuMs();
  expect(prettyJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
  expect(spentCpuMs() - begunMs).toBeLessThan(2_000);
});

test('a member is taken out with every digit, from the first place to the last', () => {
  const data = '{"amount":1.00,"data":{"deep":[1]},"text":"a\\n  \\"data\\": 2"}';
  for (const body of [`{"id":"1","data":${data},"created_at":"x"}`, `{"data":${data}}`, `{"id":"1","data":${data}}`]) {
    expect(memberText(body, 'data')).toBe(prettyJson(data));
  }
  expect(memberText('{"data":7,"b":1}', 'data')).toBe('7');
  expect(memberText('{"a":{"data":7}}', 'data')).toBeNull();
  expect(memberText('not JSON', 'data')).toBeNull();
});

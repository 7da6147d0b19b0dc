import { expect, test } from 'vitest';
import { exactNumber, markInexact, surveyJson } from '../../src/domain/json-text.ts';

test.each([
  ['{"a":1,"a":2}', 'a'],
  ['{"a":1,"b":{"c":[0,{"d":1,"x":{},"d":2}]}}', 'b.c.1.d'],
  ['{"a":1,"\\u0061":2}', 'a'],
  ['{ "a" : [ ] , "b" : "}" , "a" : 1 }', 'a'],
  ['[{"a":{"a":1}},{"a":1,"__proto__":1,"__proto__":2}]', '1.__proto__'],
  ['{"":1,"":2}', ''],
  [String.raw`{"a\\":1,"b\"":2,"a\\":3}`, String.raw`a\ `.trim()],
])('%s has a key twice at %s', (text, place) => {
  expect(surveyJson(text).repeatedKey).toBe(place);
});

test.each([
  '{}',
  '"a"',
  '{"a":{"a":{"a":1}},"b":{"a":1}}',
  '[{"a":1},{"a":1}]',
  '{"a":"a","b":["a","a"],"c":"\\"a\\":1,\\"a\\":2"}',
  '{"a":1,"A":2,"toString":3,"constructor":4,"__proto__":5}',
])('%s has every key once', (text) => {
  JSON.parse(text);
  expect(surveyJson(text)).toEqual({ repeatedKey: null, isExact: true });
});

test.each(['9007199254740993', '1e400', '1e-400', '0.12345678901234567890', '-123456789.123456789012'])(
  'a double does not hold %s, and NaN stands for it',
  (number) => {
    const text = `{"a":[1.50,{"n":${number}}],"s":"${number}"}`;
    expect(surveyJson(text).isExact).toBe(false);
    expect(JSON.parse(text, markInexact)).toEqual({ a: [1.5, { n: Number.NaN }], s: number });
    expect(exactNumber(number)).toBeUndefined();
  },
);

test('a double holds these', () => {
  const numbers = ['0', '-0', '-0.0', '9007199254740992', '1e22', '0.1', '1.50', '15E-1', '5e-324', '0.000', '1e+2'];
  const large = [
    '1e18',
    '1e21',
    '123456789012345680000',
    '-1000000000000000000000',
    '1.7976931348623157e308',
    '0.30000000000000004',
    '123456789012345',
  ];
  const text = `[${[...numbers, ...large].join(', ')}]`;
  expect(surveyJson(text)).toEqual({ repeatedKey: null, isExact: true });
  expect(JSON.parse(text, markInexact)).toEqual(JSON.parse(text));
});

test('a text that is no JSON ends the survey, and so do brackets without end', () => {
  for (const text of ['', '{', '{"a', '{"a":1,"a', '"\\', ']}', '-', '{"\\x":1}', '1.2.3e', '['.repeat(1_000_000)]) {
    expect(surveyJson(text).repeatedKey).toBeNull();
  }
});

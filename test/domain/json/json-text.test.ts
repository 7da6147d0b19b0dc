import { expect, test } from 'vitest';
import { readJson } from '../../../src/domain/json/json-reader.ts';
import { exactNumber, markInexact } from '../../../src/domain/json/json-text.ts';

test.each(['9007199254740993', '1e400', '1e-400', '0.12345678901234567890', '-123456789.123456789012'])(
  'a double does not hold %s, and NaN stands for it',
  (number) => {
    const text = `{"a":[1.50,{"n":${number}}],"s":"${number}"}`;
    expect(readJson(text)).toEqual({ a: [1.5, { n: Number.NaN }], s: number });
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
  expect(readJson(text)).toEqual(JSON.parse(text));
  expect(JSON.parse(text, markInexact)).toEqual(JSON.parse(text));
});

test('a number of a million digits is judged in a time that grows with its length only', () => {
  const digits = `1${'0'.repeat(1_000_000)}`;
  expect(exactNumber(`1.${'0'.repeat(1_000_000)}1`)).toBeUndefined();
  expect(exactNumber(`${digits}e-1000000`)).toBe(1);
});

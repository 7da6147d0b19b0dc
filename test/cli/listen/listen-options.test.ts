import { expect, test } from 'vitest';
import { checkBrand, readListenArguments, readListenOptions } from '../../../src/cli/listen/listen-options.ts';

const read = (...words: string[]) => readListenOptions(readListenArguments(words));
const NOW = new Date('2026-11-29T12:00:00.000Z');

test('without options a listener forwards everything, one after another, to this machine', () => {
  expect(read('3000')).toEqual({
    receiver: new URL('http://localhost:3000/'),
    ...{ eventTypes: undefined, payload: undefined, customerId: undefined },
    ...{ begin: { at: 'SAVED' }, headers: {}, concurrency: 1, output: 'pretty', allowExternal: false },
  });
});

test('--events takes several names, --header several headers', () => {
  const words = [
    '--events',
    'a.*, b.c',
    '--events',
    'd.e',
    '--header',
    'Authorization: Bearer a:b',
    '--header',
    'X-Y:z',
  ];
  expect(read('3000', ...words)).toMatchObject({
    eventTypes: ['a.*', 'b.c', 'd.e'],
    headers: { Authorization: 'Bearer a:b', 'X-Y': 'z' },
  });
});

test.each([
  ['now', null],
  ['10m', '2026-11-29T11:50:00.000Z'],
  ['2026-11-28T00:00:00Z', '2026-11-28T00:00:00.000Z'],
])('--since %s', (text, since) => {
  const { begin } = read('3000', '--since', text);
  expect(begin.at === 'TIME' && (begin.since(NOW)?.toISOString() ?? null)).toBe(since);
});

test.each([
  [[], 'Expected PORT|URL: the receiver to forward to'],
  [
    ['3000', '--since', 'soon'],
    '--since: expected a time such as 2027-01-31T00:00:00Z, a duration such as 10m, or now',
  ],
  [['3000', '--since', '1h', '--after', 'x'], 'Expected --after or --since, got both.'],
  [['3000', '--filter', '{'], '--filter: expected JSON, or @ and a file with JSON'],
  [['3000', '--filter', '@/nowhere.json'], '--filter: ENOENT'],
  [['3000', '--header', 'Authorization'], '--header: expected NAME: VALUE'],
  [['3000', '--header', 'webhook-id: 1'], /--header: "webhook-id" is reserved, .* and X-BRAND-\*:/],
  [['3000', '--header', 'content-TYPE: text/plain'], '--header: "content-TYPE" is reserved'],
  [['3000', '--header', 'x-hookcast-FORWARDED: no'], '--header: X-Hookcast-Forwarded is sent with every request'],
  [['3000', '--concurrency', '0'], '--concurrency: expected a whole number from 1 to 256, got "0"'],
  [['3000', '--output', 'xml'], '--output: expected one of pretty, json, quiet, got "xml"'],
])('%j is refused', (words, message) => {
  expect(() => read(...words)).toThrow(message);
});

test('a header of the service is refused in whatever case, once its brand is known', () => {
  const { headers } = read('3000', '--header', 'x-dakota-SIGNATURE: mine', '--header', 'X-Other: 1');
  expect(() => checkBrand(headers, 'Dakota')).toThrow('--header: "x-dakota-SIGNATURE" is reserved');
  expect(() => checkBrand(headers, 'Acme')).not.toThrow();
});

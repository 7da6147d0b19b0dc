/** Answers in JSON: compressed where the client takes it and it is worth it. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { chooseCoding } from '../../../src/server/plugins/answer.ts';
import { API_KEY, setup } from '../setup.ts';

const LONG = {
  query: `{ ${Array.from({ length: 40 }, (_, nth) => `a${nth}: hello(name: "${'x'.repeat(20)}")`).join(' ')} }`,
};
const SHORT = { query: '{ hello }' };

/** An answer as it is on the wire; `fetch` would decompress it. */
async function post(url: string, body: object, headers: Record<string, string>) {
  const sent = request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY, ...headers },
  });
  sent.end(JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, bytes: await buffer(response) };
}

const plain = async (url: string, body: object) => (await post(url, body, {})).bytes.toString();

test.each([
  ['br', brotliDecompressSync, 'gzip, deflate, br'],
  ['gzip', gunzipSync, 'gzip, deflate'],
] as const)('an answer over 1 KB is compressed with %s', async (coding, decompress, accepted) => {
  await using t = await setup();
  const headers = { 'accept-encoding': accepted, origin: 'https://console.example.com' };
  const answer = await post(t.url, LONG, headers);
  expect(answer.headers).toMatchObject({
    'content-encoding': coding,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(answer.bytes.length),
    'cache-control': 'no-store',
    vary: 'Origin, Accept-Encoding',
  });
  expect(answer.bytes.length).toBeLessThan(700);
  expect(decompress(answer.bytes).toString()).toBe(await plain(t.url, LONG));
});

test('a refusal that is compressed keeps its status and its headers', async () => {
  await using t = await setup();
  const query = `{ ${Array.from({ length: 5 }, (_, nth) => `${'a'.repeat(300)}${nth}: nullableSecret`).join(' ')} }`;
  const answer = await post(t.url, { query }, { 'accept-encoding': 'gzip', 'x-api-key': '' });
  expect([answer.status, answer.headers['content-encoding']]).toEqual([401, 'gzip']);
  expect(answer.headers['www-authenticate']).toContain('Bearer');
});

test.each([
  ['a short answer', SHORT, 'br, gzip'],
  ['an answer to a client that takes no coding', LONG, undefined],
  ['an answer to a client that takes other codings only', LONG, 'zstd, deflate'],
  ['an answer to a client that refuses them', LONG, 'gzip;q=0, br;q=0'],
])('%s is left as it is', async (_what, body, accepted) => {
  await using t = await setup();
  const answer = await post(t.url, body, accepted === undefined ? {} : { 'accept-encoding': accepted });
  expect(answer.headers).not.toHaveProperty('content-encoding');
  expect(JSON.parse(answer.bytes.toString())).toHaveProperty('data');
});

test.each([
  [undefined, null],
  ['', null],
  ['identity', null],
  ['gzip', 'gzip'],
  ['br;q=0.5, gzip;q=0.8', 'gzip'],
  ['gzip;q=0.5, *;q=0.1', 'gzip'],
  ['*', 'br'],
  ['GZIP ; q=1', 'gzip'],
  ['br;q=nonsense', null],
])('of Accept-Encoding %j the coding is %j', (accepted, coding) => {
  expect(chooseCoding(accepted)).toBe(coding);
});

/** Names to addresses, with a name server that also answers what no name server may. */
import { expect, test } from 'vitest';
import { createLookup } from '../../../../src/pipeline/deliver/http/resolve.ts';
import { dnsFailure } from '../../../../src/pipeline/deliver/http/send-failure.ts';
import { startNameServer, type Answer } from '../../../support/network/name-server.ts';

const PUBLIC_ONLY = { allowLoopback: false, allowedNetworks: [] };
const GOOD: Answer = { a: ['192.0.2.1'] };
const [A, AAAA] = ['1', '28'];

async function setup(answer: Parameters<typeof startNameServer>[0]) {
  const server = await startNameServer(answer, { port: 0, address: '127.0.0.1' });
  const lookup = createLookup(PUBLIC_ONLY, [`127.0.0.1:${server.port}`]);
  return {
    lookup: (name: string) => lookup(name, { all: true }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

test.each([
  ['an AAAA record without data', AAAA, Buffer.alloc(0)],
  ['an AAAA record of one byte', AAAA, Buffer.alloc(1)],
  ['an A record of three bytes', A, Buffer.alloc(3)],
])("%s fails no other customer's lookup", async (_, type, malformed) => {
  const waiting = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let questions = 0;
  await using t = await setup(async (name, question) => {
    if (name.startsWith('bad')) return question === type ? { malformed } : undefined;
    if (++questions === 40) asked.resolve();
    await waiting.promise; // Under way while the malformed answer comes.
    return GOOD;
  });
  const others = Array.from({ length: 20 }, (_, nth) => t.lookup(`good-${nth}.example`));
  await asked.promise;
  await expect(t.lookup('bad.example')).rejects.toMatchObject({ code: expect.stringMatching(/EBADRESP|ENOTFOUND/) });
  waiting.resolve();
  for (const found of await Promise.all(others)) expect(found).toEqual([{ address: '192.0.2.1', family: 4 }]);
});

test('a name whose AAAA records are malformed is reached by its A records', async () => {
  await using t = await setup((_, question) => (question === AAAA ? { malformed: Buffer.alloc(0) } : GOOD));
  expect(await t.lookup('half.example')).toEqual([{ address: '192.0.2.1', family: 4 }]);
});

test('an answer that cannot be read is told in words', () => {
  const failure = dnsFailure('example.com', Object.assign(new Error('x'), { code: 'EBADRESP' }));
  expect(failure.message).toContain('the name server sent an answer that cannot be read');
});

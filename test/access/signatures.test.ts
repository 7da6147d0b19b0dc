import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { createForgetter } from '../../src/access/forget.ts';
import { createSignatures } from '../../src/access/signatures.ts';
import { signedContent, type SignedApiRequest } from '../../src/domain/signing/signed-api-request.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const PUBLIC_KEY = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const start = () => {
    const signatures = createSignatures({ database, clock });
    return async (request: SignedApiRequest) => (await signatures.use(PUBLIC_KEY, request))?.fault ?? 'OK';
  };
  const onError = (error: unknown) => {
    throw error;
  };
  return {
    database,
    clock,
    start,
    one: start(),
    other: start(),
    forgetter: createForgetter({ database, clock, onError }),
    signed: (body = '{}', atMs = clock.now().getTime()): SignedApiRequest => {
      const request = {
        version: '2',
        timestamp: String(atMs),
        method: 'POST',
        host: 'localhost',
        path: '/graphql',
        apiKeyId: 'key1',
        idempotencyKey: '',
        organizationId: '',
        body: Buffer.from(body),
      };
      return { ...request, signature: sign(null, signedContent(request), privateKey).toString('base64') };
    },
    rows: async (): Promise<number> =>
      (await database.pool.query('select count(*)::int from used_signatures')).rows[0].count,
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('of parallel requests with one signature, to two processes, exactly one passes; none after a restart', async () => {
  await using t = await setup();
  const request = t.signed();
  const outcomes = await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 ? t.one : t.other)(request)));
  expect(outcomes.toSorted().filter((outcome) => outcome !== 'REPLAYED')).toEqual(['OK']);
  expect(await t.start()(request)).toBe('REPLAYED');
});

test('the same request signed a millisecond later is another one', async () => {
  await using t = await setup();
  expect(await t.one(t.signed())).toBe('OK');
  await t.clock.advance(1);
  expect(await t.one(t.signed())).toBe('OK');
});

test('a request that is refused uses no signature up', async () => {
  await using t = await setup();
  expect(await t.one({ ...t.signed(), path: '/other' })).toBe('INVALID');
  expect(await t.rows()).toBe(0);
  expect(await t.one(t.signed())).toBe('OK');
});

test('a signature is kept as long as any process could accept it, then forgotten', async () => {
  await using t = await setup();
  const request = t.signed('{}', t.clock.now().getTime() + 300_000);
  expect(await t.one(request)).toBe('OK');
  await t.clock.advance(600_000);
  await t.forgetter.run();
  expect(await t.other(request)).toBe('REPLAYED');
  await t.clock.advance(1);
  expect(await t.other(request)).toBe('EXPIRED');
  await t.clock.advance(300_000);
  await t.forgetter.run();
  expect(await t.rows()).toBe(0);
});

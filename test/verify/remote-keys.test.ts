import { expect, test } from 'vitest';
import { publicKeyForms } from '../../src/domain/signing/signature.ts';
import { createRemoteKeys, verifyWebhook } from '../../src/verify/index.ts';
import { createManualClock } from '../support/clock.ts';
import { startReceiver } from '../support/receiver.ts';
import { signRequest, testKey } from '../support/signed-request.ts';

const { jwk } = publicKeyForms(testKey(1).publicKey);
const { jwk: newJwk } = publicKeyForms(testKey(2).publicKey);
const answer = (...keys: unknown[]) => ({ status: 200, body: JSON.stringify({ keys }) });

/** A deployment that publishes a key, and a receiver's way to it. */
async function setup() {
  const deployment = await startReceiver(answer(jwk));
  const clock = createManualClock();
  const remoteKeys = createRemoteKeys(deployment.url, { now: clock.now });
  return { deployment, clock, remoteKeys, [Symbol.asyncDispose]: () => deployment.close() };
}

test('reads the keys once for all who ask at the same time, and again after five minutes', async () => {
  await using t = await setup();
  expect(await Promise.all([t.remoteKeys(), t.remoteKeys()])).toEqual([[jwk], [jwk]]);
  t.deployment.respondWith(answer(jwk, newJwk));
  await t.clock.advance(299_999);
  expect(await t.remoteKeys()).toEqual([jwk]);
  expect(t.deployment.requests).toHaveLength(1);
  await t.clock.advance(1);
  expect(await Promise.all([t.remoteKeys(), t.remoteKeys()])).toEqual([
    [jwk, newJwk],
    [jwk, newJwk],
  ]);
  expect(t.deployment.requests).toHaveLength(2);
});

test('goes on with the keys it has when they cannot be read again, and tries after half a minute', async () => {
  await using t = await setup();
  await t.remoteKeys();
  for (const failure of [503, answer(), { status: 200, body: '<html>' }, { status: 200, body: '{"keys":7}' }]) {
    t.deployment.respondWith(failure);
    await t.clock.advance(300_000);
    expect(await t.remoteKeys()).toEqual([jwk]);
  }
  const { length } = t.deployment.requests;
  t.deployment.respondWith(answer(newJwk));
  await t.clock.advance(29_999);
  expect(await t.remoteKeys()).toEqual([jwk]);
  expect(t.deployment.requests).toHaveLength(length);
  await t.clock.advance(1);
  expect(await t.remoteKeys()).toEqual([newJwk]);
});

test('throws as long as nothing could be read, and tries at every call', async () => {
  await using t = await setup();
  t.deployment.respondWith(500);
  for (let call = 0; call < 2; call++) {
    const failed = expect(t.remoteKeys()).rejects;
    await failed.toMatchObject({ message: expect.stringContaining(t.deployment.url), cause: { message: /500/ } });
  }
  t.deployment.respondWith(answer(jwk));
  expect(await t.remoteKeys()).toEqual([jwk]);
});

test('passes over keys of other kinds, as RFC 7517 asks', async () => {
  await using t = await setup();
  t.deployment.respondWith(answer({ kty: 'RSA', n: 'AQAB', e: 'AQAB' }, null, 7, { ...jwk, crv: 'Ed448' }, jwk));
  expect(await t.remoteKeys()).toEqual([jwk]);
});

test('says at once that an address is none', () => {
  expect(() => createRemoteKeys('hookcast.example.com')).toThrow('Invalid URL');
});

test('keys are used with all the members that the service gives them, the active one and the one that ends', async () => {
  const [active, retiring] = [
    { ...jwk, active: true },
    { ...newJwk, active: false, exp: 1_768_473_000 },
  ];
  await using t = await setup();
  t.deployment.respondWith(answer(active, retiring));
  const publicKeys = await t.remoteKeys();
  expect(publicKeys).toEqual([active, retiring]);
  for (const [name, fill] of [
    ['active', 1],
    ['retiring', 2],
  ] as const) {
    const body = JSON.stringify({ id: name, event: 'user.created', data: {}, created_at: '2026-01-15T10:30:00Z' });
    const timestampSeconds = Math.floor(t.clock.now().getTime() / 1_000);
    const request = signRequest({ id: name, body, timestampSeconds, signingKeys: [testKey(fill)], secrets: [] });
    expect(await verifyWebhook({ ...request, publicKeys, now: t.clock.now() }), name).toMatchObject({ ok: true });
  }
});

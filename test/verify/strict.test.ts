import { expect, test } from 'vitest';
import { dakotaContent, ed25519Signature } from '../../src/domain/signing/signature.ts';
import { verifyWebhookSignature } from '../../src/verify/index.ts';
import { testKey } from '../support/signed-request.ts';

const TIMESTAMP = 1_768_473_000;
const BODY = '{}';
/** RFC 8032, section 5.1: the order of the base point. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

function verify(publicKey: Buffer, signature: Buffer) {
  const headers = {
    'x-webhook-timestamp': String(TIMESTAMP),
    'x-webhook-signature': signature.toString('base64'),
  };
  const publicKeys = [publicKey.toString('hex')];
  return verifyWebhookSignature({ headers, body: BODY, publicKeys, now: new Date(TIMESTAMP * 1000) });
}

const littleEndian = (number: bigint) => Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();

test('refuses a second form of a valid signature, made without the key', async () => {
  const key = testKey(1);
  const signature = Buffer.from(ed25519Signature(key, dakotaContent(TIMESTAMP, BODY)), 'base64');
  expect(await verify(key.publicKey, signature)).toMatchObject({ ok: true });

  const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`);
  const malleable = Buffer.concat([signature.subarray(0, 32), littleEndian(scalar + L)]);
  expect(await verify(key.publicKey, malleable)).toMatchObject({ ok: false, reason: 'no-matching-signature' });
});

test('refuses keys of small order, for which one signature fits every message', async () => {
  const neutral = littleEndian(1n);
  const anyMessage = Buffer.concat([neutral, littleEndian(0n)]);
  expect(await verify(neutral, anyMessage)).toMatchObject({ ok: false, reason: 'no-matching-signature' });
});

test('refuses a key that is no point of the curve', async () => {
  expect(await verify(littleEndian(2n), Buffer.alloc(64))).toMatchObject({ reason: 'no-matching-signature' });
  expect(await verify(Buffer.alloc(32, 0xff), Buffer.alloc(64))).toMatchObject({ reason: 'no-matching-signature' });
});

test('refuses every signature with one bit changed', async () => {
  const key = testKey(1);
  const signature = Buffer.from(ed25519Signature(key, dakotaContent(TIMESTAMP, BODY)), 'base64');
  for (let bit = 0; bit < 512; bit += 7) {
    const changed = Buffer.from(signature);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(await verify(key.publicKey, changed), `bit ${bit}`).toMatchObject({ ok: false });
  }
});

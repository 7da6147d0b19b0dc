import { createPublicKey, KeyObject, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  dakotaContent,
  decodeSecret,
  ed25519Signature,
  encodeSecret,
  hmacSignature,
  parseSecretKey,
  publicKeyForms,
  signingKeyFromSeed,
  standardContent,
} from '../../../src/domain/signing/signature.ts';
import vectors from '../../support/vectors/signatures.json' with { type: 'json' };

// RFC 8032, section 7.1, TEST 1; RFC 8037, appendix A, uses the same key.
const RFC_SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const RFC_PUBLIC_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const RFC_SIGNATURE_OF_NOTHING =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';

const rfcKey = () => signingKeyFromSeed('rfc', Buffer.from(RFC_SEED, 'hex'));

test.each(vectors['standard-v1'])('signs $id as the published v1 vector says', (vector) => {
  const content = standardContent(vector.id, vector.timestamp, vector.body);
  expect(`v1,${hmacSignature(decodeSecret(vector.secret), content)}`).toBe(vector.signature);
});

test.each(vectors['standard-v1a'])('signs $id as the published v1a vector says', (vector) => {
  const key = signingKeyFromSeed('vector', parseSecretKey(vector.secretKey));
  expect(publicKeyForms(key.publicKey).publicKey).toBe(vector.publicKey);
  const content = standardContent(vector.id, vector.timestamp, vector.body);
  expect(`v1a,${ed25519Signature(key, content)}`).toBe(vector.signature);
  expect(`v1a,${ed25519Signature(key, Buffer.from(content))}`).toBe(vector.signature);
});

test('takes a whsk_ key as seed and public key and as the seed alone', () => {
  for (const { secretKey, publicKey } of vectors['standard-v1a']) {
    const seed = parseSecretKey(secretKey);
    expect(seed).toHaveLength(32);
    const whole = Buffer.concat([seed, Buffer.from(publicKey.slice('whpk_'.length), 'base64')]);
    expect(parseSecretKey(`whsk_${whole.toString('base64')}`)).toEqual(seed);
    expect(parseSecretKey(`whsk_${Buffer.from(seed).toString('base64')}`)).toEqual(seed);
  }
});

test('refuses a whsk_ key whose public half belongs to another seed', () => {
  const seed = Buffer.alloc(32, 1);
  const other = signingKeyFromSeed('other', Buffer.alloc(32, 2)).publicKey;
  const mixed = `whsk_${Buffer.concat([seed, other]).toString('base64')}`;
  expect(() => parseSecretKey(mixed)).toThrow('the public key of its first half');
});

test.each(['', 'whsk_', 'whsk_AAAA', 'whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=', 'whsk_QUJD*EVG'])(
  'refuses %j as a secret key and does not repeat it',
  (text) => {
    expect(() => parseSecretKey(text)).toThrow(/^expected whsk_/);
    expect(() => parseSecretKey(text)).not.toThrow(/QUJD/);
  },
);

test('signs as RFC 8032 says', () => {
  const key = rfcKey();
  expect(key.publicKey.toString('hex')).toBe(RFC_PUBLIC_KEY);
  expect(Buffer.from(ed25519Signature(key, ''), 'base64').toString('hex')).toBe(RFC_SIGNATURE_OF_NOTHING);
});

test('keeps one key object for all signatures of a key', () => {
  const key = rfcKey();
  expect(key.privateKey).toBeInstanceOf(KeyObject);
  expect(key.privateKey.asymmetricKeyType).toBe('ed25519');
});

test('signs text as its UTF-8 bytes', () => {
  const key = rfcKey();
  const content = dakotaContent(1_700_000_000, '{"name":"Zoë 🦊"}');
  expect(content).toBe('1700000000{"name":"Zoë 🦊"}');
  expect(ed25519Signature(key, content)).toBe(ed25519Signature(key, Buffer.from(content, 'utf8')));
});

test('gives the public key in every form, and each form verifies', () => {
  const key = rfcKey();
  const forms = publicKeyForms(key.publicKey);
  expect(forms).toEqual({
    publicKeyHex: RFC_PUBLIC_KEY,
    publicKey: 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
    publicKeyPem: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----\n[^\n]{60}\n-----END PUBLIC KEY-----\n$/),
    jwk: {
      kty: 'OKP',
      crv: 'Ed25519',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      use: 'sig',
      alg: 'EdDSA',
      kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    },
  });
  const signature = Buffer.from(ed25519Signature(key, 'content'), 'base64');
  const fromPem = createPublicKey(forms.publicKeyPem);
  const fromJwk = createPublicKey({ key: { ...forms.jwk }, format: 'jwk' });
  expect(verify(null, Buffer.from('content'), fromPem, signature)).toBe(true);
  expect(verify(null, Buffer.from('content'), fromJwk, signature)).toBe(true);
  expect(verify(null, Buffer.from('other'), fromPem, signature)).toBe(false);
});

test('writes and reads whsec_ secrets', () => {
  const raw = Buffer.from('00ff10203040506070809000a0b0c0d0e0f0ffeeddccbbaa', 'hex');
  expect(encodeSecret(raw)).toBe('whsec_AP8QIDBAUGBwgJAAoLDA0ODw/+7dzLuq');
  expect(decodeSecret(encodeSecret(raw))).toEqual(raw);
  for (const text of ['', 'whsec_', 'AP8Q', 'whsec_AP8', 'whsec_AP8*', 'whsk_AP8Q']) {
    expect(() => decodeSecret(text), text).toThrow(/^expected .*whsec_/);
  }
});

test('refuses keys of the wrong length', () => {
  expect(() => signingKeyFromSeed('short', Buffer.alloc(31))).toThrow('expected a seed of 32 bytes, got 31');
  expect(() => publicKeyForms(Buffer.alloc(33))).toThrow('expected a public key of 32 bytes, got 33');
});

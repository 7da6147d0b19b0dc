import { expect, test } from 'vitest';
import { ed25519Signature, publicKeyForms } from '../../src/domain/signing/signature.ts';
import { verifyWebhook, verifyWebhookSignature, type WebhookRequest } from '../../src/verify/index.ts';
import { signRequest, testKey, testSecret } from '../support/signed-request.ts';

const TIMESTAMP = 1_768_473_000;
const ID = '31TgvvnYkN6edEJUTmF1LzTj2ug';
const BODY = `{"id":"${ID}","event":"customer.created","data":{},"created_at":"2026-01-15T10:30:00.000Z"}`;

/** A request that is accepted as it stands, by public key and by secret: each test spoils one thing. */
function setup(body = BODY) {
  const [key, secret] = [testKey(1), testSecret(2)];
  const signed = signRequest({
    id: ID,
    body,
    timestampSeconds: TIMESTAMP,
    signingKeys: [key],
    secrets: [secret.raw],
  });
  const { publicKeyHex } = publicKeyForms(key.publicKey);
  const now = new Date(TIMESTAMP * 1000);
  const trusted = { publicKeys: [publicKeyHex], secrets: [secret.text], now };
  const request: WebhookRequest = { ...signed, ...trusted };
  /** The refusal of the request with these headers changed; undefined removes one. */
  const refusal = async (headers: Record<string, string | string[] | undefined>, rest: Partial<WebhookRequest> = {}) =>
    verifyWebhook({ ...request, ...rest, headers: { ...signed.headers, ...headers } });
  return { request, signed, key, secret, publicKeyHex, now, refusal };
}

const { publicKeyHex: otherHex, jwk: otherJwk } = publicKeyForms(testKey(9).publicKey);
const otherSecret = testSecret(9).text;
// What leaves a request with the headers of one family.
const noStandard = { 'webhook-id': undefined, 'webhook-timestamp': undefined, 'webhook-signature': undefined };
const noXWebhook = { 'x-webhook-timestamp': undefined, 'x-webhook-signature': undefined };

test('accepts the request that the tests below spoil', async () => {
  const { request, refusal } = setup();
  expect(await verifyWebhook(request)).toMatchObject({ ok: true });
  expect(await refusal({})).toMatchObject({ ok: true });
});

test('refuses a changed body, by public key and by secret', async () => {
  const { request } = setup();
  const body = BODY.replace('customer.created', 'customer.deleted');
  for (const keys of [{ publicKeys: [] }, { secrets: [] }, {}]) {
    const result = await verifyWebhook({ ...request, ...keys, body });
    expect(result).toMatchObject({ ok: false, reason: 'no-matching-signature' });
  }
});

test('refuses a body that was parsed and written again', async () => {
  const { request } = setup('{"id": "a", "event": "b", "data": 1.0, "created_at": "c"}');
  expect(await verifyWebhook(request)).toMatchObject({ ok: true });
  const body = JSON.stringify(JSON.parse(request.body as string));
  expect(await verifyWebhook({ ...request, body })).toMatchObject({ reason: 'no-matching-signature' });
});

test('refuses another key and another secret', async () => {
  const { request } = setup();
  const result = await verifyWebhook({ ...request, publicKeys: [otherHex], secrets: [otherSecret] });
  expect(result).toMatchObject({ ok: false, reason: 'no-matching-signature' });
  expect(result).toHaveProperty('message', expect.stringContaining('expected v1 by one of the secrets given: 1'));
});

test('refuses a request that was meant for another target, once the secret is given', async () => {
  const { request, key, publicKeyHex, now } = setup();
  const signers = { id: ID, body: BODY, timestampSeconds: TIMESTAMP, signingKeys: [key] };
  const elsewhere = { ...signRequest({ ...signers, secrets: [testSecret(9).raw] }), now };
  expect(await verifyWebhook({ ...elsewhere, publicKeys: [publicKeyHex] })).toMatchObject({ ok: true });
  const { secrets } = request;
  for (const keys of [{ secrets }, { secrets, publicKeys: [publicKeyHex] }]) {
    expect(await verifyWebhook({ ...elsewhere, ...keys! })).toMatchObject({ reason: 'no-matching-signature' });
  }
});

test('with public keys and secrets given, a signature by one kind alone is refused', async () => {
  const { refusal, signed } = setup();
  const [byKey, bySecret] = signed.headers['webhook-signature']!.split(' ');
  for (const [signature, expected] of [
    [byKey!, 'expected v1 by one of the secrets'],
    [bySecret!, 'expected v1a or x-webhook by one of the publicKeys'],
  ] as const) {
    const result = await refusal({ ...noXWebhook, 'webhook-signature': signature });
    expect(result).toMatchObject({ reason: 'no-matching-signature', message: expect.stringContaining(expected) });
  }
  expect(await refusal(noStandard)).toMatchObject({ reason: 'missing-header' });
});

test('refuses an id and a timestamp that were not signed', async () => {
  const { refusal } = setup();
  expect(await refusal({ ...noXWebhook, 'webhook-id': 'other' })).toMatchObject({ reason: 'no-matching-signature' });
  const later = String(TIMESTAMP + 1);
  const both = { 'webhook-timestamp': later, 'x-webhook-timestamp': later };
  expect(await refusal(both)).toMatchObject({ reason: 'no-matching-signature' });
});

test('with only v1a signatures a receiver that holds only secrets refuses', async () => {
  const { signed, refusal } = setup();
  const list = signed.headers['webhook-signature']!.split(' ').filter((entry) => entry.startsWith('v1a,'));
  expect(list).toHaveLength(1);
  const result = await refusal({ 'webhook-signature': list.join(' ') }, { publicKeys: [] });
  expect(result).toMatchObject({ ok: false, reason: 'no-matching-signature' });
});

test('does not take an HMAC keyed with the public key for a signature', async () => {
  const { key, signed, publicKeyHex, now } = setup();
  const forged = signRequest({
    id: ID,
    body: BODY,
    timestampSeconds: TIMESTAMP,
    signingKeys: [],
    secrets: [key.publicKey],
  });
  const headers = { ...forged.headers, 'x-webhook-timestamp': undefined };
  expect(await verifyWebhook({ headers, body: signed.body, publicKeys: [publicKeyHex], now })).toMatchObject({
    reason: 'no-matching-signature',
  });
});

test.each([
  [300, true],
  [301, false],
  [-300, true],
  [-301, false],
])('with the clock %d s away it accepts: %s', async (distance, accepted) => {
  const { request } = setup();
  const now = new Date((TIMESTAMP + distance) * 1000);
  const result = await verifyWebhook({ ...request, now });
  expect(result.ok).toBe(accepted);
  if (!accepted) expect(result).toMatchObject({ reason: 'timestamp-out-of-tolerance' });
});

test('the tolerance is the receiver’s to choose, and nonsense in it refuses', async () => {
  const { request } = setup();
  const now = new Date((TIMESTAMP + 10) * 1000);
  expect(await verifyWebhook({ ...request, now, toleranceSeconds: 10 })).toMatchObject({ ok: true });
  for (const toleranceSeconds of [9, -1, Number.NaN]) {
    const result = await verifyWebhook({ ...request, now, toleranceSeconds });
    expect(result).toMatchObject({ ok: false, reason: 'timestamp-out-of-tolerance' });
  }
  const noTime = { ...request, now: new Date(Number.NaN) };
  expect(await verifyWebhook(noTime)).toMatchObject({ reason: 'timestamp-out-of-tolerance' });
});

test('names the headers that are missing', async () => {
  const { request, signed, refusal } = setup();
  expect(await verifyWebhook({ ...request, headers: {} })).toMatchObject({ ok: false, reason: 'missing-header' });
  const { 'x-webhook-signature': signature, 'webhook-id': id } = signed.headers;
  for (const [headers, missing] of [
    [{ 'x-webhook-signature': signature }, 'x-webhook-timestamp'],
    [{ 'webhook-id': id }, 'webhook-timestamp and webhook-signature'],
  ] as const) {
    const result = await verifyWebhook({ ...request, secrets: [], headers });
    expect(result).toMatchObject({ reason: 'missing-header', message: expect.stringContaining(missing) });
  }
  const empty = { 'x-webhook-signature': '', 'webhook-signature': undefined };
  for (const keys of [{}, { secrets: [] }]) {
    expect(await refusal(empty, keys)).toMatchObject({ reason: 'missing-header' });
  }
  const bare = await verifyWebhook({ ...request, secrets: [], headers: {} });
  expect(bare).toHaveProperty('message', expect.stringContaining('or X-Webhook-Timestamp'));
});

test.each([
  [
    'webhook-timestamp',
    'malformed-header',
    [' ', 'abc', '1e9', '-1', '0x10', '01', '1768473000.5', '١', '9'.repeat(400)],
  ],
  ['x-webhook-timestamp', 'malformed-header', ['NaN', '+1768473000', '1768473000 ', '9'.repeat(13)]],
  ['webhook-id', 'malformed-header', ['a.b', 'a b', 'a\u0000', 'ä', 'a'.repeat(257)]],
  ['x-webhook-signature', 'malformed-header', ['!', 'AAAA', 'A'.repeat(100_000), ' '.repeat(88)]],
  ['webhook-signature', 'no-matching-signature', ['v1,', 'v1a', ',', ' ', 'v1a,'.repeat(50), `v1,${'A'.repeat(4000)}`]],
  ['webhook-signature', 'malformed-header', ['v1,AAAA '.repeat(21), `v1,${'A'.repeat(1e7)}`, ' '.repeat(1e7)]],
])('refuses whatever a stranger puts into %s: %s', async (name, reason, values) => {
  const { refusal } = setup();
  const isXWebhook = name.startsWith('x-');
  const otherFamily = isXWebhook ? noStandard : noXWebhook;
  const trusted = isXWebhook ? { secrets: [] } : {};
  expect(await refusal(otherFamily, trusted)).toMatchObject({ ok: true });
  for (const value of values) {
    const result = await refusal({ ...otherFamily, [name]: value }, trusted);
    expect(result, value.slice(0, 50)).toMatchObject({ ok: false, reason });
    expect((result as { message: string }).message.length).toBeLessThan(400);
  }
});

test('refuses an id with a full stop even if it is signed: the signed content could be cut elsewhere', async () => {
  const { request, secret } = setup();
  const signers = { body: BODY, timestampSeconds: TIMESTAMP, signingKeys: [], secrets: [secret.raw] };
  for (const [id, accepted] of [
    ['evt_1-2', true],
    ['evt.1', false],
  ] as const) {
    const { headers } = signRequest({ ...signers, id });
    const result = await verifyWebhook({ ...request, publicKeys: [], headers: { ...headers, ...noXWebhook } });
    expect(result.ok, id).toBe(accepted);
  }
});

test('refuses a header that came twice: which one was signed is a guess', async () => {
  const { signed, refusal } = setup();
  const [first, second] = [signed.headers['x-webhook-timestamp']!, '1'];
  for (const [headers, keys] of [
    [{ ...noStandard, 'x-webhook-timestamp': [first, second] }, { secrets: [] }],
    [{ ...noStandard, 'X-Webhook-Signature': 'other' }, { secrets: [] }],
    [{ 'webhook-timestamp': [first, first] }, {}],
    [{ 'Webhook-Signature': signed.headers['webhook-signature']! }, {}],
  ] as const) {
    const changed = headers as Record<string, string | string[] | undefined>;
    expect(await refusal(changed, keys)).toMatchObject({ ok: false, reason: 'malformed-header' });
  }
});

test('refuses a list of signatures that is longer than any rotation needs', async () => {
  const { signed, refusal } = setup();
  const list = `${'v2,AAAA '.repeat(20)}${signed.headers['webhook-signature']}`;
  const result = await refusal({ 'webhook-signature': list, 'x-webhook-signature': 'AAAA' });
  expect(result).toMatchObject({ ok: false, reason: 'malformed-header', message: expect.stringContaining('20') });
});

test.each([
  ['no key at all', { publicKeys: [], secrets: [] }],
  ['an empty setting', { publicKeys: [''] }],
  ['a setting that is not there', { publicKeys: [undefined as unknown as string] }],
  ['half a key', { publicKeys: [otherHex.slice(0, 32)] }],
  ['hex with a typo', { publicKeys: [`${otherHex.slice(0, 63)}g`] }],
  ['a whpk_ key of 33 bytes', { publicKeys: [`whpk_${Buffer.alloc(33).toString('base64')}`] }],
  ['a secret as a public key', { publicKeys: [otherSecret] }],
  ['a secret without its prefix', { secrets: ['AAAA'] }],
  ['an empty secret', { secrets: ['whsec_'] }],
  ['a good key beside a bad one', { publicKeys: [otherHex, 'whpk_'] }],
  ['a JWK of another curve', { publicKeys: [{ ...otherJwk, crv: 'X25519' }] }],
  ['a JWK without its x', { publicKeys: [{ kty: 'OKP', crv: 'Ed25519' }] }],
  ['a JWK in base64 that is not for URLs', { publicKeys: [{ ...otherJwk, x: `${'/'.repeat(42)}8` }] }],
  ['a key that is no list', { publicKeys: otherHex as unknown as string[] }],
  ['null', { secrets: null as unknown as string[] }],
  ['a list longer than any rotation needs', { publicKeys: Array.from({ length: 11 }, () => otherHex) }],
])('says that %s is the receiver’s own mistake', async (_, keys) => {
  const { signed, now } = setup();
  const result = await verifyWebhook({ ...signed, ...keys, now });
  expect(result).toMatchObject({ ok: false, reason: 'invalid-key' });
  expect(JSON.stringify(result)).not.toContain(otherSecret);
});

test('says that a parsed body cannot be verified', async () => {
  const { request } = setup();
  for (const body of [JSON.parse(BODY), null, undefined, 7, [1, 2]]) {
    expect(await verifyWebhook({ ...request, body })).toMatchObject({ ok: false, reason: 'body-not-raw' });
  }
});

test.each([
  '',
  'null',
  '[]',
  '"text"',
  '{"id":1,"event":"a","data":{},"created_at":"b"}',
  '{"id":"a","event":"a","created_at":"b"}',
  '{"id":"a","event":"a","data":{},"created_at":"b","customer_id":3}',
  '{"id":"a"',
  '\ufeff{"id":"a","event":"a","data":{},"created_at":"b"}',
])('refuses the signed body %j as an event, though its signature is right', async (body) => {
  const { request } = setup(body);
  expect(await verifyWebhookSignature(request)).toMatchObject({ ok: true });
  expect(await verifyWebhook(request)).toMatchObject({ ok: false, reason: 'invalid-event' });
});

test('refuses bytes that are not UTF-8 as an event, though they are signed', async () => {
  const { key, publicKeyHex, now } = setup();
  const body = Buffer.from(BODY);
  body[body.indexOf('customer')] = 0xff;
  const content = Buffer.concat([Buffer.from(String(TIMESTAMP)), body]);
  const headers = { 'x-webhook-timestamp': String(TIMESTAMP), 'x-webhook-signature': ed25519Signature(key, content) };
  const request = { headers, body, publicKeys: [publicKeyHex], now };
  expect(await verifyWebhookSignature(request)).toMatchObject({ ok: true });
  expect(await verifyWebhook(request)).toMatchObject({ ok: false, reason: 'invalid-event' });
});

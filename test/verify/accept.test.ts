import { expect, test } from 'vitest';
import { publicKeyForms } from '../../src/domain/signing/signature.ts';
import { verifyWebhook, verifyWebhookSignature, type WebhookHeaders } from '../../src/verify/index.ts';
import { signRequest, testKey, testSecret } from '../support/signed-request.ts';
import vectors from '../support/vectors/signatures.json' with { type: 'json' };

const TIMESTAMP = 1_768_473_000;
const EVENT = {
  id: '31TgvvnYkN6edEJUTmF1LzTj2ug',
  event: 'transaction.auto.updated',
  data: { name: 'Zoë 🦊', amount: '1000.00' },
  created_at: '2026-01-15T10:30:00.000Z',
};

function setup() {
  const [key, otherKey] = [testKey(1), testKey(2)];
  const [secret, otherSecret] = [testSecret(3), testSecret(4)];
  const request = signRequest({
    id: EVENT.id,
    body: JSON.stringify(EVENT),
    timestampSeconds: TIMESTAMP,
    signingKeys: [key],
    secrets: [secret.raw],
  });
  const { publicKeyHex, publicKey } = publicKeyForms(key.publicKey);
  const now = new Date(TIMESTAMP * 1000);
  return { request, key, otherKey, secret, otherSecret, publicKeyHex, publicKey, now };
}

/** Only the headers of one family: what a sender of that family alone would send. */
function only(family: 'webhook-' | 'x-webhook-', headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(family)));
}

test('accepts X-Webhook headers with the hex key of the documentation', async () => {
  const { request, publicKeyHex, now } = setup();
  const headers = only('x-webhook-', request.headers);
  const verified = { ok: true, schemes: ['x-webhook'], timestampSeconds: TIMESTAMP, event: EVENT };
  expect(await verifyWebhook({ headers, body: request.body, publicKeys: [publicKeyHex], now })).toEqual(verified);
  const upperCase = [publicKeyHex.toUpperCase()];
  expect(await verifyWebhook({ headers, body: request.body, publicKeys: upperCase, now })).toEqual(verified);
});

test('accepts Standard Webhooks headers with the whpk_ key', async () => {
  const { request, publicKey, now } = setup();
  const headers = only('webhook-', request.headers);
  const result = await verifyWebhook({ headers, body: request.body, publicKeys: [publicKey], now });
  expect(result).toEqual({ ok: true, schemes: ['v1a'], timestampSeconds: TIMESTAMP, event: EVENT });
});

test('accepts Standard Webhooks headers with the secret of the target', async () => {
  const { request, secret, now } = setup();
  const result = await verifyWebhook({ ...request, secrets: [secret.text], now });
  expect(result).toEqual({ ok: true, schemes: ['v1'], timestampSeconds: TIMESTAMP, event: EVENT });
});

test('accepts a request that carries both families with either kind of key, or both', async () => {
  const { request, publicKey, secret, now } = setup();
  for (const [keys, schemes] of [
    [{ publicKeys: [publicKey] }, ['v1a']],
    [{ secrets: [secret.text] }, ['v1']],
    [{ publicKeys: [publicKey], secrets: [secret.text] }, ['v1', 'v1a']],
  ] as const) {
    expect(await verifyWebhook({ ...request, ...keys, now })).toMatchObject({ ok: true, event: EVENT, schemes });
  }
});

test('accepts the public key as the JWKS document shows it', async () => {
  const { request, key, now } = setup();
  const { jwk } = publicKeyForms(key.publicKey);
  expect(await verifyWebhook({ ...request, publicKeys: [jwk], now })).toMatchObject({ ok: true, schemes: ['v1a'] });
});

test('accepts the X-Webhook family when something in between spoiled the other', async () => {
  const { request, publicKey, now } = setup();
  const headers = { ...request.headers, 'webhook-id': '', 'webhook-signature': 'gone' };
  const result = await verifyWebhook({ headers, body: request.body, publicKeys: [publicKey], now });
  expect(result).toMatchObject({ ok: true, schemes: ['x-webhook'] });
});

test('during a rotation each of old and new key and old and new secret is enough', async () => {
  const { key, otherKey, secret, otherSecret, now } = setup();
  const signers = { id: EVENT.id, body: JSON.stringify(EVENT), timestampSeconds: TIMESTAMP };
  const request = signRequest({
    ...signers,
    signingKeys: [otherKey, key],
    secrets: [otherSecret.raw, secret.raw],
  });
  for (const { publicKey } of [key, otherKey]) {
    const publicKeys = [publicKeyForms(publicKey).publicKeyHex];
    expect(await verifyWebhook({ ...request, publicKeys, now })).toMatchObject({ ok: true, schemes: ['v1a'] });
  }
  for (const { text } of [secret, otherSecret]) {
    expect(await verifyWebhook({ ...request, secrets: [text], now })).toMatchObject({ ok: true, schemes: ['v1'] });
  }
});

test('a receiver may hold several keys and secrets, in any order', async () => {
  const { request, otherKey, publicKeyHex, secret, otherSecret, now } = setup();
  const publicKeys = [publicKeyForms(otherKey.publicKey).publicKey, publicKeyHex];
  const headers = only('x-webhook-', request.headers);
  expect(await verifyWebhook({ headers, body: request.body, publicKeys, now })).toMatchObject({ ok: true });
  const secrets = [otherSecret.text, secret.text];
  expect(await verifyWebhook({ ...request, secrets, now })).toMatchObject({ ok: true });
});

test('passes over signatures of versions it does not know', async () => {
  const { request, secret, now } = setup();
  const list = `v2,AAAA nonsense v1 v1,short ${request.headers['webhook-signature']}`;
  const headers = { ...request.headers, 'webhook-signature': list };
  expect(await verifyWebhook({ headers, body: request.body, secrets: [secret.text], now })).toMatchObject({ ok: true });
});

test('takes headers in every shape, with names in any case', async () => {
  const { request, secret, now } = setup();
  const pairs = Object.entries(request.headers);
  const shapes: WebhookHeaders[] = [
    new Headers(request.headers),
    pairs,
    new Map(pairs),
    Object.fromEntries(pairs.map(([name, value]) => [name.toUpperCase(), value])),
    Object.fromEntries(pairs.map(([name, value]) => [name, [value]])),
    { ...request.headers, 'x-absent': undefined, 'set-cookie': ['a', 'b'] },
  ];
  for (const headers of shapes) {
    const result = await verifyWebhook({ headers, body: request.body, secrets: [secret.text], now });
    expect(result).toMatchObject({ ok: true });
  }
});

test('takes the body as text, as a buffer, as a view into one and as an ArrayBuffer', async () => {
  const { request, secret, now } = setup();
  const bytes = new TextEncoder().encode(request.body);
  const within = new Uint8Array([0, 0, ...bytes, 0]).subarray(2, 2 + bytes.length);
  for (const body of [request.body, Buffer.from(request.body), bytes, within, bytes.buffer]) {
    const result = await verifyWebhook({ headers: request.headers, body, secrets: [secret.text], now });
    expect(result).toMatchObject({ ok: true, event: EVENT });
  }
});

test('parses what it verified, even if the caller reuses the buffer meanwhile', async () => {
  const { request, secret, now } = setup();
  const body = Buffer.from(request.body);
  const verification = verifyWebhook({ headers: request.headers, body, secrets: [secret.text], now });
  body.fill(0x20);
  expect(await verification).toMatchObject({ ok: true, event: EVENT });
});

test('hands over the customer id of an event that has one', async () => {
  const { secret, now } = setup();
  const event = { ...EVENT, customer_id: '31TgvufZK3gDXBcA3BnSeLWiSn7' };
  const body = JSON.stringify(event);
  const request = signRequest({
    id: EVENT.id,
    body,
    timestampSeconds: TIMESTAMP,
    signingKeys: [],
    secrets: [secret.raw],
  });
  expect(await verifyWebhook({ ...request, secrets: [secret.text], now })).toMatchObject({ ok: true, event });
});

test('takes the time of the machine when none is given', async () => {
  const { secret } = setup();
  const { systemClock } = await import('../../src/clock.ts');
  const timestampSeconds = Math.floor(systemClock.now().getTime() / 1000);
  const signers = { id: EVENT.id, body: JSON.stringify(EVENT), signingKeys: [], secrets: [secret.raw] };
  const fresh = signRequest({ ...signers, timestampSeconds });
  expect(await verifyWebhook({ ...fresh, secrets: [secret.text] })).toMatchObject({ ok: true });
  const old = signRequest({ ...signers, timestampSeconds: timestampSeconds - 400 });
  expect(await verifyWebhook({ ...old, secrets: [secret.text] })).toMatchObject({ ok: false });
});

test.each([...vectors['standard-v1'], ...vectors['standard-v1a']])('accepts the published vector of $id', async (v) => {
  const request = {
    headers: { 'webhook-id': v.id, 'webhook-timestamp': v.timestamp, 'webhook-signature': v.signature },
    body: v.body,
    now: new Date(Number(v.timestamp) * 1000),
    ...('secret' in v ? { secrets: [v.secret] } : { publicKeys: [v.publicKey] }),
  };
  expect(await verifyWebhookSignature(request)).toMatchObject({ ok: true, timestampSeconds: Number(v.timestamp) });
  const changed = { ...request, body: `${v.body} ` };
  expect(await verifyWebhookSignature(changed)).toMatchObject({ ok: false, reason: 'no-matching-signature' });
});

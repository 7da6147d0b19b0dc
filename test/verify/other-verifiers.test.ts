import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { publicKeyForms } from '../../src/domain/signing/signature.ts';
import { verifyWebhook } from '../../src/verify/index.ts';
import {
  hasPython,
  runGuidePython,
  verifyWithGuideNode,
  verifyWithGuidePython,
} from '../support/reference-code/guide.ts';
import { signRequest, testKey, testSecret } from '../support/signed-request.ts';

// These verifiers read the machine's clock, so the requests are signed with it.
const EVENT = {
  id: '31TgvvnYkN6edEJUTmF1LzTj2ug',
  event: 'transaction.auto.updated',
  data: { name: 'Zoë 🦊 "quoted" \\ \u2028', amount: 1e21 },
  created_at: '2026-01-15T10:30:00.000Z',
};
const BODY = JSON.stringify(EVENT);

function setup({ ageSeconds = 0, body = BODY } = {}) {
  const [key, secret] = [testKey(1), testSecret(2)];
  const timestampSeconds = Math.floor(systemClock.now().getTime() / 1000) - ageSeconds;
  const sign = (signingKeys = [key], secrets = [secret.raw]) =>
    signRequest({ id: EVENT.id, body, timestampSeconds, signingKeys, secrets });
  const { publicKeyHex } = publicKeyForms(key.publicKey);
  return { ...sign(), sign, key, secret, timestampSeconds, publicKeyHex };
}

const wrongKeyHex = publicKeyForms(testKey(9).publicKey).publicKeyHex;

afterEach(() => vi.restoreAllMocks());

test('the Node.js code of the guide accepts our request', () => {
  const { headers, body, publicKeyHex } = setup();
  expect(verifyWithGuideNode(headers, body, publicKeyHex)).toBe(true);
});

test('the Node.js code of the guide refuses it with another body, time or key', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const { headers, body, publicKeyHex, timestampSeconds } = setup();
  expect(verifyWithGuideNode(headers, `${body} `, publicKeyHex)).toBe(false);
  const otherTime = { ...headers, 'x-webhook-timestamp': String(timestampSeconds - 1) };
  expect(verifyWithGuideNode(otherTime, body, publicKeyHex)).toBe(false);
  expect(verifyWithGuideNode(headers, body, wrongKeyHex)).toBe(false);
  const old = setup({ ageSeconds: 400 });
  expect(verifyWithGuideNode(old.headers, old.body, publicKeyHex)).toBe(false);
});

test('the Python code of the guide accepts our request, and refuses another body, time or key', async (context) => {
  if (!(await hasPython())) context.skip('python3 is not installed');
  const { headers, body, publicKeyHex, timestampSeconds } = setup();
  expect(await verifyWithGuidePython(headers, body, publicKeyHex)).toBe(true);
  expect(await verifyWithGuidePython(headers, `${body} `, publicKeyHex)).toBe(false);
  const otherTime = { ...headers, 'x-webhook-timestamp': String(timestampSeconds - 1) };
  expect(await verifyWithGuidePython(otherTime, body, publicKeyHex)).toBe(false);
  expect(await verifyWithGuidePython(headers, body, wrongKeyHex)).toBe(false);
  const old = setup({ ageSeconds: 400 });
  expect(await verifyWithGuidePython(old.headers, old.body, publicKeyHex)).toBe(false);
});

test('on a machine without the cryptography package the stand-in says the same', async (context) => {
  if (!(await hasPython())) context.skip('python3 is not installed');
  const { headers, body, publicKeyHex } = setup();
  const verdict = (text: string, key: string) => runGuidePython(headers, text, key, '--stand-in');
  expect(await verdict(body, publicKeyHex)).toEqual({ accepted: true, library: 'stand-in' });
  expect(await verdict(`${body} `, publicKeyHex)).toEqual({ accepted: false, library: 'stand-in' });
  expect(await verdict(body, wrongKeyHex)).toEqual({ accepted: false, library: 'stand-in' });
});

test('the standardwebhooks package accepts our request with its v1a and v1 signatures', () => {
  const { headers, body, secret } = setup();
  expect(headers['webhook-signature']).toMatch(/^v1a,\S{88} v1,\S{44}$/);
  expect(new Webhook(secret.text).verify(body, headers)).toEqual(EVENT);
});

test('the standardwebhooks package accepts old and new secret during a rotation', () => {
  const { sign, body, key, secret } = setup();
  const newSecret = testSecret(3);
  const { headers } = sign([key, testKey(4)], [newSecret.raw, secret.raw]);
  for (const { text } of [secret, newSecret]) expect(new Webhook(text).verify(body, headers)).toEqual(EVENT);
});

test('the standardwebhooks package refuses another body, time, secret, and a list of v1a alone', () => {
  const { sign, headers, body, secret } = setup();
  const webhook = new Webhook(secret.text);
  expect(() => webhook.verify(`${body} `, headers)).toThrow('No matching signature');
  expect(() => webhook.verify(body, { ...headers, 'webhook-id': 'other' })).toThrow('No matching signature');
  expect(() => new Webhook(testSecret(9).text).verify(body, headers)).toThrow('No matching signature');
  expect(() => webhook.verify(body, sign(undefined, []).headers)).toThrow('No matching signature');
  const old = setup({ ageSeconds: 400 });
  expect(() => webhook.verify(old.body, old.headers)).toThrow('too old');
});

test('verify/ accepts what the standardwebhooks package signs', async () => {
  const { secret, timestampSeconds } = setup();
  const signature = new Webhook(secret.text).sign(EVENT.id, new Date(timestampSeconds * 1000), BODY);
  const headers = {
    'webhook-id': EVENT.id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signature,
  };
  const result = await verifyWebhook({ headers, body: BODY, secrets: [secret.text] });
  expect(result).toMatchObject({ ok: true, schemes: ['v1'], event: EVENT });
});

/** The samples that the console shows beside a new secret, each in its language, on requests as the service signs them. */
import { expect, test } from 'vitest';
import { SAMPLES } from '../../../../src/console/targets/secret/verification-code.ts';
import { verifyWebhook } from '../../../../src/verify/index.ts';
import { signRequest, testKey, testSecret } from '../../../support/signed-request.ts';
import { judge, type Request } from './drivers.ts';

const ID = '31TgvvnYkN6edEJUTmF1LzTj2ug';
const NOW = 1_768_473_000;
const BODY = JSON.stringify({
  id: ID,
  event: 'user.created',
  data: { name: 'Zoë 🦊 "quoted" \\ \u2028' },
  created_at: '2026-01-15T10:30:00.000Z',
});
const [own, next, other] = [testSecret(1), testSecret(2), testSecret(3)];

type Case = Request & { readonly what: string; readonly isGenuine: boolean };

const sign = (secrets: readonly { readonly raw: Uint8Array }[], timestampSeconds = NOW) =>
  signRequest({
    id: ID,
    body: BODY,
    timestampSeconds,
    signingKeys: [testKey(1)],
    secrets: secrets.map(({ raw }) => raw),
  }).headers;

const headers = sign([own]);
const signatures = headers['webhook-signature']!;

const accept = (what: string, change: Partial<Request> = {}): Case => ({
  what,
  isGenuine: true,
  headers,
  body: BODY,
  secrets: [own.text],
  ...change,
});
const refuse = (what: string, change: Partial<Request>): Case => ({ ...accept(what, change), isGenuine: false });
const refuseHeader = (what: string, name: string, value: string): Case =>
  refuse(what, { headers: { ...headers, [name]: value } });

const CASES: readonly Case[] = [
  accept('as it was sent'),
  accept('to the old secret, while it is rotated', { headers: sign([next, own]) }),
  accept('to the new secret, while the receiver has both', { headers: sign([next]), secrets: [own.text, next.text] }),
  accept('five minutes ago', { headers: sign([own], NOW - 300) }),
  refuse('for another target', { headers: sign([other]) }),
  refuse('with a changed body', { body: BODY.replace('🦊', '🐺') }),
  refuse('with a space behind its body', { body: `${BODY} ` }),
  refuse('longer ago', { headers: sign([own], NOW - 301) }),
  refuse('in the future', { headers: sign([own], NOW + 301) }),
  refuseHeader('with another id', 'webhook-id', `${ID}x`),
  refuseHeader('with another time', 'webhook-timestamp', String(NOW + 1)),
  refuseHeader('with a time that is not a number', 'webhook-timestamp', `${NOW}x`),
  refuseHeader('without a signature', 'webhook-signature', ''),
  refuseHeader('with the signature by public key alone', 'webhook-signature', signatures.split(' ')[0]!),
  refuseHeader('with half a signature', 'webhook-signature', signatures.slice(0, -10)),
];

const EXPECTED = CASES.map(({ what, isGenuine }) => ({ what, isGenuine }));

test('@hookcast/verify says the same of these requests', async () => {
  const results = CASES.map(async ({ what, headers, body, secrets }) => {
    const { ok } = await verifyWebhook({ headers, body, secrets: [...secrets], now: new Date(NOW * 1_000) });
    return { what, isGenuine: ok };
  });
  expect(await Promise.all(results)).toEqual(EXPECTED);
});

test.for(SAMPLES)(
  'the $language code accepts what the service signed, and refuses what it did not',
  { timeout: 180_000 },
  async (sample, context) => {
    const verdicts = await judge(sample, CASES, NOW);
    if (!verdicts) return context.skip(`${sample.language} is not installed`);
    expect(CASES.map(({ what }, nth) => ({ what, isGenuine: verdicts[nth] }))).toEqual(EXPECTED);
  },
);

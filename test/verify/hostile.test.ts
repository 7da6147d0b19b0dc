/** Whatever a stranger sends is refused with a reason, at a cost that has a bound. */
import * as noble from '@noble/ed25519';
import { afterEach, expect, test, vi } from 'vitest';
import { publicKeyForms } from '../../src/domain/signing/signature.ts';
import { REFUSAL_REASONS } from '../../src/verify/refusal.ts';
import { verifyWebhook, type WebhookHeaders } from '../../src/verify/index.ts';
import { signRequest, testKey, testSecret } from '../support/signed-request.ts';

vi.mock('@noble/ed25519', async (original) => {
  const actual = await original<typeof noble>();
  return { ...actual, verifyAsync: vi.fn(actual.verifyAsync) };
});

const TIMESTAMP = 1_768_473_000;
const BODY = '{"id":"a","event":"customer.created","data":{},"created_at":"2026-01-15T10:30:00.000Z"}';
const now = new Date(TIMESTAMP * 1000);
const [key, secret] = [testKey(1), testSecret(2)];
const publicKeys = [publicKeyForms(key.publicKey).publicKeyHex];
const secrets = [secret.text];

const sign = () =>
  signRequest({ id: 'a', body: BODY, timestampSeconds: TIMESTAMP, signingKeys: [key], secrets: [secret.raw] });

/** Numbers below `end` that are the same in every run (mulberry32). */
function createDice(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  };
}

type Pair = readonly [name: string, value: string];

/** A header spoiled in one of the ways that networks, proxies and strangers spoil one. */
function spoilHeader([name, value]: Pair, dice: (end: number) => number): Pair[] {
  const at = dice(value.length + 1);
  const character = String.fromCharCode(dice(3) === 0 ? dice(0x2100) : 32 + dice(95));
  const changes: Pair[][] = [
    [[name, value.slice(0, at)]],
    [[name, value.slice(at)]],
    [[name, value.slice(0, at) + character + value.slice(at + 1)]],
    [[name, value.slice(0, at) + character + value.slice(at)]],
    [[name, value.replace(/=+$/, '')]],
    [[name, value.replaceAll('+', '-').replaceAll('/', '_')]],
    [[name, `${value} ${value}`]],
    [[name, `${value}, ${value}`]],
    [[name, character.repeat(dice(20_000))]],
    [
      [name, value],
      [name.toUpperCase(), value],
    ],
    [
      [name, value],
      [name, character],
    ],
    [[name.toUpperCase(), value]],
    [],
  ];
  return changes[dice(changes.length)]!;
}

const shapes: ((pairs: readonly Pair[]) => WebhookHeaders)[] = [
  (pairs) => pairs,
  (pairs) => Object.fromEntries(pairs),
  (pairs) => Object.fromEntries(pairs.map(([name, value]) => [name, [value, ...(value.length % 5 ? [] : [value])]])),
  (pairs) => new Map(pairs),
];

afterEach(() => vi.mocked(noble.verifyAsync).mockClear());

test('1,000 spoiled requests are refused with a reason and a sentence, or carry the right signatures still', async () => {
  const { headers } = sign();
  const dice = createDice(7);
  const seen = new Set<string>();
  for (let round = 0; round < 500; round++) {
    let pairs: readonly Pair[] = Object.entries(headers);
    for (let changes = 1 + dice(3); changes > 0; changes--) {
      const victim = dice(pairs.length);
      pairs = pairs.flatMap((pair, index) => (index === victim ? spoilHeader(pair, dice) : [pair]));
    }
    const given = { headers: shapes[dice(shapes.length)]!(pairs), now };
    const keys = [{ secrets }, { publicKeys }, { secrets, publicKeys }][dice(3)]!;

    const forged = await verifyWebhook({ ...given, ...keys, body: `${BODY} ` });
    expect(forged).toMatchObject({ ok: false, reason: expect.toBeOneOf([...REFUSAL_REASONS]) });
    const result = await verifyWebhook({ ...given, ...keys, body: BODY });
    seen.add(result.ok ? 'accepted' : result.reason);
    if (result.ok) {
      const all = JSON.stringify(pairs);
      for (const scheme of result.schemes) expect(all).toContain(signatureOf(scheme, headers));
      continue;
    }
    expect(result.message).toMatch(/^.{10,400}$/);
    expect(result.message).not.toContain(secret.text.slice('whsec_'.length));
  }
  const outcomes = ['accepted', 'malformed-header', 'missing-header', 'no-matching-signature'];
  expect([...seen].sort()).toEqual(expect.arrayContaining(outcomes));
});

function signatureOf(scheme: string, headers: Readonly<Record<string, string>>): string {
  if (scheme === 'x-webhook') return headers['x-webhook-signature']!;
  return headers['webhook-signature']!.split(' ').find((entry) => entry.startsWith(`${scheme},`))!;
}

const NO_HEADERS: unknown[] = [
  undefined,
  null,
  7,
  'webhook-id',
  [],
  [[]],
  [null, 'webhook-id', ['webhook-id']],
  ['webhook-id', 'a', 'webhook-timestamp', '1'],
  new Map([[7, 8]]),
  new Map([[{}, {}]]),
  { 'webhook-id': 7, 'webhook-timestamp': null, 'webhook-signature': {} },
  { 'webhook-id': [null, ['a']], 'webhook-signature': [] },
];

test.each(NO_HEADERS.map((headers) => ({ headers })))('refuses what is no headers: $headers', async ({ headers }) => {
  const request = { headers: headers as WebhookHeaders, body: BODY, secrets, now };
  expect(await verifyWebhook(request)).toMatchObject({ ok: false, reason: 'missing-header' });
});

test('a header that came 200,000 times, or beside as many others, costs no more than twice', async () => {
  const { headers } = sign();
  const repeated = Array.from({ length: 200_000 }, (): Pair => ['webhook-signature', headers['webhook-signature']!]);
  const request = { body: BODY, secrets, publicKeys, now };
  const list = [...Object.entries(headers), ...repeated];
  expect(await verifyWebhook({ ...request, headers: list })).toMatchObject({ reason: 'malformed-header' });
  const others = Array.from({ length: 200_000 }, (_, index): Pair => [`x-${index}`, 'x'.repeat(100)]);
  const beside = [...others, ...Object.entries(headers)];
  expect(await verifyWebhook({ ...request, headers: beside })).toMatchObject({ ok: true });
  expect(noble.verifyAsync).toHaveBeenCalledTimes(1);
});

/** As many forgeries as the list may hold, each of them a well-formed point and scalar. */
function forge(count: number): Record<string, string> {
  const { headers } = sign();
  const forgery = Buffer.from(headers['x-webhook-signature']!, 'base64').toString('base64');
  const list = Array.from({ length: count }, () => `v1a,${forgery}`).join(' ');
  return {
    ...headers,
    'webhook-signature': list,
    'x-webhook-signature': forgery,
    'x-webhook-timestamp': `${TIMESTAMP - 1}`,
  };
}

test('a list of forgeries buys at most 20 checks for each key, and one for the other header', async () => {
  const keys = Array.from({ length: 10 }, (_, fill) => publicKeyForms(testKey(fill + 20).publicKey).publicKeyHex);
  const result = await verifyWebhook({ headers: forge(20), body: BODY, publicKeys: keys, now });
  expect(result).toMatchObject({ reason: 'no-matching-signature' });
  expect(noble.verifyAsync).toHaveBeenCalledTimes(20 * 10 + 10);

  vi.mocked(noble.verifyAsync).mockClear();
  await verifyWebhook({ headers: forge(21), body: BODY, publicKeys: keys, now });
  expect(noble.verifyAsync).toHaveBeenCalledTimes(10);
});

test('whoever has no secret buys no check of an Ed25519 signature once the secret is asked for', async () => {
  const headers = { ...forge(20), ...sign().headers };
  const forged = { ...headers, 'webhook-signature': headers['webhook-signature']!.replace('v1,', 'v1,AAAA') };
  const result = await verifyWebhook({ headers: forged, body: BODY, publicKeys, secrets, now });
  expect(result).toMatchObject({ reason: 'no-matching-signature' });
  expect(noble.verifyAsync).not.toHaveBeenCalled();
});

test('a request that is too old buys no check at all', async () => {
  const later = new Date((TIMESTAMP + 301) * 1000);
  const result = await verifyWebhook({ ...sign(), publicKeys, now: later });
  expect(result).toMatchObject({ reason: 'timestamp-out-of-tolerance' });
  expect(noble.verifyAsync).not.toHaveBeenCalled();
});

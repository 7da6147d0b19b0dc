import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { judgeSignature, signedContent, type SignedRequest } from '../../src/domain/signed-request.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const PUBLIC_KEY = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
const NOW = new Date('2026-01-15T10:30:00.000Z');
const REQUEST = {
  ...{ timestamp: String(NOW.getTime()), method: 'POST', path: '/graphql?a=1' },
  body: Buffer.from('{"query":"mutation { é }"}'),
};

type Unsigned = Omit<SignedRequest, 'signature'>;

const signed = (request: Unsigned = REQUEST): SignedRequest => ({
  ...request,
  signature: sign(null, signedContent(request), privateKey).toString('base64'),
});

/** `OK`, or why not. */
function judge(request: SignedRequest, now = NOW): string {
  const judged = judgeSignature(PUBLIC_KEY, request, now);
  return judged.ok ? 'OK' : judged.refusal.fault;
}

test('the content is timestamp, method and path, a line each, then the body byte for byte', () => {
  const body = Buffer.from([0xff, 0x0a, 0x00]);
  const content = signedContent({ timestamp: '1768473000000', method: 'POST', path: '/graphql?x=%0A', body });
  expect(content).toEqual(Buffer.concat([Buffer.from('1768473000000\nPOST\n/graphql?x=%0A\n'), body]));
});

test('a signature over what came is good', () => {
  expect(judgeSignature(PUBLIC_KEY, signed(), NOW)).toMatchObject({ ok: true, signedAt: NOW });
});

test.each([
  ['timestamp', { timestamp: String(NOW.getTime() + 1) }],
  ['method', { method: 'PUT' }],
  ['query string', { path: '/graphql?a=2' }],
  ['body', { body: Buffer.from('{"query":"mutation { é } "}') }],
])('a signature over another %s is INVALID', (_, other) => {
  expect(judge({ ...signed(), ...other })).toBe('INVALID');
});

test('the message of INVALID shows what was checked, for the client to compare', () => {
  const judged = judgeSignature(PUBLIC_KEY, { ...signed(), method: 'PUT' }, NOW);
  const message = judged.ok ? '' : judged.refusal.message;
  for (const part of [PUBLIC_KEY, REQUEST.timestamp, 'PUT', '/graphql?a=1', `${REQUEST.body.length} bytes`]) {
    expect(message).toContain(part);
  }
});

test.each([
  ['no timestamp', { timestamp: undefined }, 'MISSING'],
  ['no signature', { signature: undefined }, 'MISSING'],
  ['empty headers', { timestamp: '', signature: '' }, 'MISSING'],
  ['Unix seconds', { timestamp: '1768473000' }, 'MALFORMED'],
  ['a date', { timestamp: NOW.toISOString() }, 'MALFORMED'],
  ['a sign before the digits', { timestamp: '+768473000000' }, 'MALFORMED'],
  ['hex', { signature: 'ab'.repeat(64) }, 'MALFORMED'],
  ['base64url', { signature: `-${'A'.repeat(85)}==` }, 'MALFORMED'],
  ['63 bytes', { signature: Buffer.alloc(63).toString('base64') }, 'MALFORMED'],
  ['two signatures', { signature: `${signed().signature}, ${signed().signature}` }, 'MALFORMED'],
])('%s is refused', (_, other, fault) => {
  expect(judge({ ...signed(), ...other })).toBe(fault);
});

test('the timestamp may be 5 minutes off either way, and not a millisecond more', () => {
  const at = (ms: number) => new Date(NOW.getTime() + ms);
  expect([-300_001, -300_000, 300_000, 300_001].map((ms) => judge(signed(), at(ms)))).toEqual([
    ...['EXPIRED', 'OK', 'OK', 'EXPIRED'],
  ]);
});

test('nobody makes a second signature of a first: S must be below the order of the group (RFC 8032, 5.1.7)', () => {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const bytes = Buffer.from(signed().signature!, 'base64');
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`);
  const moved = Buffer.from((s + order).toString(16).padStart(64, '0'), 'hex').reverse();
  const signature = Buffer.concat([bytes.subarray(0, 32), moved]).toString('base64');
  expect(judge({ ...signed(), signature })).toBe('INVALID');
});

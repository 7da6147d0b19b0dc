import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { signingKeyFromSeed } from '../../../src/domain/signing/signature.ts';
import {
  judgeSignature,
  signedContent,
  type SignedApiRequest,
} from '../../../src/domain/signing/signed-api-request.ts';
import { codeBlocks } from '../../support/documents.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const PUBLIC_KEY = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
const NOW = new Date('2026-01-15T10:30:00.000Z');
const REQUEST = {
  version: '2',
  timestamp: String(NOW.getTime()),
  method: 'POST',
  host: 'hookcast.example.com',
  path: '/graphql?a=1',
  apiKeyId: 'key1',
  idempotencyKey: 'once',
  organizationId: 'org1',
  body: Buffer.from('{"query":"mutation { é }"}'),
};

type Unsigned = Omit<SignedApiRequest, 'signature'>;

const signed = (request: Unsigned = REQUEST): SignedApiRequest => ({
  ...request,
  signature: sign(null, signedContent(request), privateKey).toString('base64'),
});

/** `OK`, or why not. */
function judge(request: SignedApiRequest, now = NOW): string {
  const judged = judgeSignature(PUBLIC_KEY, request, now);
  return judged.ok ? 'OK' : judged.refusal.fault;
}

/** Of the release before: it covers less. */
const FIRST = { ...REQUEST, version: undefined };

test('the content is v2, time, method, host, path, key, idempotency key and organization, then the body byte for byte', () => {
  const body = Buffer.from([0xff, 0x0a, 0x00]);
  const content = signedContent({ ...REQUEST, host: 'Hookcast.Example.com', path: '/graphql?x=%0A', body });
  const lines = ['v2', REQUEST.timestamp, 'POST', 'hookcast.example.com', '/graphql?x=%0A', 'key1', 'once', 'org1', ''];
  expect(content).toEqual(Buffer.concat([Buffer.from(lines.join('\n')), body]));
  const bare = { ...REQUEST, idempotencyKey: '', organizationId: '', body: Buffer.from('{}') };
  expect(String(signedContent(bare))).toBe(
    `v2\n${REQUEST.timestamp}\nPOST\nhookcast.example.com\n/graphql?a=1\nkey1\n\n\n{}`,
  );
});

test('the content of version 1 is timestamp, method and path, a line each, then the body', () => {
  const body = Buffer.from([0xff, 0x0a, 0x00]);
  const expected = Buffer.concat([Buffer.from(`${REQUEST.timestamp}\nPOST\n/graphql?a=1\n`), body]);
  for (const version of [undefined, '1']) expect(signedContent({ ...REQUEST, version, body })).toEqual(expected);
});

test('the vector of the guide for clients is what is signed, and its signature is good', async () => {
  const [vector] = await codeBlocks('src/schema/README.md', 'Signed changes', 'text');
  const { seed, content, signature } = Object.fromEntries(
    vector!.matchAll(/^(\w+) +(.+)$/gm).map(([, name, value]) => [name!, value!]),
  ) as Record<'seed' | 'content' | 'signature', string>;
  const text: string = JSON.parse(content);
  const [version, timestamp, method, host, path, apiKeyId, idempotencyKey, organizationId, body] = text.split('\n');
  expect(version).toBe('v2');
  const request = {
    version: '2',
    timestamp: timestamp!,
    method: method!,
    host: host!,
    path: path!,
    apiKeyId: apiKeyId!,
    idempotencyKey: idempotencyKey!,
    organizationId: organizationId!,
    body: Buffer.from(body!),
  };
  expect(signedContent(request)).toEqual(Buffer.from(text));
  const pair = signingKeyFromSeed('vector', Buffer.from(seed, 'hex'));
  expect(sign(null, Buffer.from(text), pair.privateKey).toString('base64')).toBe(signature);
  const judged = judgeSignature(pair.publicKey.toString('hex'), { ...request, signature }, new Date(Number(timestamp)));
  expect(judged.ok).toBe(true);
});

test('a signature over what came is good', () => {
  expect(judgeSignature(PUBLIC_KEY, signed(), NOW)).toMatchObject({ ok: true, signedAt: NOW });
});

test.each([
  ['timestamp', { timestamp: String(NOW.getTime() + 1) }],
  ['method', { method: 'PUT' }],
  ['query string', { path: '/graphql?a=2' }],
  ['host', { host: 'staging.example.com' }],
  ['port', { host: 'hookcast.example.com:8443' }],
  ['API key', { apiKeyId: 'key2' }],
  ['idempotency key', { idempotencyKey: 'twice' }],
  ['idempotency key, where none was signed,', { idempotencyKey: '' }],
  ['organization', { organizationId: 'org2' }],
  ['organization, where none was signed,', { organizationId: '' }],
  ['body', { body: Buffer.from('{"query":"mutation { é } "}') }],
])('a signature over another %s is INVALID', (_, other) => {
  expect(judge({ ...signed(), ...other })).toBe('INVALID');
});

test('a signature of one version is none of the other', () => {
  expect(judge(signed(FIRST))).toBe('OK');
  expect(judge({ ...signed(FIRST), version: '2' })).toBe('INVALID');
  expect(judge({ ...signed(), version: undefined })).toBe('INVALID');
  expect(judge({ ...signed(), version: '1' })).toBe('INVALID');
});

test('version 1 goes on as it was: over host, key, idempotency key and organization it says nothing', () => {
  const other = { host: 'x', apiKeyId: 'key2', idempotencyKey: 'twice', organizationId: 'org2' };
  expect(judge({ ...signed(FIRST), ...other })).toBe('OK');
});

test.each([
  ['in capitals', 'HookCast.Example.COM', 'hookcast.example.com'],
  ['with a port that is not the default', 'localhost:4000', 'localhost:4000'],
  ['with the port of https, as it was sent', 'hookcast.example.com:443', 'hookcast.example.com:443'],
  ['with the port of https, which the client did not see', 'hookcast.example.com:443', 'hookcast.example.com'],
  ['with the port of http, which the client did not see', '[::1]:80', '[::1]'],
])('a host that came %s is the one that was signed', (_, came, host) => {
  expect(judge({ ...signed({ ...REQUEST, host }), host: came })).toBe('OK');
});

test('the message of INVALID shows what was checked, for the client to compare', () => {
  const judged = judgeSignature(PUBLIC_KEY, { ...signed(), method: 'PUT' }, NOW);
  const message = judged.ok ? '' : judged.refusal.message;
  for (const part of [
    PUBLIC_KEY,
    REQUEST.timestamp,
    'PUT',
    REQUEST.host,
    '/graphql?a=1',
    'key1',
    'once',
    'org1',
    `${REQUEST.body.length} bytes`,
  ]) {
    expect(message).toContain(part);
  }
});

test.each([
  ['no timestamp', { timestamp: undefined }, 'MISSING'],
  ['no signature', { signature: undefined }, 'MISSING'],
  ['empty headers', { timestamp: '', signature: '' }, 'MISSING'],
  ['another version', { version: '3' }, 'MALFORMED'],
  ['an empty version', { version: '' }, 'MALFORMED'],
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
    'EXPIRED',
    'OK',
    'OK',
    'EXPIRED',
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

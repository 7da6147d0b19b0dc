import { X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import {
  checkClientCertificate,
  type ClientCertificateInput,
} from '../../../../src/domain/targets/certificates/client-certificate.ts';
import {
  clientAuthority,
  clientPem,
  encryptedKey,
  keyAs,
  type ClientName,
} from '../../../support/certificates/client-certificates.ts';

const NOW = new Date('2026-11-29T12:00:00Z');

const check = (input: Partial<ClientCertificateInput>, name: ClientName = 'ec', now = NOW) =>
  checkClientCertificate({ ...clientPem(name), ...input }, now);
const errors = (...input: Parameters<typeof check>) =>
  check(...input).errors.map(({ code, field, message }) => `${code} ${field!.slice(2).join('.')}: ${message}`);
const blocks = (pem: string): string[] => pem.split(/(?<=-----END CERTIFICATE-----\n)/);

test.each(['ec', 'ec-384', 'rsa', 'chained', 'stranger', 'ending'] as const)('takes a good certificate: %s', (name) => {
  const { value } = check({}, name);
  const leaf = new X509Certificate(clientPem(name).certificatePem);
  expect(value).toMatchObject({
    subject: `O=Hookcast test, CN=${name}`,
    issuer: expect.stringMatching(/^O=Hookcast test, CN=(authority|intermediate|stranger-authority)$/),
    serialNumber: leaf.serialNumber,
    fingerprintSha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    notBefore: leaf.validFromDate,
    notAfter: leaf.validToDate,
  });
  expect(value!.fingerprintSha256).toMatch(/^[0-9a-f]{64}$/);
});

test('takes the key as PKCS #8, RSA and EC, with the parameters of a curve before it, and keeps it as PKCS #8', () => {
  const rsa = clientPem('rsa').privateKeyPem;
  const ec = clientPem('ec').privateKeyPem;
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  for (const [name, privateKeyPem, kept] of [
    ['rsa', keyAs(rsa, 'pkcs1'), rsa],
    ['ec', keyAs(ec, 'sec1'), ec],
    ['ec', parameters + keyAs(ec, 'sec1'), ec],
  ] as const) {
    expect(check({ privateKeyPem }, name).value?.given?.keyPem).toBe(kept);
  }
});

test('keeps the chain, and nothing of what stands around it', () => {
  const { certificatePem } = clientPem('chained');
  const noise = `Bag Attributes\n  friendlyName: x\n${certificatePem.replaceAll('\n', '\r\n')}\nend`;
  expect(check({ certificatePem: noise }, 'chained').value?.given?.chainPem).toBe(certificatePem);
});

test.each<[ClientName, string]>([
  [
    'expired',
    'INVALID certificatePem: Expected certificates that are valid now, got one that expired: the certificate at place 1, at 2019-02-01T00:00:00.000Z.',
  ],
  [
    'early',
    'INVALID certificatePem: Expected certificates that are valid now, got one that is not yet: the certificate at place 1, from 2070-01-01T00:00:00.000Z on.',
  ],
])('refuses a certificate that is not valid now: %s', (name, expected) => {
  expect(errors({}, name)).toEqual([expected]);
});

test('judges the end of the certificate at the moment it is given', () => {
  expect(errors({}, 'ending', new Date('2027-01-31T11:59:59Z'))).toEqual([]);
  expect(errors({}, 'ending', new Date('2027-01-31T12:00:00Z'))).toEqual([expect.stringContaining('expired')]);
});

test.each<[ClientName, string]>([
  ['weak', 'an RSA key of 1024 bits'],
  ['huge', 'an RSA key of 8192 bits'],
  ['koblitz', 'an EC key on another curve'],
  ['edwards', 'a key of another kind'],
])('refuses a key that receivers do not take, or that is too slow: %s', (name, got) => {
  const expected = 'an RSA key of 2048 to 4096 bits, or an EC key on P-256, P-384 or P-521';
  expect(errors({}, name)).toEqual([
    `INVALID certificatePem: Expected a certificate with ${expected}, got ${got}.`,
    `INVALID privateKeyPem: Expected ${expected}, got ${got}.`,
  ]);
});

test('refuses the key of another certificate, of the same kind and of another', () => {
  const refused = ['INVALID privateKeyPem: Expected the private key of the first certificate, got another one.'];
  expect(errors({ privateKeyPem: clientPem('stranger').privateKeyPem })).toEqual(refused);
  expect(errors({ privateKeyPem: clientPem('rsa').privateKeyPem })).toEqual(refused);
  expect(errors({ privateKeyPem: clientPem('ec').privateKeyPem }, 'rsa')).toEqual(refused);
});

test('refuses a chain that is not in order, or holds a certificate that does not belong to it', () => {
  const [leaf, intermediate] = blocks(clientPem('chained').certificatePem) as [string, string];
  for (const chain of [
    [intermediate, leaf],
    [leaf, clientAuthority(), intermediate],
    [leaf, intermediate, intermediate],
    [leaf, leaf],
  ]) {
    expect(errors({ certificatePem: chain.join('') }, 'chained')).toEqual([
      expect.stringMatching(/^INVALID certificatePem: Expected the chain in order/),
    ]);
  }
  expect(errors({ certificatePem: leaf + intermediate + clientAuthority() }, 'chained')).toEqual([]);
});

test('refuses a chain of more than 10 certificates', () => {
  const certificatePem = clientAuthority().repeat(11);
  expect(errors({ certificatePem })).toEqual(['INVALID certificatePem: Expected at most 10 certificates, got 11.']);
});

const REFUSED_PEM: [what: string, input: Partial<ClientCertificateInput>, expected: RegExp][] = [
  ['no PEM', { certificatePem: 'MIIB' }, /^INVALID certificatePem: Expected PEM that begins with/],
  ['an empty text', { certificatePem: '' }, /^INVALID certificatePem: Expected PEM that begins with/],
  [
    'a request for a certificate',
    { certificatePem: '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----' },
    /^INVALID certificatePem: Expected PEM that begins with/,
  ],
  [
    'bytes that are no certificate',
    { certificatePem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----' },
    /^INVALID certificatePem: Expected PEM of X.509 certificates, got one that cannot be read, at place 1/,
  ],
  [
    'a key among the certificates',
    { certificatePem: clientPem('ec').certificatePem + clientPem('ec').privateKeyPem },
    /^INVALID certificatePem: Expected certificates only, got a private key/,
  ],
  ['no PEM of a key', { privateKeyPem: 'MIGH' }, /^INVALID privateKeyPem: Expected PEM of one private key/],
  [
    'a certificate as the key',
    { privateKeyPem: clientPem('ec').certificatePem },
    /^INVALID privateKeyPem: Expected PEM of one private key/,
  ],
  [
    'two keys',
    { privateKeyPem: clientPem('ec').privateKeyPem + clientPem('rsa').privateKeyPem },
    /^INVALID privateKeyPem: Expected PEM of one private key/,
  ],
  [
    'a key with a password',
    { privateKeyPem: encryptedKey(clientPem('ec').privateKeyPem, 'pkcs8') },
    /^INVALID privateKeyPem: Expected a private key without a password/,
  ],
  [
    'an old key with a password',
    { privateKeyPem: encryptedKey(clientPem('rsa').privateKeyPem, 'pkcs1') },
    /^INVALID privateKeyPem: Expected a private key without a password/,
  ],
  [
    'bytes that are no key',
    { privateKeyPem: '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----' },
    /^INVALID privateKeyPem: Expected PEM of a private key .*cannot be read/,
  ],
];
test.each(REFUSED_PEM)('refuses %s, and says in which field', (_what, input, expected) => {
  expect(errors(input)).toEqual([expect.stringMatching(expected)]);
});

test('tells of both fields at once', () => {
  expect(errors({ certificatePem: '', privateKeyPem: '' }).map((error) => error.split(':')[0])).toEqual([
    'INVALID certificatePem',
    'INVALID privateKeyPem',
  ]);
});

test('refuses more than 16 KiB in a field as TOO_LONG, before it is read', () => {
  const long = `${'x'.repeat(16_384)}y`;
  expect(errors({ certificatePem: long, privateKeyPem: long })).toEqual([
    'TOO_LONG certificatePem: Expected at most 16384 bytes of PEM, got more.',
    'TOO_LONG privateKeyPem: Expected at most 16384 bytes of PEM, got more.',
  ]);
});

test('no error holds anything of a key, whichever field it was put into', () => {
  const secret = clientPem('ec').privateKeyPem.split('\n')[1]!;
  const texts = [
    clientPem('ec').privateKeyPem,
    clientPem('ec').privateKeyPem.replace('-----END', '----END'),
    secret,
    `-----BEGIN CERTIFICATE-----\n${secret}\n-----END CERTIFICATE-----`,
  ];
  for (const text of texts) {
    for (const input of [
      { certificatePem: text },
      { certificatePem: text, privateKeyPem: text },
      { privateKeyPem: secret },
    ]) {
      const { errors } = check(input);
      expect(errors.length).toBeGreaterThan(0);
      expect(inspect(errors, { depth: Infinity, showHidden: true })).not.toContain(secret.slice(0, 12));
    }
  }
});

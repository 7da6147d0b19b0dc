/**
 * The client certificate of a target: what the service shows to a receiver that asks for one (mutual TLS). It is checked when it
 * is given, so that a mistake is told to the person who makes it, and not to every delivery.
 *
 * No message quotes any of the input: a person may have put the private key into the wrong field.
 */
import { createPrivateKey, sign, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { userError, type UserError } from '../../../errors.ts';
import { readPem, MAX_PEM_BYTES, type PemBlock } from './pem.ts';

export type ClientCertificateInput = { readonly certificatePem: string; readonly privateKeyPem: string };

/** What a receiver sees of a client certificate. */
export type ClientCertificate = {
  /** Distinguished names, e.g. `CN=sender, O=Example Bank`. */
  readonly subject: string;
  readonly issuer: string;
  /** In hexadecimal digits. */
  readonly serialNumber: string;
  /** 64 hexadecimal digits. */
  readonly fingerprintSha256: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
};

/** The certificate with its chain, and its private key, as PEM. It leaves the service in no other way than sealed. */
export type CertificateAndKey = { readonly chainPem: string; readonly keyPem: string };

/** The certificate of a target; with its key only when it was given just now. */
export type TargetCertificate = ClientCertificate & { readonly given?: CertificateAndKey };

/** A chain of public authorities has two or three certificates. */
const MOST_CERTIFICATES = 10;
/** A longer RSA key needs so long for each handshake that it would hold up all other deliveries: 4,096 bits take 5 ms. */
const RSA_BITS = { least: 2_048, most: 4_096 };
/**
 * P-256, P-384 and P-521 by their names in OpenSSL:
 * TLS 1.3 can sign with no other curve that certificates have (RFC 8446, 4.2.3).
 */
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

type Field = 'certificatePem' | 'privateKeyPem';
export type CheckedCertificate =
  | { readonly errors: readonly UserError[]; readonly value?: undefined }
  | { readonly errors: readonly []; readonly value: TargetCertificate };

/** Checks a certificate and its key at `now`. The errors are TOO_LONG and INVALID, each with the path of its field. */
export function checkClientCertificate(input: ClientCertificateInput, now: Date): CheckedCertificate {
  const fields: readonly Field[] = ['certificatePem', 'privateKeyPem'];
  const tooLong = fields.filter((field) => Buffer.byteLength(input[field]) > MAX_PEM_BYTES);
  if (tooLong.length > 0) return { errors: tooLong.map(refuseLength) };
  const chain = readChain(input.certificatePem, now);
  const key = readKey(input.privateKeyPem);
  const wrong = [
    ...(typeof chain === 'string' ? [invalid('certificatePem', chain)] : []),
    ...(typeof key === 'string' ? [invalid('privateKeyPem', key)] : []),
  ];
  if (typeof chain === 'string' || typeof key === 'string') return { errors: wrong };
  const [certificate] = chain as [X509Certificate, ...X509Certificate[]];
  const mismatch = faultOfPair(certificate, key);
  if (mismatch !== undefined) return { errors: [invalid('privateKeyPem', mismatch)] };
  const given = {
    chainPem: chain.map((each) => each.toString()).join(''),
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  return { errors: [], value: { ...describe(certificate), given } };
}

const invalid = (field: Field, message: string): UserError =>
  userError('INVALID', ['clientCertificate', field], message);

const refuseLength = (field: Field): UserError =>
  userError('TOO_LONG', ['clientCertificate', field], `Expected at most ${MAX_PEM_BYTES} bytes of PEM, got more.`);

function describe(certificate: X509Certificate): ClientCertificate {
  const { subject, issuer, serialNumber, fingerprint256, validFromDate, validToDate } = certificate;
  return {
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    serialNumber,
    fingerprintSha256: fingerprint256.replaceAll(':', '').toLowerCase(),
    notBefore: validFromDate,
    notAfter: validToDate,
  };
}

/** Node writes each part of a name on a line of its own, and nothing for an empty name. */
const oneLine = (name: string | undefined): string => (name ?? '').replaceAll('\n', ', ');

/** The certificates in their order, or what is wrong with them. */
function readChain(text: string, now: Date): readonly X509Certificate[] | string {
  const blocks = readPem(text);
  if (blocks.some(({ label }) => label.endsWith('PRIVATE KEY'))) {
    return 'Expected certificates only, got a private key among them. Give it as privateKeyPem.';
  }
  if (blocks.length === 0 || blocks.some(({ label }) => label !== 'CERTIFICATE')) {
    return 'Expected PEM that begins with -----BEGIN CERTIFICATE-----, got something else.';
  }
  if (blocks.length > MOST_CERTIFICATES) {
    return `Expected at most ${MOST_CERTIFICATES} certificates, got ${blocks.length}.`;
  }
  const chain = blocks.map(parseCertificate);
  const unreadable = chain.indexOf(undefined);
  if (unreadable >= 0)
    return `Expected PEM of X.509 certificates, got one that cannot be read, at place ${unreadable + 1}.`;
  const read = chain as X509Certificate[];
  return faultOfChain(read, now) ?? read;
}

function parseCertificate({ text }: PemBlock): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

function faultOfChain(chain: readonly X509Certificate[], now: Date): string | undefined {
  for (const [index, certificate] of chain.entries()) {
    const { validFromDate, validToDate } = certificate;
    const which = `the certificate at place ${index + 1}`;
    if (validToDate <= now)
      return `Expected certificates that are valid now, got one that expired: ${which}, at ${validToDate.toISOString()}.`;
    if (validFromDate > now)
      return `Expected certificates that are valid now, got one that is not yet: ${which}, from ${validFromDate.toISOString()} on.`;
    const issuer = chain[index + 1];
    if (issuer && !isIssuedBy(certificate, issuer)) {
      return `Expected the chain in order, each certificate before that of its issuer; ${which} was not issued by the next one.`;
    }
  }
  const fault = faultOfKey(chain[0]!.publicKey);
  return fault && `Expected a certificate with ${EXPECTED_KEY}, got ${fault}.`;
}

/** A key of the issuer that cannot verify a signature has not made it. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

const EXPECTED_KEY = `an RSA key of ${RSA_BITS.least} to ${RSA_BITS.most} bits, or an EC key on P-256, P-384 or P-521`;

function faultOfKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'rsa') {
    const isUsable = modulusLength >= RSA_BITS.least && modulusLength <= RSA_BITS.most;
    return isUsable ? undefined : `an RSA key of ${modulusLength} bits`;
  }
  if (asymmetricKeyType !== 'ec') return 'a key of another kind';
  return CURVES.includes(namedCurve) ? undefined : 'an EC key on another curve';
}

/** The private key, or what is wrong with it. */
function readKey(text: string): KeyObject | string {
  const blocks = readPem(text).filter(({ label }) => label !== 'EC PARAMETERS');
  const [block] = blocks;
  if (block?.label.startsWith('ENCRYPTED') || block?.text.includes('Proc-Type: 4,ENCRYPTED')) {
    return 'Expected a private key without a password, got an encrypted one. It is stored encrypted here.';
  }
  if (blocks.length !== 1 || !block!.label.endsWith('PRIVATE KEY')) {
    return 'Expected PEM of one private key, such as -----BEGIN PRIVATE KEY-----, got something else.';
  }
  try {
    const key = createPrivateKey({ key: block!.text, format: 'pem' });
    const fault = faultOfKey(key);
    return fault ? `Expected ${EXPECTED_KEY}, got ${fault}.` : key;
  } catch {
    return 'Expected PEM of a private key (PKCS #8, RSA or EC), got one that cannot be read.';
  }
}

/** Tries the key: its public half alone may fit the certificate. */
function faultOfPair(certificate: X509Certificate, key: KeyObject): string | undefined {
  const probe = Buffer.from('client certificate');
  try {
    const isPair =
      certificate.checkPrivateKey(key) && verify('sha256', probe, certificate.publicKey, sign('sha256', probe, key));
    return isPair ? undefined : 'Expected the private key of the first certificate, got another one.';
  } catch {
    return 'Expected the private key of the first certificate, got one that cannot sign.';
  }
}

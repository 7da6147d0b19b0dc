/**
 * Why a request got no usable response: the outcome class to record, and a sentence for the person who runs the receiver.
 * The sentence names the host and the cause. Codes of the operating system and of TLS stay in it, because they can be
 * looked up.
 */
import type { AttemptOutcome } from '../../../domain/delivery.ts';
import type { AddressFailure } from './connect-first.ts';
import type { Place } from './endpoint.ts';
import { lengthFault } from './length-fault.ts';
import { MAX_INTERIM_RESPONSES } from './response.ts';
import { HTTPParserError } from './undici.ts';

export type FailureOutcome = Exclude<AttemptOutcome, 'DELIVERED' | 'HTTP_ERROR'>;

/** A failed request. The connector throws it and the HTTP client passes it on unchanged; everybody else returns it as a value. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure';
  readonly outcome: FailureOutcome;

  constructor(outcome: FailureOutcome, message: string) {
    super(message);
    this.outcome = outcome;
  }
}

/** How far an attempt has come. */
export type SendStage = 'waiting' | 'resolving' | 'connecting' | 'proxying' | 'securing' | 'answering' | 'reading';

type Expiry = {
  readonly stage: SendStage;
  /** The status of the response, if one had begun. */
  readonly status: number;
  readonly timeoutMs: number;
  /** True when no connection was free at first, so the host had less time than the whole deadline. */
  readonly hasWaited: boolean;
};

export function timeoutFailure(host: string, { stage, status, timeoutMs, hasWaited }: Expiry): SendFailure {
  const within = `within ${timeoutMs >= 1_000 ? `${timeoutMs / 1_000} s` : `${timeoutMs} ms`}`;
  const sentences: Record<SendStage, string> = {
    waiting: `No connection to ${host} was free ${within}: all of them were busy with other requests`,
    resolving: `The name of ${host} was not resolved ${within}`,
    connecting: `${host} did not accept a connection ${within}`,
    proxying: `The egress proxy of the service opened no connection to ${host} ${within}`,
    securing: `${host} did not finish the TLS handshake ${within}`,
    answering: `${host} did not answer ${within}`,
    reading: `${host} answered ${status}, but did not finish its response ${within}`,
  };
  const wait = hasWaited && stage !== 'waiting' ? ', some of which it was busy with other requests' : '';
  return new SendFailure(stage === 'proxying' ? 'PROXY_ERROR' : 'TIMEOUT', `${sentences[stage]}${wait}.`);
}

const DNS_CAUSES: Record<string, string> = {
  ENOTFOUND: 'there is no such name',
  ENODATA: 'the name has no address',
  EAI_AGAIN: 'the name server did not answer',
  ETIMEOUT: 'the name server did not answer',
  ECONNREFUSED: 'the name server cannot be reached',
  ESERVFAIL: 'the name server failed',
  EREFUSED: 'the name server refused to answer',
  EBADRESP: 'the name server sent an answer that cannot be read',
  EFORMERR: 'the name server did not understand the question',
  ENOTIMP: 'the name server does not answer such questions',
  EBADNAME: 'the name is not well formed',
};

export function dnsFailure(host: string, error: unknown): SendFailure {
  const code = codeOf(error);
  return new SendFailure('DNS_ERROR', `${host} could not be resolved: ${withCode(DNS_CAUSES[code], code)}.`);
}

const CONNECTION_CAUSES: Record<string, string> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'reset the connection',
  ECONNABORTED: 'aborted the connection',
  EPIPE: 'closed the connection before the request was sent',
  ETIMEDOUT: 'did not react on the network',
  EHOSTUNREACH: 'cannot be reached: no route to the host',
  ENETUNREACH: 'cannot be reached: no route to its network',
  EADDRNOTAVAIL: 'cannot be reached from the network of the sender',
  UND_ERR_HEADERS_OVERFLOW: 'sent more than 16 KiB of response headers',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'sent a response that does not have the length it announced',
};

/** Codes that mean that the peer, or the network, ended the connection. During a handshake, any other code is a TLS error. */
const NETWORK_CODES = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

export function connectFailure(host: string, error: unknown): SendFailure {
  return new SendFailure('CONNECTION_ERROR', `${host} ${connectCause(error)}.`);
}

/** The failure when no address of a name was reached. With several addresses it names the reason of each. */
export function addressesFailure(host: string, failures: readonly AddressFailure[]): SendFailure {
  if (failures.length === 1) return connectFailure(host, failures[0]!.error);
  const each = failures.map(({ address, error }) => `${address} ${connectCause(error)}`).join('; ');
  return new SendFailure('CONNECTION_ERROR', `${host} cannot be reached at ${failures.length} addresses: ${each}.`);
}

function connectCause(error: unknown): string {
  const code = codeOf(error);
  return withCode(CONNECTION_CAUSES[code] ?? 'cannot be reached', code);
}

const CLIENT_CERTIFICATE = 'the target asks for a client certificate, and the sender has none';
const REFUSED_HANDSHAKE =
  'the target refused the handshake; it may ask for a client certificate, and the sender has none';

const TLS_CAUSES: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself, not by a trusted authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate chain is incomplete or its authority is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate chain is incomplete or its authority is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate chain is incomplete or its authority is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for other names',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS on this port',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it offers no TLS version from 1.2 on',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it offers no TLS version from 1.2 on',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: CLIENT_CERTIFICATE,
  // Some receivers say it in this way: no certificate was sent, so none can be bad.
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': CLIENT_CERTIFICATE,
  // TLS 1.2 does not say more than this.
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': REFUSED_HANDSHAKE,
};

/** What the same alerts mean, and further ones, when a client certificate was shown. */
const CERTIFICATE_REFUSED = 'the target did not accept the client certificate';
const CERTIFICATE_CAUSES: Record<string, string> = {
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: CERTIFICATE_REFUSED,
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': CERTIFICATE_REFUSED,
  'ERR_SSL_SSL/TLS_ALERT_UNSUPPORTED_CERTIFICATE': CERTIFICATE_REFUSED,
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN': CERTIFICATE_REFUSED,
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED': 'the target says that the client certificate was revoked',
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED': 'the target says that the client certificate has expired',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the target does not know the authority of the client certificate',
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: CERTIFICATE_REFUSED,
  ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR: CERTIFICATE_REFUSED,
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': 'the target refused the handshake, perhaps for the client certificate',
};

/** Some receivers close the connection where others send an alert. */
const hintOf = ({ identity }: Shown): string =>
  identity === null ? '' : '; it may not accept the client certificate that it was shown';

type Shown = Pick<Place, 'endpoint' | 'identity'>;

export function handshakeFailure(shown: Shown, error: unknown): SendFailure {
  const code = codeOf(error);
  if (NETWORK_CODES.has(code)) {
    const closed = `${shown.endpoint.host} closed the connection during the TLS handshake (${code})`;
    return new SendFailure('CONNECTION_ERROR', `${closed}${hintOf(shown)}.`);
  }
  return tlsFailure(shown, code, namesOfCertificate(error));
}

/**
 * Returns the names in a certificate that is not for the right name. The receiver chose them, so only printable text is
 * shown.
 */
function namesOfCertificate(error: unknown): string {
  const names = (error as { cert?: { subjectaltname?: unknown } }).cert?.subjectaltname;
  return typeof names === 'string' ? `, namely ${names.slice(0, 200).replace(/[^\x20-\x7e]/g, '?')}` : '';
}

function tlsFailure({ endpoint, identity }: Shown, code: string, detail = ''): SendFailure {
  const known = (identity && CERTIFICATE_CAUSES[code]) ?? TLS_CAUSES[code] ?? 'the handshake failed';
  return new SendFailure('TLS_ERROR', `No secure connection to ${endpoint.host}: ${withCode(known, code)}${detail}.`);
}

type Broken = {
  /** The status of the response; 0 when none had begun. */
  readonly status: number;
  /** The part of its head that has come. */
  head(): string;
};

/** Explains what went wrong between the established connection and the last byte of the response. */
export function exchangeFailure(shown: Shown, error: unknown, { status, head }: Broken): SendFailure {
  if (error instanceof SendFailure) return error;
  const code = codeOf(error);
  const failed = (what: string) => new SendFailure('CONNECTION_ERROR', `${shown.endpoint.host} ${what}.`);
  if (isParserError(error) && error.message.includes('Invalid EOF')) return failed(CLOSED_EARLY);
  // The client reports every fault of a head that has a length as a body that is too short or too long.
  const isHeadRefused = status === 0 && code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
  if (isParserError(error) || isHeadRefused) return failed((status === 0 && lengthFault(head())) || NOT_HTTP);
  // The parser asserts on statuses such as 0.
  if (code === 'ERR_ASSERTION') return failed(NOT_HTTP);
  // TLS 1.3 reports a missing client certificate, and other refusals, only after the handshake.
  if (code.startsWith('ERR_SSL_')) return tlsFailure(shown, code);
  if (code === 'UND_ERR_INVALID_ARG') return failed(`was not asked: the request has an ${(error as Error).message}`);
  if (code === 'UND_ERR_SOCKET')
    return failed(socketCause((error as Error).message, status) + (status === 0 ? hintOf(shown) : ''));
  return failed(withCode(CONNECTION_CAUSES[code] ?? 'ended the connection', code));
}

export function interimFailure(host: string): SendFailure {
  return new SendFailure(
    'CONNECTION_ERROR',
    `${host} sent more than ${MAX_INTERIM_RESPONSES} interim (1xx) responses.`,
  );
}

export function floodFailure(host: string): SendFailure {
  return new SendFailure('CONNECTION_ERROR', `${host} sent more than 256 KiB without a complete response.`);
}

const CLOSED_EARLY = 'closed the connection before its response was complete';

const NOT_HTTP = 'answered with something that is not valid HTTP';

const isParserError = (error: unknown): error is Error => error instanceof HTTPParserError;

function socketCause(message: string, status: number): string {
  if (message === 'bad upgrade') return 'answered with another protocol, which was not asked for';
  return status > 0 ? CLOSED_EARLY : 'closed the connection without an answer';
}

/** Whether the peer ended the connection before it answered. On a reused connection this is a race with its idle timeout. */
export function isClosedByPeer(error: unknown): boolean {
  const code = codeOf(error);
  const closed = code === 'UND_ERR_SOCKET' && /^(other side closed|closed)$/.test((error as Error).message);
  return closed || code === 'ECONNRESET' || code === 'EPIPE';
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** Adds the code to the cause. Codes of the HTTP client are left out: they mean nothing to the reader. */
function withCode(cause: string | undefined, code: string): string {
  const shown = code === '' || code.startsWith('UND_') ? undefined : code;
  if (cause === undefined) return shown ?? 'the cause is unknown';
  return shown === undefined ? cause : `${cause} (${shown})`;
}

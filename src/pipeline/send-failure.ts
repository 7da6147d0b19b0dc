/**
 * Why a request got no usable response: the outcome class that is recorded, and a sentence for the person who runs the
 * endpoint. The sentence names their host and the cause; codes of the operating system and of TLS are kept because they
 * can be looked up.
 */

export type FailureOutcome = 'TIMEOUT' | 'DNS_ERROR' | 'CONNECTION_ERROR' | 'TLS_ERROR' | 'FORBIDDEN_ADDRESS';

/** Thrown by the connector and carried unchanged through the HTTP client; a value for everybody else. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure';
  readonly outcome: FailureOutcome;

  constructor(outcome: FailureOutcome, message: string) {
    super(message);
    this.outcome = outcome;
  }
}

/** How far an attempt has come. */
export type SendStage = 'waiting' | 'resolving' | 'connecting' | 'securing' | 'answering' | 'reading';

export function timeoutFailure(host: string, stage: SendStage, timeoutMs: number, status: number): SendFailure {
  const within = `within ${timeoutMs >= 1_000 ? `${timeoutMs / 1_000} s` : `${timeoutMs} ms`}`;
  const sentences: Record<SendStage, string> = {
    waiting: `No connection to ${host} was free ${within}: all of them were busy with other requests`,
    resolving: `The name of ${host} was not resolved ${within}`,
    connecting: `${host} did not accept a connection ${within}`,
    securing: `${host} did not finish the TLS handshake ${within}`,
    answering: `${host} did not answer ${within}`,
    reading: `${host} answered ${status}, but did not finish its response ${within}`,
  };
  return new SendFailure('TIMEOUT', sentences[stage]);
}

const DNS_CAUSES: Record<string, string> = {
  ENOTFOUND: 'there is no such name',
  ENODATA: 'the name has no address',
  EAI_AGAIN: 'the name server did not answer',
  ETIMEOUT: 'the name server did not answer',
  ECONNREFUSED: 'the name server cannot be reached',
  ESERVFAIL: 'the name server failed',
  EREFUSED: 'the name server refused to answer',
};

export function dnsFailure(host: string, error: unknown): SendFailure {
  const code = codeOf(error);
  return new SendFailure('DNS_ERROR', `${host} could not be resolved: ${withCode(DNS_CAUSES[code], code)}`);
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
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'closed the connection before its response was complete',
};

/** Codes that mean the peer, or the network, ended the connection; anything else during a handshake is TLS. */
const NETWORK_CODES = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

export function connectFailure(host: string, error: unknown): SendFailure {
  const code = codeOf(error);
  return new SendFailure(
    'CONNECTION_ERROR',
    `${host} ${withCode(CONNECTION_CAUSES[code] ?? 'cannot be reached', code)}`,
  );
}

const TLS_CAUSES: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself, not by a trusted authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate chain is incomplete or its authority is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate chain is incomplete or its authority is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate chain is incomplete or its authority is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS on this port',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it offers no TLS version from 1.2 on',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it offers no TLS version from 1.2 on',
};

export function handshakeFailure(host: string, error: unknown): SendFailure {
  const code = codeOf(error);
  if (NETWORK_CODES.has(code)) {
    return new SendFailure('CONNECTION_ERROR', `${host} closed the connection during the TLS handshake (${code})`);
  }
  return tlsFailure(host, code);
}

function tlsFailure(host: string, code: string): SendFailure {
  const cause = withCode(TLS_CAUSES[code] ?? 'the handshake failed', code);
  return new SendFailure('TLS_ERROR', `No secure connection to ${host}: ${cause}`);
}

/** What went wrong between the established connection and the last byte of the response. */
export function exchangeFailure(host: string, error: unknown, status: number): SendFailure {
  if (error instanceof SendFailure) return error;
  const code = codeOf(error);
  const failed = (what: string) => new SendFailure('CONNECTION_ERROR', `${host} ${what}`);
  if (code.startsWith('HPE_')) {
    return failed(isIncomplete(code) ? CLOSED_EARLY : 'answered with something that is not valid HTTP');
  }
  // TLS 1.3 reports a missing client certificate, and other refusals, only after the handshake.
  if (code.startsWith('ERR_SSL_')) return tlsFailure(host, code);
  if (code === 'UND_ERR_SOCKET') return failed(socketCause((error as Error).message, status));
  return failed(withCode(CONNECTION_CAUSES[code] ?? 'ended the connection', code));
}

const CLOSED_EARLY = 'closed the connection before its response was complete';

/** llhttp's code for a connection that ended inside a chunked body. */
const isIncomplete = (code: string): boolean => code === 'HPE_INVALID_EOF_STATE';

function socketCause(message: string, status: number): string {
  if (message === 'bad upgrade') return 'answered with another protocol, which was not asked for';
  if (message === 'bad response') return 'answered with something that is not valid HTTP';
  return status > 0 ? CLOSED_EARLY : 'closed the connection without an answer';
}

/** The connection ended before the peer can have answered: on a reused one, a race with its idle timeout. */
export function isClosedByPeer(error: unknown): boolean {
  const code = codeOf(error);
  const closed = code === 'UND_ERR_SOCKET' && /^(other side closed|closed)$/.test((error as Error).message);
  return closed || code === 'ECONNRESET' || code === 'EPIPE';
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** Codes of the HTTP client are ours, not the reader's. */
function withCode(cause: string | undefined, code: string): string {
  const shown = code === '' || code.startsWith('UND_') ? undefined : code;
  if (cause === undefined) return shown ?? 'the cause is unknown';
  return shown === undefined ? cause : `${cause} (${shown})`;
}

/**
 * Makes the TLS handshake over an open connection: a full one, or one that resumes an earlier session.
 *
 * Invariants:
 *   - certificates are verified in every full handshake, whatever NODE_TLS_REJECT_UNAUTHORIZED says;
 *   - a session is kept only when the certificate of its connection was valid for exactly this host name, because Node
 *     does not check the name again when the session is resumed;
 *   - a session that comes with a resumed connection ends when the resumed session would have ended: at the latest an
 *     hour after the full handshake, and not after the certificate;
 *   - a session is kept for the client certificate of its connection alone, and not once that was replaced.
 */
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import type { Clock } from '../../../clock.ts';
import type { ClientIdentity } from './client-identity.ts';
import type { Endpoint } from './endpoint.ts';
import { handshakeFailure } from './send-failure.ts';
import type { TlsSession, Sessions } from './sessions.ts';

export type Handshake = {
  /** The key for the sessions that the handshake leaves. */
  readonly key: string;
  readonly endpoint: Endpoint;
  /** Shown to a receiver that asks for a client certificate; null: none. */
  readonly identity: ClientIdentity | null;
  readonly socket: Socket;
  /** The address of the receiver: what the socket is connected to, or what the egress proxy was asked for. */
  readonly address: string;
  /** The session to resume; when the receiver refuses it, the handshake is a full one. */
  readonly session: TlsSession | undefined;
  readonly signal: AbortSignal;
};

/** Makes the handshake. Rejects with a SendFailure, and leaves no socket behind. */
export type Secure = (handshake: Handshake) => Promise<TLSSocket>;

type SecureOptions = {
  readonly sessions: Sessions;
  /** More trusted certificate authorities, as PEM, beside those that Node trusts. */
  readonly ca: string | undefined;
  readonly clock: Clock;
};

const SESSION_MS = 60 * 60_000;
/** The most sessions from one connection. Servers send one or two; a hostile server sends as many as it likes. */
const MOST_SESSIONS = 4;

export function createSecure({ sessions, ca, clock }: SecureOptions): Secure {
  const common = secureOptions(ca);
  let anonymous: tls.SecureContext | undefined;

  /** Keeps the sessions of an established connection. Its certificate was verified now, or in the handshake that it resumes. */
  function collect(secured: TLSSocket, early: readonly Buffer[], { key, identity, address, session }: Handshake): void {
    const resumed = secured.isSessionReused() ? session : undefined;
    const expiresAtMs = resumed?.expiresAtMs ?? clock.monotonicMs() + lifetimeOf(secured, clock);
    let left = MOST_SESSIONS;
    const put = (ticket: Buffer) => {
      if (left-- > 0 && !identity?.isReplaced) sessions.put(key, { ticket, address, expiresAtMs });
    };
    early.forEach(put);
    // A ticket of TLS 1.3 is used once (RFC 8446, C.4); a session of TLS 1.2 as often as the receiver accepts it.
    if (resumed && early.length === 0 && secured.getProtocol() === 'TLSv1.2') put(resumed.ticket);
    secured.on('session', put);
  }

  /** OpenSSL may refuse a client certificate, and may do so only since an update of Node. */
  function contextOf(handshake: Handshake): tls.SecureContext {
    const { identity, socket } = handshake;
    if (identity === null) return (anonymous ??= tls.createSecureContext(common));
    try {
      return identity.contextOf((pair) => tls.createSecureContext({ ...common, ...pair }));
    } catch (error) {
      socket.destroy();
      throw handshakeFailure(handshake, error);
    }
  }

  return async (handshake) => {
    const { endpoint, socket, session, signal } = handshake;
    const secureContext = contextOf(handshake);
    const secured = tls.connect({
      socket,
      secureContext,
      ...(session && { session: session.ticket }),
      host: endpoint.hostname, // The name, or the IP address, that the certificate must be for.
      ...(net.isIP(endpoint.hostname) === 0 ? { servername: endpoint.hostname } : {}),
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
    });
    // In TLS 1.2, sessions come before the certificate is verified.
    const early: Buffer[] = [];
    const hold = (ticket: Buffer) => early.push(ticket);
    secured.on('session', hold);
    await whenSecured(secured, signal).catch((error: unknown) => {
      socket.destroy();
      throw handshakeFailure(handshake, error);
    });
    secured.off('session', hold);
    collect(secured, early, handshake);
    return secured;
  };
}

/** `ca`: more trusted certificate authorities, as PEM, beside those that Node trusts. */
export const secureOptions = (ca: string | undefined): tls.SecureContextOptions => ({
  minVersion: 'TLSv1.2',
  ...(ca === undefined ? {} : { ca: [...tls.getCACertificates('default'), ca] }),
});

function lifetimeOf(secured: TLSSocket, clock: Clock): number {
  const validTo = secured.getPeerX509Certificate()?.validToDate.getTime() ?? 0;
  return Math.min(SESSION_MS, validTo - clock.now().getTime());
}

/**
 * Waits for the handshake. Its error listener stays, as in connectFirst: Node emits an alert after the handshake as an
 * error and leaves the socket open. Without the listener the HTTP client would report that the socket ended, and not the
 * alert, which says why.
 */
export async function whenSecured(secured: TLSSocket, signal: AbortSignal): Promise<void> {
  secured.on('error', (error) => secured.destroy(error));
  try {
    await once(secured, 'secureConnect', { signal });
  } catch (error) {
    secured.destroy();
    throw error;
  }
}

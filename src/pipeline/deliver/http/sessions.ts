/**
 * Keeps TLS sessions of earlier connections to resume them: then the receiver sends no certificate and makes no
 * signature, and the sender verifies none.
 *
 * Invariants:
 *   - a session is resumed only for the organization, host name and port that it was made for: its key;
 *   - it is resumed at the address it came from, and dropped when the name no longer leads there;
 *   - it is used once, newest first;
 *   - at most MAX_SESSIONS and MAX_BYTES are kept, and MAX_OF_ONE for one key. The keys that got no session for the
 *     longest time lose theirs first, and need full handshakes.
 */
import type { Clock } from '../../../clock.ts';

export type TlsSession = {
  /** The session as Node serialises it: the ticket, its secret and the receiver's certificate. */
  readonly ticket: Buffer;
  /** The IP address of the receiver. */
  readonly address: string;
  /** When the session ends, on the monotonic clock. */
  readonly expiresAtMs: number;
};

export type Sessions = {
  put(key: string, session: TlsSession): void;
  /** Removes and returns a session from `address`. `addresses`: all that the name leads to now. */
  take(key: string, address: string, addresses: readonly { readonly address: string }[]): TlsSession | undefined;
  /** Forgets all sessions of the key. */
  drop(key: string): void;
  /** The size of all tickets together. */
  readonly bytes: number;
};

const MAX_SESSIONS = 2_000;
/** A session is 1 to 3 KB; a receiver can make it as large as 64 KB. */
const MAX_BYTES = 4 * 1_048_576;
/** The most sessions of one key: so many connections opened at once can all resume. */
const MAX_OF_ONE = 64;

export function createSessions(clock: Clock): Sessions {
  const kept = new Map<string, TlsSession[]>(); // In the order in which the keys got their last session. Never empty ones.
  let count = 0;
  let bytes = 0;

  function keep(key: string, sessions: TlsSession[], left: readonly TlsSession[]): void {
    count += left.length - sessions.length;
    bytes += bytesOf(left) - bytesOf(sessions);
    if (left.length === 0) kept.delete(key);
    else if (left !== sessions) kept.set(key, [...left]);
  }

  function dropOldest(): void {
    const [[key, sessions] = ['', []]] = kept;
    keep(key, sessions, sessions.slice(1));
  }

  return {
    get bytes() {
      return bytes;
    },
    put(key, session) {
      if (session.expiresAtMs <= clock.monotonicMs()) return;
      const sessions = kept.get(key) ?? [];
      kept.delete(key);
      keep(key, sessions, [...sessions.slice(1 - MAX_OF_ONE), session]);
      while (count > MAX_SESSIONS || bytes > MAX_BYTES) dropOldest();
    },
    take(key, address, addresses) {
      const sessions = kept.get(key);
      if (sessions === undefined) return undefined;
      const now = clock.monotonicMs();
      const isGood = (session: TlsSession) =>
        session.expiresAtMs > now &&
        (session.address === address || addresses.some((one) => one.address === session.address));
      const good = sessions.filter(isGood);
      const taken = good.findLast((session) => session.address === address);
      keep(
        key,
        sessions,
        good.filter((session) => session !== taken),
      );
      return taken;
    },
    drop(key) {
      keep(key, kept.get(key) ?? [], []);
    },
  };
}

const bytesOf = (sessions: readonly TlsSession[]): number =>
  sessions.reduce((sum, { ticket }) => sum + ticket.length, 0);

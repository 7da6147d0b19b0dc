/**
 * What callers without a valid API key may do. They have limits of their own, so that they can hurt each other at most: a caller
 * with a key is counted by its key, wherever it calls from.
 *
 * Counted in the memory of the process: nothing that a stranger asks reaches Postgres for it. An address is a peer's
 * (client-address.ts), so behind a proxy that is not trusted all strangers are one.
 */
import { type Count, WINDOW_SECONDS } from '../../access/windows.ts';
import type { Clock } from '../../clock.ts';
import { RequestError } from '../../errors.ts';

export type StrangerLimits = {
  /** HTTP requests of one address. */
  readonly operationsPerMinute: number;
  /** WebSockets that have not shown a valid key: of all addresses together, and of one (waiting-room.ts). */
  readonly sockets: number;
  readonly socketsPerAddress: number;
};

export const STRANGER_LIMITS: StrangerLimits = { operationsPerMinute: 60, sockets: 1_000, socketsPerAddress: 100 };

/** Characters of a document: enough for introspection by any tool. */
export const STRANGER_DOCUMENT = 4_096;

/** Fields of the outermost level: what is public is one field, and introspection two. */
export const STRANGER_ROOT_FIELDS = 5;

export type Strangers = {
  /** Counts one operation of an address. */
  count(address: string): Count;
};

type Window = { used: number; readonly endsMs: number };

/** What is more is counted together: there is no end to addresses. */
const MAX_ADDRESSES = 10_000;
const ALL_OTHERS = '';

export function createStrangers(
  { operationsPerMinute: limit }: Pick<StrangerLimits, 'operationsPerMinute'>,
  clock: Clock,
): Strangers {
  const windows = new Map<string, Window>();

  function windowOf(address: string, nowMs: number): Window {
    const known = windows.get(address);
    if (known && nowMs < known.endsMs) return known;
    windows.delete(address); // So that the first of the map is the one that ends first.
    for (const [name, { endsMs }] of windows) {
      if (nowMs < endsMs) break;
      windows.delete(name);
    }
    if (windows.size >= MAX_ADDRESSES && address !== ALL_OTHERS) return windowOf(ALL_OTHERS, nowMs);
    const made = { used: 0, endsMs: nowMs + WINDOW_SECONDS * 1_000 };
    windows.set(address, made);
    return made;
  }

  return {
    count(address) {
      const nowMs = clock.monotonicMs();
      const window = windowOf(address, nowMs);
      window.used++;
      return {
        allowed: window.used <= limit,
        limit,
        remaining: Math.max(0, limit - window.used),
        renewsInSeconds: Math.max(1, Math.ceil((window.endsMs - nowMs) / 1_000)),
      };
    },
  };
}

const refusals = new Map<string, RequestError>();

/** What a client without a key hears whose operation was one too many. Kept, for an error with its stack is dear in a flood. */
export function strangerOverLimit({ limit, renewsInSeconds }: Count): RequestError {
  const name = `${limit} ${renewsInSeconds}`; // Few: a service has one limit, and a minute 60 seconds.
  let refusal = refusals.get(name);
  if (!refusal) refusals.set(name, (refusal = refuse(limit, renewsInSeconds)));
  return refusal;
}

function refuse(limit: number, renewsInSeconds: number): RequestError {
  const message =
    `Requests without an API key have a limit of ${limit} per ${WINDOW_SECONDS} s and address, and it is used up. ` +
    `Try again in ${renewsInSeconds} s, or send a key.`;
  return new RequestError('RATE_LIMITED', message, { limit, retryAfterSeconds: renewsInSeconds });
}

/** What a client without a key hears that asks for what only callers with one get. */
export const needsKey = (what: string, hint = ''): RequestError =>
  new RequestError('UNAUTHENTICATED', `${what} needs a valid API key. Send one in the X-API-Key header.${hint}`);

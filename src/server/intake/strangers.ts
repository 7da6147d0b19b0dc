/**
 * What strangers, callers without a valid API key, may do. They have limits of their own, so a flood of them can hurt strangers
 * only: a caller with an API key is counted by its key, wherever it calls from.
 *
 * The counts are in the memory of the process, so counting sends nothing to Postgres. The address is that of the peer
 * (client-address.ts), so all strangers behind a proxy that is not trusted count as one.
 */
import { type Count, WINDOW_SECONDS } from '../../access/windows.ts';
import type { Clock } from '../../clock.ts';
import { RequestError } from '../../errors.ts';

export type StrangerLimits = {
  /** HTTP requests of one address. */
  readonly operationsPerMinute: number;
  /** WebSockets that have not shown a valid API key: of all addresses together, and of one (waiting-room.ts). */
  readonly sockets: number;
  readonly socketsPerAddress: number;
};

export const STRANGER_LIMITS: StrangerLimits = { operationsPerMinute: 60, sockets: 1_000, socketsPerAddress: 100 };

/** Characters of a document: enough for introspection by any tool. */
export const STRANGER_DOCUMENT = 4_096;

/** Fields of the outermost level. One field is public, and introspection has two. */
export const STRANGER_ROOT_FIELDS = 5;

export type Strangers = {
  /** Counts one operation of an address. */
  count(address: string): Count;
};

type Window = { used: number; readonly endsMs: number };

/** Addresses counted one by one. Further ones count together, because there is no end to addresses. */
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
    windows.delete(address); // Set again below: the first window of the map is the one that ends first.
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

/** The error for a stranger over its limit. Errors are kept, because making one with its stack is expensive in a flood. */
export function strangerOverLimit({ limit, renewsInSeconds }: Count): RequestError {
  const name = `${limit} ${renewsInSeconds}`; // There are few: a service has one limit, and a minute 60 seconds.
  let refusal = refusals.get(name);
  if (!refusal) refusals.set(name, (refusal = refuse(limit, renewsInSeconds)));
  return refusal;
}

function refuse(limit: number, renewsInSeconds: number): RequestError {
  const message =
    `Requests without an API key have a limit of ${limit} per ${WINDOW_SECONDS} s and address, and it is used up. ` +
    `Try again in ${renewsInSeconds} s, or send an API key.`;
  return new RequestError('RATE_LIMITED', message, { limit, retryAfterSeconds: renewsInSeconds });
}

/** The error for a stranger that asks for something only callers with an API key get. */
export const needsKey = (what: string, hint = ''): RequestError =>
  new RequestError('UNAUTHENTICATED', `${what} needs a valid API key. Send one in the X-API-Key header.${hint}`);

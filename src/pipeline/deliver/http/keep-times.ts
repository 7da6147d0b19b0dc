/**
 * Learns how long a connection may be idle and still be used: as long as the receiver is known to allow. Most receivers
 * do not tell. Node's servers close after 5 s, AWS balancers after 60, nginx after 75.
 *
 *     first 4 s ──answered after more than half of it──▶ twice as long ──▶ … ──▶ at most 60 s
 *        ▲                                                     │
 *        └──── the receiver closed an idle connection after T, or did not answer on it: shorter than T, for 10 minutes
 *
 *   - `Keep-Alive: timeout=N` of a receiver is believed, less a margin: the close must not meet a request.
 *   - A time that is too long costs nothing when the close comes before a request. When the close meets a request, the
 *     request is sent once more on a fresh connection (races.ts), and the time is shorter from then on.
 *   - A close within a second teaches nothing: it is a restart, or a receiver that closes after each answer (races.ts).
 *   - No connection is idle for more than a minute, whatever the receiver says. So an origin never has more idle
 *     connections than it used in the last minute, and no middlebox on the way has forgotten them.
 */
import type { Clock } from '../../../clock.ts';

export type KeepTimes = {
  /** How long a connection of the origin may be idle from now on. `hint`: the Keep-Alive header of its last response. */
  of(origin: string, hint: string | undefined): number;
  /** Notes that a connection that had been idle for `idleMs` has brought an answer. */
  noteAnswer(origin: string, idleMs: number): void;
  /** Notes that the receiver has closed a connection after `idleMs`, while it was idle or as it was reused. */
  noteEnd(origin: string, idleMs: number): void;
  /** Notes that a connection that had been idle for `idleMs` brought no byte of an answer. */
  noteSilence(origin: string, idleMs: number): void;
};

/** The time for an unknown receiver: below the 5 s of Node's own servers, the shortest of the usual times. */
const FIRST_MS = 4_000;
export const MOST_IDLE_MS = 60_000;
/**
 * How long before the receiver's close a connection is given up. It is longer than a round trip, so the last request
 * arrives before the close.
 */
const MARGIN_MS = 1_000;
/** A close after a shorter time teaches nothing. */
const LEAST_TAUGHT_MS = 1_000;
/** The shortest time, except for `timeout=0`: the HTTP client closes such a connection itself. */
export const LEAST_KEPT_MS = 500;
/** How long a close is remembered: it may have been a restart, which says nothing about the next one. */
const REMEMBERED_MS = 10 * 60_000;
/** The most origins. Beyond, the origin that was noted the longest ago is forgotten, and begins with FIRST_MS again. */
const MAX_ORIGINS = 5_000;

type Known = { readonly provenMs: number; readonly endMs: number; readonly endedAtMs: number };

const UNKNOWN: Known = { provenMs: FIRST_MS, endMs: Infinity, endedAtMs: -Infinity };

export function createKeepTimes(clock: Clock): KeepTimes {
  const origins = new Map<string, Known>(); // In the order of their last notes.

  function note(origin: string, known: Known): void {
    origins.delete(origin);
    origins.set(origin, known);
    if (origins.size > MAX_ORIGINS) origins.delete(origins.keys().next().value!);
  }

  function noteEnd(origin: string, idleMs: number): void {
    if (idleMs < LEAST_TAUGHT_MS) return;
    const { provenMs } = origins.get(origin) ?? UNKNOWN;
    const stillProvenMs = Math.min(provenMs, Math.max(FIRST_MS, shorterThan(idleMs)));
    note(origin, { provenMs: stillProvenMs, endMs: idleMs, endedAtMs: clock.monotonicMs() });
  }

  const mostOf = ({ endMs, endedAtMs }: Known): number =>
    clock.monotonicMs() - endedAtMs < REMEMBERED_MS ? shorterThan(endMs) : MOST_IDLE_MS;

  return {
    of(origin, hint) {
      const known = origins.get(origin) ?? UNKNOWN;
      const allowed = secondsOf(hint);
      const wanted = allowed === undefined ? known.provenMs : shorterThan(allowed * 1_000);
      return Math.min(wanted, mostOf(known));
    },
    noteAnswer(origin, idleMs) {
      if (idleMs <= FIRST_MS / 2) return; // Nearly always.
      const known = origins.get(origin) ?? UNKNOWN;
      if (idleMs <= known.provenMs / 2 || known.provenMs >= MOST_IDLE_MS) return;
      note(origin, { ...known, provenMs: Math.min(known.provenMs * 2, MOST_IDLE_MS) });
    },
    noteEnd,
    noteSilence(origin, idleMs) {
      // After a shorter time it is the receiver that hangs: the idle time is not to blame.
      if (idleMs > FIRST_MS) noteEnd(origin, idleMs);
    },
  };
}

const shorterThan = (idleMs: number): number => Math.min(MOST_IDLE_MS, idleMs - Math.min(MARGIN_MS, idleMs / 2));

/** The parameter `timeout` of a Keep-Alive header, e.g. `timeout=5, max=1000`. */
function secondsOf(hint: string | undefined): number | undefined {
  const digits = hint === undefined ? undefined : /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})/i.exec(hint)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

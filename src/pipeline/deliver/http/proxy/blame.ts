/**
 * Whose fault it is that the proxy opened no tunnel: that of the one receiver, or the proxy's. A proxy that refuses says the same
 * when the receiver is down and when it refuses everybody. So what others got from it decides:
 *
 *     another destination got a tunnel, and no other was refused since    the receiver's fault
 *     anything else                                                       the proxy's fault
 *
 * A destination that is dead tells nothing about the proxy, so its refusals are left out: since it began to be refused it got no
 * tunnel, and another destination did. Otherwise two dead receivers would shield each other for ever.
 *
 * In doubt it is the proxy's: then the target loses no attempt, and the delivery is tried again.
 */
import type { Clock } from '../../../../clock.ts';

export type Blame = {
  /** Notes that the proxy has opened a tunnel to the destination. */
  passed(destination: string): void;
  /** Notes that it has refused one. Returns whether it refuses this destination alone. */
  refused(destination: string): boolean;
  /** Notes that it has not answered since `askedMs` of the monotonic clock. Returns whether it answers all others. */
  unanswered(destination: string, askedMs: number): boolean;
};

/** How long a tunnel proves that the proxy opens tunnels. Connections are kept for a minute, so busy targets open some in it. */
const PROOF_MS = 10 * 60_000;

/** Destinations that are refused and kept in mind. One that is forgotten is no longer known to be dead. */
const MOST_REFUSED = 1_000;

export function createBlame(clock: Clock): Blame {
  // By destination, and when. Of passes the last two are enough: one of them is of another destination than a given one.
  const passes = new Map<string, number>();
  /** When each began to be refused; it got no tunnel since. */
  const refusedSince = new Map<string, number>();

  function lastPassOfOthers(destination: string): number {
    let latestMs = -Infinity;
    for (const [other, atMs] of passes) if (other !== destination) latestMs = atMs;
    return latestMs;
  }

  /** Whether a destination that may be alive was refused after the last tunnel that another one got. */
  function areOthersRefused(destination: string): boolean {
    for (const [other, sinceMs] of refusedSince) {
      if (other !== destination && sinceMs >= lastPassOfOthers(other)) return true;
    }
    return false;
  }

  function isAlone(destination: string, sinceMs: number): boolean {
    const isProven = lastPassOfOthers(destination) >= sinceMs && !areOthersRefused(destination);
    const nowMs = clock.monotonicMs();
    keepLast(refusedSince, destination, refusedSince.get(destination) ?? nowMs, MOST_REFUSED);
    return isProven;
  }

  return {
    passed(destination) {
      refusedSince.delete(destination);
      keepLast(passes, destination, clock.monotonicMs(), 2);
    },
    refused: (destination) => isAlone(destination, clock.monotonicMs() - PROOF_MS),
    unanswered: isAlone,
  };
}

/** Notes the destination as the last one, and forgets the first where there are more than `most`. */
function keepLast(notes: Map<string, number>, destination: string, atMs: number, most: number): void {
  notes.delete(destination);
  notes.set(destination, atMs);
  if (notes.size > most) notes.delete(notes.keys().next().value!);
}

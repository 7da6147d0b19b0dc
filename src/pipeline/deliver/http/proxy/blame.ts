/**
 * Whose fault it is that the proxy opened no tunnel: that of the one receiver, or the proxy's. A proxy that refuses says the same
 * when the receiver is down and when it refuses everybody. So what others got from it decides:
 *
 *     another destination got a tunnel, and no other was refused since    the receiver's fault
 *     anything else                                                       the proxy's fault
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

type Notes = { note(destination: string, atMs: number): void; lastOfOthers(destination: string): number };

export function createBlame(clock: Clock): Blame {
  const passes = createNotes();
  const refusals = createNotes();

  function isAlone(destination: string, sinceMs: number): boolean {
    const passedMs = passes.lastOfOthers(destination);
    const isProven = passedMs >= sinceMs && passedMs > refusals.lastOfOthers(destination);
    refusals.note(destination, clock.monotonicMs());
    return isProven;
  }

  return {
    passed: (destination) => passes.note(destination, clock.monotonicMs()),
    refused: (destination) => isAlone(destination, clock.monotonicMs() - PROOF_MS),
    unanswered: isAlone,
  };
}

/** Remembers the last two destinations, which is enough to know the last one that is not a given one. */
function createNotes(): Notes {
  const last = new Map<string, number>(); // Oldest first.
  return {
    note(destination, atMs) {
      last.delete(destination);
      last.set(destination, atMs);
      if (last.size > 2) last.delete(last.keys().next().value!);
    },
    lastOfOthers(destination) {
      let latestMs = -Infinity;
      for (const [other, atMs] of last) if (other !== destination) latestMs = atMs;
      return latestMs;
    },
  };
}

/**
 * Remembers origins that close kept connections without notice. Each such close is a race: the next request is already on
 * its way, the receiver may have seen it, and it must be sent again. After two races an origin's connections are not kept
 * for a while, so a receiver that closes after every answer gets each request once.
 */
import type { Clock } from '../../../clock.ts';

export type Races = {
  /** Notes that a kept connection of the origin ended as it was reused, and that a fresh one then answered the same request. */
  note(origin: string): void;
  /** Whether a connection of the origin may serve another request, if there were so many races more. */
  mayKeep(origin: string, more?: number): boolean;
};

/** One race may be chance: the receiver restarts, or its idle timeout ends just then. */
const MOST_RACES = 2;
/** How long races are remembered, from the last one on. Then the origin counts as new. */
const REMEMBERED_MS = 10 * 60_000;
/** The most origins. Beyond, the origin whose last race is the longest ago is forgotten; it costs two more races. */
const MAX_ORIGINS = 1_000;

export function createRaces(clock: Clock): Races {
  const races = new Map<string, { count: number; lastMs: number }>(); // In the order of their last races.

  function recent(origin: string): number {
    const known = races.get(origin);
    if (known === undefined) return 0;
    if (clock.monotonicMs() - known.lastMs < REMEMBERED_MS) return known.count;
    races.delete(origin);
    return 0;
  }

  return {
    note(origin) {
      const count = recent(origin) + 1;
      races.delete(origin);
      races.set(origin, { count, lastMs: clock.monotonicMs() });
      if (races.size > MAX_ORIGINS) races.delete(races.keys().next().value!);
    },
    mayKeep: (origin, more = 0) => recent(origin) + more < MOST_RACES,
  };
}

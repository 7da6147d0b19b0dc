/**
 * Origins that close kept connections without saying so. Each such end is a race: the next request is already on its way,
 * the receiver may have seen it, and it must be sent again. After two of them an origin's connections are not kept for a
 * while, so a receiver that closes after every answer gets each request once.
 */
import type { Clock } from '../../../clock.ts';

export type Races = {
  /** A kept connection of the origin ended as it was reused. */
  note(origin: string): void;
  /** Whether a connection of the origin may serve another request. */
  mayKeep(origin: string): boolean;
};

/** One may be chance: a receiver that restarts, or whose idle timeout is met. */
const MOST_RACES = 2;
/** From the last race on. An origin that had only one is as good as new then. */
const REMEMBERED_MS = 10 * 60_000;
/** Beyond this the one whose race is the longest ago is forgotten, and loses nothing but its next two races. */
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
    mayKeep: (origin) => recent(origin) < MOST_RACES,
  };
}

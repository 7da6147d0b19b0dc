/** Who sends through this process at present: whether somebody who sends little is beside somebody who sends much. */

export type Neighbours = {
  /** A request of the organization begins. */
  note(organizationId: string, nowMs: number): void;
  hasQuietBesideLoud(nowMs: number): boolean;
};

/** Requests are counted in such windows; the present and the last one count. */
const WINDOW_MS = 5_000;
/** In a window: 20 requests a second, and 100. */
const QUIET = 100;
const LOUD = 500;

export function createNeighbours(): Neighbours {
  let windowMs = -Infinity;
  let counts = new Map<string, number>();
  let before = new Map<string, number>();

  function turn(nowMs: number): void {
    const ageMs = nowMs - windowMs;
    if (ageMs < WINDOW_MS) return;
    before = ageMs < 2 * WINDOW_MS ? counts : new Map();
    counts = new Map();
    windowMs = nowMs;
  }

  return {
    note(organizationId, nowMs) {
      turn(nowMs);
      counts.set(organizationId, (counts.get(organizationId) ?? 0) + 1);
    },
    hasQuietBesideLoud(nowMs) {
      turn(nowMs);
      let hasQuiet = false;
      let hasLoud = false;
      for (const window of [counts, before]) {
        for (const [organizationId, count] of window) {
          if (count >= LOUD) hasLoud = true;
          else if (Math.max(count, before.get(organizationId) ?? 0) < QUIET) hasQuiet = true;
          if (hasQuiet && hasLoud) return true;
        }
      }
      return false;
    },
  };
}

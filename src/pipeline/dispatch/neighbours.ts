/** Counts who sends through this process at present, to see whether a quiet organization is beside a loud one. */

export type Neighbours = {
  /** Counts a request of the organization that begins. */
  note(organizationId: string, nowMs: number): void;
  hasQuietBesideLoud(nowMs: number): boolean;
};

/** The length of a window in which requests are counted; the present and the last window count. */
const WINDOW_MS = 5_000;
/** An organization is loud from this many requests in a window, if it has this many times as many as a quiet one. */
const LOUD = 500;
const TIMES = 4;
/** How long an answer is kept: it is asked for in each turn, and there may be thousands of organizations. */
const COMPARE_MS = 50;

export function createNeighbours(): Neighbours {
  let windowMs = -Infinity;
  let counts = new Map<string, number>();
  let before = new Map<string, number>();
  let comparedMs = -Infinity;
  let answer = false;

  function turn(nowMs: number): void {
    const ageMs = nowMs - windowMs;
    if (ageMs < WINDOW_MS) return;
    before = ageMs < 2 * WINDOW_MS ? counts : new Map();
    counts = new Map();
    windowMs = nowMs;
  }

  function compare(nowMs: number): boolean {
    turn(nowMs);
    // Each organization counts with the larger number of both windows.
    const all = [...new Set([...counts.keys(), ...before.keys()])].map((id) =>
      Math.max(counts.get(id) ?? 0, before.get(id) ?? 0),
    );
    const loudest = Math.max(0, ...all);
    return loudest >= LOUD && all.some((count) => count * TIMES <= loudest);
  }

  return {
    note(organizationId, nowMs) {
      turn(nowMs);
      counts.set(organizationId, (counts.get(organizationId) ?? 0) + 1);
    },
    hasQuietBesideLoud(nowMs) {
      if (nowMs - comparedMs >= COMPARE_MS) {
        comparedMs = nowMs;
        answer = compare(nowMs);
      }
      return answer;
    },
  };
}

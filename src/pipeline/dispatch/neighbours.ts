/** Who sends through this process at present: whether somebody who sends little is beside somebody who sends much. */

export type Neighbours = {
  /** A request of the organization begins. */
  note(organizationId: string, nowMs: number): void;
  hasQuietBesideLoud(nowMs: number): boolean;
};

/** Requests are counted in such windows; the present and the last one count. */
const WINDOW_MS = 5_000;
/** Much: so many requests in a window, and so many times as many as another one. */
const LOUD = 500;
const TIMES = 4;
/** It is asked at each turn, and there may be thousands of organizations. */
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
    // By what each had in the better of both windows.
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

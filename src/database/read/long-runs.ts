/** How many readings of a pool may keep their connection for long. The others are bounded, and so is the wait for them. */
export type LongRuns = {
  /** Takes a place until `give`; false when all places are taken. */
  take(): boolean;
  give(): void;
};

/** Gives all `connections` but one. A pool that has only one gives it: nothing slow could be read otherwise. */
export function createLongRuns(connections: number): LongRuns {
  let free = Math.max(1, connections - 1);
  return {
    take() {
      if (free === 0) return false;
      free--;
      return true;
    },
    give: () => void free++,
  };
}

/** What a replay looks at, row by row in order: events, or in mode FAILED deliveries. */

export type Candidate = {
  /** The id of the event, or of the delivery in mode FAILED. */
  readonly id: string;
  /** When the event was published. */
  readonly publishedAt: Date;
  /** `pass`: the replay is not about it. `skip`: it would be replayed, but is under way. */
  readonly verdict: 'replay' | 'skip' | 'pass';
};

/** A part of the rows, in order. */
export type Window = {
  readonly candidates: readonly Candidate[];
  /** Whether no row comes after these, now or later. */
  readonly isLast: boolean;
  /** Whether there may be more rows that can be looked at now. */
  readonly isFull: boolean;
};

export type TakenInOrder = {
  readonly chosen: readonly string[];
  readonly skippedCount: number;
  /** The last row that was looked at; undefined: none. */
  readonly last: Candidate | undefined;
  /** Whether all rows of the window were looked at. */
  readonly isWhole: boolean;
};

/** Takes rows in order until `most` are chosen. The next one that would be chosen is left for another step. */
export function takeInOrder(candidates: readonly Candidate[], most: number): TakenInOrder {
  const chosen: string[] = [];
  let skippedCount = 0;
  let last: Candidate | undefined;
  for (const candidate of candidates) {
    const { id, verdict } = candidate;
    if (verdict === 'replay' && chosen.length === most) return { chosen, skippedCount, last, isWhole: false };
    if (verdict === 'replay') chosen.push(id);
    if (verdict === 'skip') skippedCount++;
    last = candidate;
  }
  return { chosen, skippedCount, last, isWhole: true };
}

/** What a step made of the chosen ones. */
export type Replayed = {
  readonly made: number;
  /** How many of the deliveries wait for no other of their chain. */
  readonly queued: number;
};

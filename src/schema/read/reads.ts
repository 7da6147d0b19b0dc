/**
 * What one operation reads through: one snapshot, from its first read to its answer. Each field of a mutation, and each result
 * of a stream, has its own snapshot, taken after the commit that it shows.
 */
import type { Readings, SharedReading } from '../../database/read/readings.ts';
import { loadersIn, type Loaders } from './loaders.ts';
import { inRowTurns, ROWS_PER_TURN } from './row-turns.ts';

/** The caller's share of the process (fairness/fair-share.ts). */
export type ReadShare = {
  /** Whether some callers have to leave the event loop to others. */
  readonly isStrained: boolean;
  /** Leaves it, when this caller is one of them. */
  pause(): Promise<void> | undefined;
};

export class Reads {
  readonly #readings: Readings;
  readonly #share: ReadShare | undefined;
  #reading: SharedReading | undefined;
  #slowed: Loaders | undefined;
  #isStrained = false;
  #asked = 0;
  #isAlone = false;
  #hasEnded = false;

  /** Without a share, the caller never waits for others. */
  constructor(readings: Readings, share?: ReadShare) {
    this.#readings = readings;
    this.#share = share;
  }

  /** The snapshot, taken at the first call: an operation that reads nothing has none, and costs nothing. */
  get reading(): SharedReading {
    // A resolver may still run when its operation was already answered with an error.
    if (this.#hasEnded) throw new Error('The operation has been answered');
    return (this.#reading ??= this.#readings.join(this.#isAlone));
  }

  get loaders(): Loaders {
    const loaders = loadersIn(this.reading);
    if (!this.#share) return loaders;
    if (this.#asked++ % ROWS_PER_TURN === 0) this.#isStrained = this.#share.isStrained;
    return this.#isStrained ? (this.#slowed ??= inRowTurns(loaders, this.#share.pause)) : loaders;
  }

  /** Lets the operation share no connection with others: it asks for so much that they would wait for it. */
  readAlone(): void {
    this.#isAlone = true;
  }

  /** Lets go of the snapshot: the next read takes a new one. */
  renew(): void {
    this.#reading?.leave();
    this.#reading = undefined;
    this.#slowed = undefined;
  }

  /** Ends the reads when the operation has its answer. */
  end(): void {
    this.#hasEnded = true;
    this.renew();
  }

  /** The reads of another answer of the same operation. */
  fork(): Reads {
    return new Reads(this.#readings, this.#share);
  }
}

/** What a resolver reads rows with. */
export const loadersOf = ({ reads }: { readonly reads: Reads }): Loaders => reads.loaders;

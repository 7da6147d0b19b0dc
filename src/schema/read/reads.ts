/**
 * What one operation reads through: one snapshot, from its first read to its answer. Each field of a mutation, and each result
 * of a stream, has its own snapshot, taken after the commit that it shows.
 */
import type { Readings, SharedReading } from '../../database/read/readings.ts';
import { loadersIn, type Loaders } from './loaders.ts';

export class Reads {
  readonly #readings: Readings;
  #reading: SharedReading | undefined;
  #isAlone = false;
  #hasEnded = false;

  constructor(readings: Readings) {
    this.#readings = readings;
  }

  /** The snapshot, taken at the first call: an operation that reads nothing has none, and costs nothing. */
  get reading(): SharedReading {
    // A resolver may still run when its operation was already answered with an error.
    if (this.#hasEnded) throw new Error('The operation has been answered');
    return (this.#reading ??= this.#readings.join(this.#isAlone));
  }

  get loaders(): Loaders {
    return loadersIn(this.reading);
  }

  /** Lets the operation share no connection with others: it asks for so much that they would wait for it. */
  readAlone(): void {
    this.#isAlone = true;
  }

  /** Lets go of the snapshot: the next read takes a new one. */
  renew(): void {
    this.#reading?.leave();
    this.#reading = undefined;
  }

  /** Ends the reads when the operation has its answer. */
  end(): void {
    this.#hasEnded = true;
    this.renew();
  }

  /** The reads of another answer of the same operation. */
  fork(): Reads {
    return new Reads(this.#readings);
  }
}

/** What a resolver reads rows with. */
export const loadersOf = ({ reads }: { readonly reads: Reads }): Loaders => reads.loaders;

/**
 * What one operation reads through: one snapshot, from its first read to its answer. Each field of a mutation, and each
 * result of a stream, has one of its own, taken after what it tells of was committed.
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

  /** The snapshot, from the first call on: an operation that reads nothing has none, and costs nothing. */
  get reading(): SharedReading {
    // A resolver may still be at work when the answer of its operation is an error already.
    if (this.#hasEnded) throw new Error('The operation has been answered');
    return (this.#reading ??= this.#readings.join(this.#isAlone));
  }

  get loaders(): Loaders {
    return loadersIn(this.reading);
  }

  /** The operation asks for so much that others would wait for it: it shares no connection with them. */
  readAlone(): void {
    this.#isAlone = true;
  }

  /** What is read from here on is read in a snapshot that is still to be taken. */
  renew(): void {
    this.#reading?.leave();
    this.#reading = undefined;
  }

  /** The operation has its answer. */
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

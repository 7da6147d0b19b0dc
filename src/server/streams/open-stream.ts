/**
 * The results of one subscription, between its source and the transport. It can be ended from outside: the reader then sees the
 * end at once, even while it waits, and the source is told to stop. A waiting async generator does not notice `return()` before
 * its next value, so the end never waits for the source.
 *
 * Results are pulled: the source is asked for the next one only when the transport has flushed the one before.
 *
 * It is a class, because a process holds thousands of streams, and the methods of a class exist once.
 */
import type { ExecutionResult } from 'graphql';

type Step = IteratorResult<ExecutionResult, undefined>;

/** What a stream is made of. */
export type StreamParts = {
  readonly source: AsyncIterator<unknown, unknown, undefined>;
  /** Runs `work` when it is the turn of this stream (event-loop-share.ts). */
  inTurn<T>(work: () => T | Promise<T>): T | Promise<T>;
  /** Makes a result of a change. The stream ends when it throws. */
  answer(change: unknown): ExecutionResult | Promise<ExecutionResult>;
  /** Makes the error that the reader is shown when an error ends the stream. */
  present(error: unknown): Error;
  /** Called once, whoever ends the stream: the source, the reader or the server. */
  onEnd(): void;
};

const DONE: Step = { value: undefined, done: true };

export class OpenStream implements AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #parts: StreamParts;
  #reader: ((step: Step) => void) | undefined;
  #last: ExecutionResult | undefined;
  #isEnded = false;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    if (this.#isEnded) return Promise.resolve(this.#finish());
    const { promise, resolve, reject } = Promise.withResolvers<Step>();
    this.#reader = resolve;
    this.#pull().then((step) => {
      if (!step) return;
      this.#reader = undefined;
      resolve(step);
    }, reject);
    return promise;
  }

  async return(): Promise<Step> {
    this.end();
    this.#last = undefined;
    return DONE;
  }

  async throw(error: unknown): Promise<Step> {
    this.end();
    throw error;
  }

  /** `last` is still delivered, then the stream is over. Idempotent. */
  end(last?: ExecutionResult): void {
    if (this.#isEnded) return;
    this.#last = last;
    this.#close();
    this.#reader?.(this.#finish());
  }

  /** Undefined when the stream was ended meanwhile: the reader has been told already. */
  async #pull(): Promise<Step | undefined> {
    try {
      const { done, value: change } = await this.#parts.source.next();
      if (this.#isEnded) return undefined;
      if (done) {
        this.#close();
        return DONE;
      }
      const answer = this.#parts.inTurn(() => (this.#isEnded ? undefined : this.#parts.answer(change)));
      const value = answer instanceof Promise ? await answer : answer;
      return this.#isEnded || !value ? undefined : { value, done: false };
    } catch (error) {
      if (this.#isEnded) return undefined;
      const shown = this.#parts.present(error);
      this.#close();
      throw shown;
    }
  }

  #finish(): Step {
    const value = this.#last;
    this.#last = undefined;
    return value === undefined ? DONE : { value, done: false };
  }

  #close(): void {
    const { source, onEnd } = this.#parts;
    this.#isEnded = true;
    onEnd();
    Promise.try(() => source.return?.()).catch(() => {}); // When the source fails to stop, nobody is left to tell.
  }
}

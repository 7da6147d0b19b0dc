/**
 * The results of one subscription, between the executor and the transport. It can be ended from outside: the reader then
 * sees the end at once, even while it waits, and the source is told to stop. A waiting async generator does not notice
 * `return()` before its next value, so the end never waits for the source.
 *
 * Results are pulled: the source is asked for the next one only when the transport has flushed the one before.
 */
import type { ExecutionResult } from 'graphql';

type Step = IteratorResult<ExecutionResult, undefined>;

export type OpenStream = AsyncIterableIterator<ExecutionResult, undefined> & {
  /** `last` is still delivered, then the stream is over. Idempotent. */
  end(last?: ExecutionResult): void;
};

/** A source that always has a next result, and a client that takes them as fast, must leave turns to everybody else. */
const RESULTS_PER_TURN = 32;

/** `onEnd` is called once, whoever ends the stream: the source, the reader or the server. */
export function openStream(source: AsyncIterable<ExecutionResult>, onEnd: () => void): OpenStream {
  const iterator = source[Symbol.asyncIterator]();
  let deliver: ((step: Step) => void) | null = null;
  let last: ExecutionResult | undefined;
  let ended = false;

  const finish = (): Step => {
    const value = last;
    last = undefined;
    return value === undefined ? { value: undefined, done: true } : { value, done: false };
  };

  const close = (): void => {
    ended = true;
    onEnd();
  };

  let asked = 0;
  const askSource = (): Promise<Step> => {
    const ask = () => iterator.next() as Promise<Step>;
    return ++asked % RESULTS_PER_TURN === 0 ? new Promise(setImmediate).then(ask) : Promise.try(ask);
  };

  const pull = (): Promise<Step> => {
    const step = Promise.withResolvers<Step>();
    deliver = step.resolve;
    const settle = (then: () => void) => {
      if (ended) return;
      deliver = null;
      then();
    };
    askSource().then(
      (next) =>
        settle(() => {
          if (next.done) close();
          step.resolve(next.done ? finish() : next);
        }),
      (error: unknown) =>
        settle(() => {
          close();
          step.reject(error);
        }),
    );
    return step.promise;
  };

  const stream: OpenStream = {
    [Symbol.asyncIterator]: () => stream,
    next: () => (ended ? Promise.resolve(finish()) : pull()),
    return: async () => {
      stream.end();
      last = undefined;
      return { value: undefined, done: true };
    },
    throw: async (error: unknown) => {
      stream.end();
      throw error;
    },
    end(final) {
      if (ended) return;
      last = final;
      close();
      Promise.try(() => iterator.return?.()).catch(() => {}); // A source that fails to stop has nobody left to tell.
      deliver?.(finish());
    },
  };
  return stream;
}

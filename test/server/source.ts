/** A subscription source that is driven by the test and tells how far it was pulled. */
import { EventEmitter, once } from 'node:events';

export type Tick = {
  readonly number: number;
  readonly text: string;
  /** As a change of a stream has one. */
  readonly cursor?: string;
  readonly boom?: () => never;
};

type Step = IteratorResult<Tick, undefined>;

export type Source = ReturnType<typeof createSource>;

export function createSource() {
  const events = new EventEmitter();
  const open = new Set<ReturnType<typeof createIterator>>();
  let endless = false;
  let pulled = 0;
  let openedCount = 0;

  function createIterator(size: number) {
    const queue: Tick[] = [];
    let waiting: PromiseWithResolvers<Step> | undefined;
    let ended = false;
    let failure: Error | undefined;
    const tickOf = (number: number): Tick => ({ number, text: 'x'.repeat(size) });
    const iterator = {
      [Symbol.asyncIterator]: () => iterator,
      upcoming: () => queue,
      lag: () => ({ nowMs: 7 * queue.length, worstMs: 30 }),
      next(): Promise<Step> {
        pulled++;
        if (failure) return Promise.reject(failure);
        if (ended) return Promise.resolve({ value: undefined, done: true });
        const value = endless ? tickOf(pulled) : queue.shift();
        if (value) return Promise.resolve({ value, done: false });
        waiting = Promise.withResolvers<Step>();
        events.emit('change');
        return waiting.promise;
      },
      return(): Promise<Step> {
        ended = true;
        open.delete(iterator);
        waiting?.resolve({ value: undefined, done: true });
        events.emit('change');
        return Promise.resolve({ value: undefined, done: true });
      },
      emit(tick: Tick) {
        if (waiting) waiting.resolve({ value: tick, done: false });
        else queue.push(tick);
        waiting = undefined;
      },
      fail(error: Error) {
        failure = error;
        open.delete(iterator);
        waiting?.reject(error);
      },
    };
    return iterator;
  }

  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await once(events, 'change');
  };

  return {
    open(size: number) {
      const iterator = createIterator(size);
      open.add(iterator);
      openedCount++;
      events.emit('change');
      return iterator;
    },
    /** From now on every pull is answered at once, without end. */
    becomeEndless: () => void (endless = true),
    emit: (number: number, more: Partial<Tick> = {}) => {
      for (const iterator of open) iterator.emit({ number, text: `tick ${number}`, ...more });
    },
    /** The same object to everybody, as the feed does. */
    emitShared: (tick: Tick) => open.forEach((iterator) => iterator.emit(tick)),
    /** Ends every subscription after what was emitted. */
    end: () => open.forEach((iterator) => void iterator.return()),
    fail: (error: Error) => open.forEach((iterator) => iterator.fail(error)),
    get pulled() {
      return pulled;
    },
    get openCount() {
      return open.size;
    },
    /** Resolves when that many subscriptions have been opened in all. */
    opened: (count = 1) => until(() => openedCount >= count),
    /** Resolves when no subscription is open. */
    released: () => until(() => open.size === 0),
  };
}

import { onNextFrame } from './page/frame.ts';
import { createView } from './page/view.ts';
import type { WatchOptions, WatchResult, WatchState } from './watch-options.ts';
import { watch } from './watch.ts';

export type NewestView<Data> = {
  /** The newest result; null before the first. */
  readonly result: WatchResult<Data> | null;
  readonly state: WatchState;
  /** Why the stream is not live: set while it tries again, and when it has ended by an error. */
  readonly error: unknown;
};

export type NewestOptions<Data, Variables> = Omit<WatchOptions<Data, Variables>, 'signal' | 'onState'> & {
  /** Called with every result, in order; the view shows the newest one of each frame. */
  readonly onResult?: ((result: WatchResult<Data>) => void) | undefined;
};

/** Something that runs until it is stopped, and what it shows. */
export type Running<Value> = {
  /** The same object until something changes. */
  getSnapshot(): Value;
  /** Calls the listener after each change, at most once a frame. Returns how to end that. */
  subscribe(listener: () => void): () => void;
  stop(): void;
};

/** The newest result of a stream and its state, for a page. */
export function watchNewest<Data, Variables = object>(
  options: NewestOptions<Data, Variables>,
): Running<NewestView<Data>> {
  const stop = new AbortController();
  const view = createView<NewestView<Data>>({ result: null, state: 'connecting', error: undefined });
  let cancel: (() => void) | undefined;
  const results = watch({ ...options, signal: stop.signal, onState: (state, error) => view.change({ state, error }) });
  const run = async (): Promise<void> => {
    let result: WatchResult<Data>;
    const show = (): void => {
      cancel = undefined;
      view.change({ result });
    };
    for await (result of results) {
      options.onResult?.(result);
      cancel ??= onNextFrame(show);
    }
  };
  run().catch((error: unknown) => view.change({ state: 'ended', error }));
  return {
    getSnapshot: view.get,
    subscribe: view.subscribe,
    stop() {
      cancel?.();
      stop.abort();
    },
  };
}

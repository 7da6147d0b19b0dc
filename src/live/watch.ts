/** Keeps the tail running while somebody watches, and a while longer for clients that come back. */
import type { Tail } from './tail.ts';

export type Watch = {
  /** Adds a watcher. Resolves when the tail runs. Rejects when the tail cannot start; then the watcher does not count. */
  enter(): Promise<void>;
  leave(): void;
  /** Stops the tail, even while somebody watches. */
  stop(): Promise<void>;
};

export function createWatch(tail: Pick<Tail, 'start' | 'stop'>, lingerMs: number): Watch {
  let watchers = 0;
  let started: Promise<void> | undefined;
  let stopped: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const stop = (): Promise<void> => {
    clearTimeout(timer);
    if (started) stopped = started.then(tail.stop, () => {});
    started = undefined;
    return stopped;
  };

  return {
    async enter() {
      watchers++;
      clearTimeout(timer);
      const starting = (started ??= stopped.then(tail.start));
      try {
        await starting;
      } catch (error) {
        watchers--;
        if (started === starting) started = undefined;
        throw error;
      }
    },
    leave() {
      watchers--;
      if (watchers === 0) timer = setTimeout(stop, lingerMs).unref(); // The timer does not keep the process alive.
    },
    stop,
  };
}

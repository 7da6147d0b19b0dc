/** How a stream goes on after an error: when it tries again, and when it gives up. */
import { isFinal, retryAfterMs, WatchError } from './request/watch-error.ts';

export type Patience = {
  /** The connection has shown that it works: what failed before no longer counts. */
  proven(): void;
  /** How long to wait, in milliseconds, before the next attempt. Throws the error when there should be none. */
  delayAfter(error: unknown): number;
};

type Options = { readonly canReload: boolean; readonly delayMs: ((failures: number) => number) | undefined };

export function createPatience({ canReload, delayMs = backoffMs }: Options): Patience {
  let [failures, refusals] = [0, 0];
  return {
    proven() {
      failures = refusals = 0;
    },
    delayAfter(error) {
      const isRefused = error instanceof WatchError && error.code === 'UNAUTHENTICATED';
      const hasAnotherKey = isRefused && refusals++ === 0; // The next attempt asks getApiKey, which may have a new one.
      if (isExpired(error) ? !canReload : isFinal(error) && !hasAnotherKey) throw error;
      return Math.max(delayMs(++failures), retryAfterMs(error));
    },
  };
}

export const isExpired = (error: unknown): boolean => error instanceof WatchError && error.code === 'CURSOR_EXPIRED';

const backoffMs = (failures: number): number => Math.min(50 * 2 ** failures, 10_000) * (0.5 + Math.random());

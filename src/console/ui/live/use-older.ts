/** Loads older rows when the reader comes near the end of the list. */
import { WatchError } from '@hookcast/client';
import { useCallback, useEffect, useState } from 'react';

export type Older = {
  readonly isLoading: boolean;
  /** Why the newest request failed; undefined after one that succeeded. */
  readonly error: unknown;
  readonly load: () => void;
};

/** `isNear`: whether the end is near the screen. A list that is refused for its rate goes on by itself. */
export function useOlder(isNear: boolean, hasMore: boolean, more: () => Promise<void>): Older {
  const [isLoading, setLoading] = useState(false);
  const [error, setError] = useState<unknown>();
  const load = useCallback(() => {
    setLoading(true);
    setError(undefined);
    more()
      .catch(setError)
      .finally(() => setLoading(false));
  }, [more]);
  const isWanted = isNear && hasMore && !isLoading;
  useEffect(() => {
    if (!isWanted) return;
    if (error === undefined) return load();
    const waitMs = retryAfterMs(error);
    if (waitMs === 0) return;
    const timer = setTimeout(load, waitMs);
    return () => clearTimeout(timer);
  }, [isWanted, error, load]);
  return { isLoading, error, load };
}

const retryAfterMs = (error: unknown): number =>
  error instanceof WatchError ? 1_000 * (Number(error.errors[0]?.extensions?.['retryAfterSeconds']) || 0) : 0;

/** How much one API key may hold open in one process, so that no client can take the memory of all others. */

export type KeyLimits = {
  /** WebSockets. One more is closed with 1013. */
  readonly socketsPerKey: number;
  /** Open subscriptions over WebSockets and SSE together. One more is refused with RATE_LIMITED. */
  readonly streamsPerKey: number;
};

/** For a key that all users of a large application share: an idle socket with one stream takes about 35 KB. */
export const KEY_LIMITS: KeyLimits = { socketsPerKey: 10_000, streamsPerKey: 20_000 };

export type Allowance = {
  readonly limit: number;
  /** Counts one more for the key until the function that is returned is called, once. Null: it has all it may have. */
  take(apiKeyId: string): (() => void) | null;
};

export function createAllowance(limit: number): Allowance {
  const counts = new Map<string, number>();
  return {
    limit,
    take(apiKeyId) {
      const count = counts.get(apiKeyId) ?? 0;
      if (count >= limit) return null;
      counts.set(apiKeyId, count + 1);
      return () => {
        const left = counts.get(apiKeyId)! - 1;
        if (left > 0) counts.set(apiKeyId, left);
        else counts.delete(apiKeyId);
      };
    },
  };
}

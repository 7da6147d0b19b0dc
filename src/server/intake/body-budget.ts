/**
 * How many bytes of requests one process has in memory at once: bodies over HTTP and messages over WebSocket, from their first
 * byte until their operation is answered, or its stream is open. Beyond it a request is refused at once: a request that waits
 * would keep its bytes in memory.
 *
 * One organization gets at most half, and all callers without an API key together a sixteenth, so none of them can keep the
 * others out.
 */
export type BodyBudget = {
  /** Opens the account of one body. `organizationId` is null for callers without an API key. */
  open(organizationId: string | null): BodyBytes;
};

/** What one body has of the budget. */
export type BodyBytes = {
  /** Takes `bytes` more. False: there is no room for them, and nothing was taken. */
  take(bytes: number): boolean;
  /** Gives back all bytes that the body took. Idempotent. */
  release(): void;
};

const ORGANIZATION_SHARE = 1 / 2;
const STRANGERS_SHARE = 1 / 16;

export function createBodyBudget(totalBytes: number): BodyBudget {
  /** Bytes taken by each organization; null: by all callers without an API key. */
  const taken = new Map<string | null, number>();
  let allBytes = 0;

  return {
    open(organizationId) {
      const share = organizationId === null ? STRANGERS_SHARE : ORGANIZATION_SHARE;
      let ownBytes = 0;
      return {
        take(bytes) {
          const heldBytes = taken.get(organizationId) ?? 0;
          if (allBytes + bytes > totalBytes || heldBytes + bytes > totalBytes * share) return false;
          taken.set(organizationId, heldBytes + bytes);
          allBytes += bytes;
          ownBytes += bytes;
          return true;
        },
        release() {
          if (ownBytes === 0) return;
          const leftBytes = taken.get(organizationId)! - ownBytes;
          if (leftBytes > 0) taken.set(organizationId, leftBytes);
          else taken.delete(organizationId);
          allBytes -= ownBytes;
          ownBytes = 0;
        },
      };
    },
  };
}

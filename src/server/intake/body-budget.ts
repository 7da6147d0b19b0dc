/**
 * How many bytes of requests one process has in memory at once: bodies over HTTP and messages over WebSocket, from their
 * first byte until their operation is answered, or its stream is open. Beyond it a request is refused at once, because one
 * that waits would hold what it has.
 *
 * No organization has more than half, and all callers without a key together a sixteenth: so none of them can keep the others
 * out.
 */
export type BodyBudget = {
  /** For one body. `organizationId` is null for callers without a key. */
  open(organizationId: string | null): BodyBytes;
};

/** What one body has of the budget. */
export type BodyBytes = {
  /** Takes so many bytes more. False: there is no room for them, and nothing was taken. */
  take(bytes: number): boolean;
  /** Gives all of them back. Idempotent. */
  release(): void;
};

const ORGANIZATION_SHARE = 1 / 2;
const STRANGERS_SHARE = 1 / 16;

export function createBodyBudget(totalBytes: number): BodyBudget {
  /** Bytes taken, for each organization that has any; null: all callers without a key. */
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

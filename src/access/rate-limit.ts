/**
 * Limits how many operations may begin in a minute: for each API key, and for all API keys of an organization together.
 * Each limit is exact over all API processes and transports (windows.ts).
 *
 * The key's limit is asked first. An operation that it refuses is not counted for the organization, so a key that goes on
 * after its own limit does not use up the minute of the others. When the organization's window is known to be used up,
 * the operation is not counted for the key either.
 *
 * An API key with PLATFORM_ADMIN belongs to the operator of the deployment. The organization's limit neither counts nor
 * refuses it, so no organization's traffic keeps the operator out. Without either limit, nothing is counted.
 */
import type { Caller } from './caller.ts';
import { createWindows, type Count, type WindowOptions } from './windows.ts';

/** The count for each limit of a caller; null when the caller has no such limit, or was refused before it was counted. */
export type Counts = { readonly key: Count | null; readonly organization: Count | null };

export type RateLimited = Pick<
  Caller,
  'apiKeyId' | 'rateLimitPerMinute' | 'organizationId' | 'organizationRateLimitPerMinute' | 'isPlatformAdmin'
>;

export type RateLimit = {
  /** Counts one operation; null for a caller without any limit. Rejects when the database does: then no count is known. */
  count(caller: RateLimited): Promise<Counts> | null;
};

type Options = WindowOptions & {
  /** The limit of organizations that have no limit of their own; undefined: they are unlimited. */
  readonly organizationRateLimitPerMinute?: number | undefined;
};

/** Creates the counter; each process needs one. */
export function createRateLimit({ organizationRateLimitPerMinute: usual, ...options }: Options): RateLimit {
  const windows = createWindows(options);

  async function countBoth(caller: RateLimited, keyLimit: number | null, limit: number | null): Promise<Counts> {
    const { apiKeyId, organizationId } = caller;
    const usedUp = limit === null ? null : windows.recall(organizationId, limit);
    if (usedUp) return { key: null, organization: usedUp };
    const key = keyLimit === null ? null : await windows.count(apiKeyId, keyLimit);
    if (limit === null || key?.allowed === false) return { key, organization: null };
    return { key, organization: await windows.count(organizationId, limit) };
  }

  return {
    count(caller) {
      const { rateLimitPerMinute, isPlatformAdmin } = caller;
      const ofOrganization = isPlatformAdmin ? null : (caller.organizationRateLimitPerMinute ?? usual ?? null);
      if (rateLimitPerMinute === null && ofOrganization === null) return null;
      return countBoth(caller, rateLimitPerMinute, ofOrganization);
    },
  };
}

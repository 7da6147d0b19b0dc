/**
 * How many operations may begin in a minute: those of an API key, and those of all keys of an organization together. Each
 * limit is exact over all API processes and transports (windows.ts).
 *
 * An operation that one limit refuses takes nothing from the organization: it is asked last, so that one key that goes on
 * after its own limit does not use up the minute of the others. When the organization's window is known to be used up, the
 * operation takes nothing from the key either.
 *
 * A key with PLATFORM_ADMIN belongs to whoever runs the deployment: the organization's limit neither counts it nor refuses
 * it, so that no organization's traffic keeps the operator out. Where neither limit is set, nothing is counted.
 */
import type { Caller } from './caller.ts';
import { createWindows, type Count, type WindowOptions } from './windows.ts';

/** Where a caller stands, for each limit that it has; null: it has no such limit, or was refused before that was counted. */
export type Counts = { readonly key: Count | null; readonly organization: Count | null };

export type RateLimited = Pick<
  Caller,
  'apiKeyId' | 'rateLimitPerMinute' | 'organizationId' | 'organizationRateLimitPerMinute' | 'isPlatformAdmin'
>;

export type RateLimit = {
  /** Counts one operation; null for a caller without any limit. Rejects when the database does: nothing is known then. */
  count(caller: RateLimited): Promise<Counts> | null;
};

type Options = WindowOptions & {
  /** Of organizations that have no limit of their own; undefined: none. */
  readonly organizationRateLimitPerMinute?: number | undefined;
};

/** Counts for one process. */
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

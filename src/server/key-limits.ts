/**
 * How much one API key, and all API keys of one organization, may hold open in one process, so that no client can take the
 * memory of all others.
 */
import type { Caller } from '../access/caller.ts';

export type KeyLimits = {
  /** WebSockets. One more is closed with 1013, which clients retry: another process may have room, or this one later. */
  readonly socketsPerKey: number;
  /** Open subscriptions over WebSockets and SSE together. One more is refused with RATE_LIMITED. */
  readonly streamsPerKey: number;
  /** The same limits for all API keys of an organization together: MAX_SOCKETS, MAX_STREAMS. */
  readonly socketsPerOrganization: number;
  readonly streamsPerOrganization: number;
};

/** Enough for an API key that all users of a large application share. An idle socket with one stream takes about 35 KB. */
export const KEY_LIMITS: KeyLimits = {
  socketsPerKey: 10_000,
  streamsPerKey: 20_000,
  socketsPerOrganization: 1_000,
  streamsPerOrganization: 5_000,
};

/** A refusal: who has reached the limit, and the limit. */
export type Full = { readonly ok: false; readonly of: 'API key' | 'organization'; readonly limit: number };

export type Allowance = {
  /** Counts one more for the caller's API key and the key's organization, until `leave` is called. Call `leave` once. */
  take(caller: Pick<Caller, 'apiKeyId' | 'organizationId' | 'actsFrom'>): { readonly ok: true; leave(): void } | Full;
};

export function createAllowance(perKey: number, perOrganization: number): Allowance {
  const ofKeys = createCounts(perKey);
  const ofOrganizations = createCounts(perOrganization);
  return {
    take({ apiKeyId, organizationId: actsIn, actsFrom }) {
      const organizationId = actsFrom ?? actsIn;
      if (ofKeys.isFull(apiKeyId)) return { ok: false, of: 'API key', limit: perKey };
      if (ofOrganizations.isFull(organizationId)) return { ok: false, of: 'organization', limit: perOrganization };
      ofKeys.add(apiKeyId, 1);
      ofOrganizations.add(organizationId, 1);
      const leave = () => {
        ofKeys.add(apiKeyId, -1);
        ofOrganizations.add(organizationId, -1);
      };
      return { ok: true, leave };
    },
  };
}

function createCounts(limit: number) {
  const counts = new Map<string, number>();
  return {
    isFull: (id: string): boolean => (counts.get(id) ?? 0) >= limit,
    add(id: string, change: 1 | -1): void {
      const count = (counts.get(id) ?? 0) + change;
      if (count > 0) counts.set(id, count);
      else counts.delete(id);
    },
  };
}

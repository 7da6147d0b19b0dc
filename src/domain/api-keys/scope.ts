/** What an API key may do. */

export const API_SCOPES = [
  'TARGETS_READ',
  'TARGETS_WRITE',
  'EVENTS_READ',
  'EVENTS_PUBLISH',
  'DELIVERIES_READ',
  'DELIVERIES_WRITE',
  'API_KEYS_MANAGE',
  'PLATFORM_ADMIN',
  'EVENTS_ERASE',
] as const;

/** One permission of an API key. PLATFORM_ADMIN includes all others, in every organization. */
export type ApiScope = (typeof API_SCOPES)[number];

/** What shows things and changes nothing. */
export const READING_SCOPES: readonly ApiScope[] = ['TARGETS_READ', 'EVENTS_READ', 'DELIVERIES_READ'];

/** Whoever sees the portal could make API keys, reach other organizations, or erase for good. */
const NEVER_IN_PORTAL: ReadonlySet<ApiScope> = new Set(['API_KEYS_MANAGE', 'PLATFORM_ADMIN', 'EVENTS_ERASE']);

/** What a portal session can be given. */
export const PORTAL_SCOPES: readonly ApiScope[] = API_SCOPES.filter((scope) => !NEVER_IN_PORTAL.has(scope));

const IMPLIED_BY: { readonly [Needed in ApiScope]?: ApiScope } = {
  TARGETS_READ: 'TARGETS_WRITE',
  DELIVERIES_READ: 'DELIVERIES_WRITE',
};

/**
 * Whether `scopes` allow what `needed` stands for. PLATFORM_ADMIN grants everything, and a scope to write targets or
 * deliveries includes reading them. Publishing grants no reading: a service that only sends events sees none of them. Erasing
 * cannot be undone, so no other scope includes it.
 */
export function grants(scopes: ReadonlySet<ApiScope>, needed: ApiScope): boolean {
  if (scopes.has(needed) || scopes.has('PLATFORM_ADMIN')) return true;
  const wider = IMPLIED_BY[needed];
  return wider !== undefined && scopes.has(wider);
}

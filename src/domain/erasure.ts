/** What an erasure takes away. */

export type ErasureStatus = 'RUNNING' | 'COMPLETED';

/**
 * Of one event, of all events of a customer, or everything of the organization. A further kind needs its column in `erasures`, its
 * branch in `scopeOf`, and its condition in pipeline/erasure/find-events.ts.
 */
export type ErasureScope =
  | { readonly kind: 'event'; readonly eventId: string }
  | { readonly kind: 'customer'; readonly customerId: string }
  | { readonly kind: 'organization' };

export type ErasureScopeColumns = { readonly eventId: string | null; readonly customerId: string | null };

/** The scope in the columns of an erasure's row. */
export function scopeOf({ eventId, customerId }: ErasureScopeColumns): ErasureScope {
  if (eventId !== null) return { kind: 'event', eventId };
  if (customerId !== null) return { kind: 'customer', customerId };
  return { kind: 'organization' };
}

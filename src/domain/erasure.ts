/** What an erasure takes away. */

/** What stands where an error text stood that was erased: an error text can hold words of the receiver. */
export const ERASED_ERROR = 'an error that was erased.';

export type ErasureStatus = 'RUNNING' | 'COMPLETED';

/**
 * Of one event, of all events of a customer or with a tag, or everything of the organization. A further kind needs its column
 * in `erasures`, its branch in `scopeOf`, and its condition in pipeline/erasure/find-events.ts.
 */
export type ErasureScope =
  | { readonly kind: 'event'; readonly eventId: string }
  | { readonly kind: 'customer'; readonly customerId: string }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'organization' };

export type ErasureScopeColumns = {
  readonly eventId: string | null;
  readonly customerId: string | null;
  readonly tag: string | null;
};

/** The scope in the columns of an erasure's row. */
export function scopeOf({ eventId, customerId, tag }: ErasureScopeColumns): ErasureScope {
  if (eventId !== null) return { kind: 'event', eventId };
  if (customerId !== null) return { kind: 'customer', customerId };
  if (tag !== null) return { kind: 'tag', tag };
  return { kind: 'organization' };
}

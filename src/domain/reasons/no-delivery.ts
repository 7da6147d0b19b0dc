/** Why a target has no delivery of an event, as far as that can be said today: what a target was subscribed to then is not kept. */
import { takesCustomer, takesType, type TargetSubscription } from '../targets/subscription.ts';
import type { TargetStatus } from '../targets/target.ts';

export type NoDeliveryReason = 'EVENT_TYPE' | 'CUSTOMER' | 'FILTER' | 'DISABLED' | 'CREATED_LATER' | 'EXPIRED';

export type NoDeliveryFacts = {
  readonly event: { readonly eventType: string; readonly customerId: string | null; readonly createdAt: Date };
  /** As it is today. */
  readonly target: TargetSubscription & { readonly status: TargetStatus; readonly createdAt: Date };
  /** Whether the target has a filter today that the event does not satisfy. */
  readonly isFiltered: boolean;
  /** The status of the target when the event was published. */
  readonly statusThen: TargetStatus;
  /** Whether the event is older than retention: its deliveries may be gone, and itself it goes next. */
  readonly isExpired: boolean;
};

/** Null: the target would receive the event today, so it was changed since, or the event was a test event for another target. */
export function noDeliveryReason({
  event,
  target,
  isFiltered,
  statusThen,
  isExpired,
}: NoDeliveryFacts): NoDeliveryReason | null {
  if (target.createdAt > event.createdAt) return 'CREATED_LATER';
  if (!takesType(target, event.eventType)) return 'EVENT_TYPE';
  if (!takesCustomer(target, event.customerId)) return 'CUSTOMER';
  if (isFiltered) return 'FILTER';
  if (statusThen === 'DISABLED' || target.status === 'DISABLED') return 'DISABLED';
  return isExpired ? 'EXPIRED' : null;
}

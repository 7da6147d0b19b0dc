/** Why a target has no delivery of an event, as far as that can be said today: what a target was subscribed to then is not kept. */
import { takesCustomer, takesType, type SubscribableEvent, type TargetSubscription } from '../targets/subscription.ts';
import type { TargetStatus } from '../targets/target.ts';

export type NoDeliveryReason =
  'EVENT_TYPE' | 'CUSTOMER' | 'FILTER' | 'DISABLED' | 'CREATED_LATER' | 'EXPIRED' | 'TEST_EVENT' | 'CHANGED';

export type NoDeliveryFacts = {
  readonly event: SubscribableEvent & {
    readonly createdAt: Date;
    /** Made by sendTestEvent, for one target only. */
    readonly isTest: boolean;
  };
  /** As it is today. */
  readonly target: TargetSubscription & {
    readonly status: TargetStatus;
    readonly createdAt: Date;
    readonly updatedAt: Date;
  };
  /** Whether the target has a filter today that the event does not satisfy. */
  readonly isFiltered: boolean;
  /** The status of the target when the event was published. */
  readonly statusThen: TargetStatus;
  /** Whether the event is older than retention: its deliveries may be gone, and itself it goes next. */
  readonly isExpired: boolean;
};

/** Null: the target would receive the event today and would have then, as far as its rows tell. */
export function noDeliveryReason({
  event,
  target,
  isFiltered,
  statusThen,
  isExpired,
}: NoDeliveryFacts): NoDeliveryReason | null {
  if (event.isTest) return 'TEST_EVENT';
  if (target.createdAt > event.createdAt) return 'CREATED_LATER';
  if (!takesType(target, event)) return 'EVENT_TYPE';
  if (!takesCustomer(target, event)) return 'CUSTOMER';
  if (isFiltered) return 'FILTER';
  if (statusThen === 'DISABLED' || target.status === 'DISABLED') return 'DISABLED';
  if (isExpired) return 'EXPIRED';
  return target.updatedAt > event.createdAt ? 'CHANGED' : null;
}

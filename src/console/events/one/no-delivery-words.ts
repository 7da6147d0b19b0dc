/** Why a target did not get an event, and what would change that. */
import type { NoDeliveryReason } from '../../generated/graphql.ts';

const WORDS: Readonly<Partial<Record<string, string>>> = {
  EVENT_TYPE: 'It is not subscribed to this event type.',
  FILTER: 'Its filter leaves this event out.',
  CUSTOMER: 'It receives events of other customers only.',
  DISABLED: 'It was disabled when the event was published, or is disabled today.',
  CREATED_LATER: 'It was created after the event was published.',
  CHANGED: 'It would receive the event today, but was changed since. The audit log says how.',
  TEST_EVENT: 'This was a test event, which goes to one target only.',
  EXPIRED: 'The event is so old that its deliveries are no longer kept.',
} satisfies Partial<Record<NoDeliveryReason, string>>;

/** `reason`: null where nothing explains it. */
export const explainNoDelivery = (reason: NoDeliveryReason | null): string =>
  (reason && WORDS[reason]) ?? 'Nothing that is known today explains it.';

/** Whether deliveries to a target wait for the ones before them. */
import type { DeliveryOrdering, OrderAfterFailure } from '../../domain/order.ts';
import { builder } from '../build/builder.ts';

const ORDERINGS: { readonly [Ordering in DeliveryOrdering]: { readonly description: string } } = {
  NONE: { description: 'Each delivery for itself.' },
  KEY: {
    description:
      'To this target one after another, in the order of publishing, among events with the same orderingKey; events without ' +
      'one for themselves.',
  },
  TARGET: { description: 'To this target one after another, in the order of publishing.' },
};

export const DeliveryOrderingEnum = builder.enumType('DeliveryOrdering', {
  description:
    'Which deliveries wait for which. The order of publishing is that of commits, as eventPublished shows it. A delivery that ' +
    'waits has `waitingFor` ORDER. Test events, the service’s own events, redelivered ones and skipped ones that are retried by ' +
    'hand wait for none.',
  values: ORDERINGS,
});

const AFTER_FAILURES: { readonly [After in OrderAfterFailure]: { readonly description: string } } = {
  SKIP: { description: 'The next one goes out.' },
  HOLD: { description: 'The next ones wait until a person retries or cancels the failed one.' },
};

export const OrderAfterFailureEnum = builder.enumType('OrderAfterFailure', {
  description:
    'What becomes of those that wait when the one before them is FAILED. Without ordering it concerns only what was ' +
    'published in order before.',
  values: AFTER_FAILURES,
});

export const ORDERING =
  'Whether deliveries wait for the ones before them. A change holds for what is published after its answer; what is open keeps ' +
  'its place among those that were published before.';
export const AFTER_FAILURE =
  'What becomes of those that wait when the one before them is FAILED. A change to SKIP lets those go on, mostly within seconds, that a ' +
  'FAILED one holds up.';

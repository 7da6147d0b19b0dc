/** What an order of deliveries means, in the words of the pages. */
import type { DeliveryOrdering, OrderAfterFailure } from '../../generated/graphql.ts';

export type Words = { readonly name: string; readonly meaning: string };

export const ORDERING_WORDS: Readonly<Record<DeliveryOrdering, Words>> = {
  NONE: {
    name: 'In no order',
    meaning: 'No event waits for another one. An event that is retried arrives after newer ones.',
  },
  KEY: {
    name: 'In order for each ordering key',
    meaning:
      'Events that are published with the same ordering key arrive one after another, the oldest first. Other keys, and ' +
      'events without a key, do not wait for them.',
  },
  TARGET: {
    name: 'In order, all events',
    meaning: 'One request at a time, the oldest event first. An event that is retried holds up all newer ones.',
  },
};

export const AFTER_FAILURE_WORDS: Readonly<Record<OrderAfterFailure, Words>> = {
  SKIP: {
    name: 'Go on with the next one',
    meaning: 'The event that failed is left out. It can be retried later, and then arrives after newer ones.',
  },
  HOLD: {
    name: 'Wait for a person',
    meaning: 'The next ones wait until somebody retries or cancels the failed delivery, on its page.',
  },
};

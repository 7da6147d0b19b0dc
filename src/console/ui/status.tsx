import type { DeliveryStatus } from '../generated/graphql.ts';

/** The status of a delivery, by word and shape; the colour only repeats them. */
const WORDS: Readonly<Record<DeliveryStatus, readonly [shape: string, word: string]>> = {
  PENDING: ['○', 'Pending'],
  RETRYING: ['↻', 'Retrying'],
  DELIVERED: ['✓', 'Delivered'],
  FAILED: ['✕', 'Failed'],
  CANCELLED: ['–', 'Cancelled'],
};

export const Status = ({ status }: { readonly status: DeliveryStatus }) => (
  <span className="status" data-status={status}>
    <span aria-hidden="true">{WORDS[status][0]}</span> {WORDS[status][1]}
  </span>
);

/** How many deliveries ended how, in words. */
import type { DeliveryStatus } from '../../generated/graphql.ts';
import { formatCount } from '../../ui/figures/format.ts';

/** In the order in which they are named: what went wrong before what is still open. */
const WORDS: Readonly<Record<DeliveryStatus, string>> = {
  DELIVERED: 'delivered',
  FAILED: 'failed',
  RETRYING: 'retrying',
  PENDING: 'pending',
  CANCELLED: 'cancelled',
};

/** `3 delivered, 5 failed, 1 pending`; what there is none of is left out. */
export function countByStatus(deliveries: readonly { readonly status: DeliveryStatus }[]): string {
  const counts = Map.groupBy(deliveries, ({ status }) => status);
  return Object.entries(WORDS)
    .flatMap(([status, word]) => {
      const count = counts.get(status as DeliveryStatus)?.length ?? 0;
      return count === 0 ? [] : [`${formatCount(count)} ${word}`];
    })
    .join(', ');
}

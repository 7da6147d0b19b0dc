/** A failed delivery that others may wait for: what to do about it. */
import { Link } from 'wouter';
import type { DeliveryFactsFragment } from '../../generated/graphql.ts';

/**
 * Under HOLD a delivery of the order keeps its place when it has failed. The service does not say whether this one is of the order:
 * what was redelivered is not. Cancelling it is then refused, and the refusal says why.
 */
export const keepsItsPlace = ({ status, target, event }: DeliveryFactsFragment): boolean =>
  status === 'FAILED' &&
  target.afterFailure === 'HOLD' &&
  (target.ordering === 'TARGET' || (target.ordering === 'KEY' && event.orderingKey !== null));

export const HoldingBox = ({ targetId }: { readonly targetId: string }) => (
  <section className="waiting" aria-labelledby="holding">
    <h2 id="holding">Others may wait for it</h2>
    <p>
      Its target gets events in order, and waits for a person after a failure. When the receiver is mended, retry the
      delivery. Or cancel it: then the next one goes out without it.
    </p>
    <Link href={`/deliveries?targetId=${targetId}&status=PENDING`}>What waits at this target</Link>
  </section>
);

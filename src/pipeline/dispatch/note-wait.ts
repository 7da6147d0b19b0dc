/** Tells of how long the deliveries waited that were just taken from the queue. */
import { idTimeMs } from '../../domain/ksuid.ts';
import type { Claim } from '../deliver/claim.ts';
import type { DispatcherOptions } from './dispatcher-options.ts';

type Taken = Pick<Claim, 'number' | 'deliveryId' | 'isOrdered'>;

/**
 * A middle one of the first attempts is asked. Retries tell nothing, nor do deliveries that had to wait for those before them in a
 * chain, nor does a job of a worker that died, older than all others.
 */
export function noteWait(
  taken: readonly Taken[],
  { lateDeliveries, clock }: Pick<DispatcherOptions, 'lateDeliveries' | 'clock'>,
): void {
  const firsts = taken.filter(({ number, isOrdered }) => number === 1 && !isOrdered);
  const middle = firsts[firsts.length >> 1];
  if (middle) lateDeliveries.note(clock.now().getTime() - idTimeMs(middle.deliveryId));
}

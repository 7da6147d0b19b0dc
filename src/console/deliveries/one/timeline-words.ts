/** A change of a delivery in words. */
import type { ChangeRowFragment } from '../../generated/graphql.ts';
import { nameAttempt } from '../../ui/deliveries/attempt-words.ts';

type Change = Pick<ChangeRowFragment, 'previousStatus' | 'status' | 'attempt'>;

export function explainChange({ previousStatus, status, attempt }: Change): string {
  if (attempt) {
    const made = `${attempt.trigger === 'MANUAL' ? 'Retry by hand' : 'Attempt'} ${attempt.number}`;
    if (status === 'DELIVERED') return `${made}: delivered (${nameAttempt(attempt)})`;
    if (status === 'FAILED') return `${made}: failed (${nameAttempt(attempt)}). No attempt is to come.`;
    return `${made}: failed (${nameAttempt(attempt)}). It is tried again.`;
  }
  if (previousStatus === null) return 'Created';
  if (status === 'CANCELLED') return 'Cancelled';
  if (status === 'RETRYING' && previousStatus !== 'PENDING') return 'A retry was asked for';
  if (status === previousStatus) return 'Released: nothing before it is open any more';
  return `${sentence(previousStatus)} became ${status.toLowerCase()}`;
}

const sentence = (status: string): string => status[0] + status.slice(1).toLowerCase();

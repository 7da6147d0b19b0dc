/** Operations of the API wait for their organization's share of this process (fairness/fair-share.ts). */
import type { Caller } from '../access/caller.ts';
import { RequestError } from '../errors.ts';
import type { FairShare } from '../fairness/fair-share.ts';

export const BUSY = new RequestError(
  'SERVICE_UNAVAILABLE',
  'Too many operations of this organization are waiting for their turn. Try again in a second.',
);

/**
 * Waits for the turn of an operation. Call what it gives once, when the operation has ended; null: too many wait. A platform
 * admin acts for all organizations, and so never waits.
 */
export async function beginShared(
  fairShare: Pick<FairShare, 'begin'>,
  caller: Caller | null,
): Promise<(() => void) | null> {
  return caller && !caller.isPlatformAdmin ? fairShare.begin(caller.organizationId) : () => {};
}

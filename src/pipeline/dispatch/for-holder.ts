/** Which claims only the process can send that has the lease of their target (leases.ts). */
import type { Claim } from '../deliver/claim.ts';
import { hasLimits } from './lanes/lease.ts';
import type { Lanes } from './lanes/lanes.ts';

/**
 * Whether to hand the claim on to the process that has the lease. A manual retry passes a deferral, but would not once
 * it is held, so it is not held for that process.
 */
export const isForHolder = ({ exemption, targetId, limits }: Claim, lanes: Pick<Lanes, 'get'>): boolean =>
  exemption === 'manual' && hasLimits(limits) && !lanes.get(targetId)?.lease;

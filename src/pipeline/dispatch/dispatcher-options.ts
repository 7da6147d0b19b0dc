/** What the dispatcher works with, and whom it tells. */
import type { Clock } from '../../clock.ts';
import type { Queue } from '../../database/queue.ts';
import type { FairShare } from '../../fairness/fair-share.ts';
import type { LateDeliveries } from '../../fairness/late-deliveries.ts';
import type { Attempter } from '../deliver/attempt.ts';
import type { Claimer } from '../deliver/claim.ts';
import type { FreshClaims } from '../deliver/fresh-claims.ts';
import type { Loans } from '../deliver/loans.ts';
import type { Holder } from './hold.ts';
import type { Lanes } from './lanes/lanes.ts';
import type { LeaseRows } from './lanes/lease-rows.ts';

export type DispatcherOptions = {
  readonly queue: Queue;
  readonly claim: Pick<Claimer, 'claim' | 'lookUp' | 'takeOver'>;
  readonly fresh: FreshClaims;
  readonly attempt: Attempter;
  readonly holder: Holder;
  readonly lanes: Lanes;
  readonly leaseRows: LeaseRows;
  /** Called when this process gave leases of targets up: others may take them. */
  readonly onLeasesGivenUp: () => void;
  /** Called when deliveries are held for the process that has the lease of their target. */
  readonly onHeldForOthers: () => void;
  /** The most requests open at once; slots.ts shares them out. */
  readonly concurrency: number;
  /** The bound of the bodies of open requests; undefined: they have no bound of their own. */
  readonly loans?: Loans;
  readonly fairShare: FairShare;
  readonly lateDeliveries: Pick<LateDeliveries, 'note'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

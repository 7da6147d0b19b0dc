/**
 * Takes deliveries over from a publish of this process. Their jobs are inserted as claimed ones, and are sent right after
 * the commit: nothing is asked of the queue, and nothing is read again.
 *
 *     take ──▶ reserved: its lane keeps room ──send──▶ admitted to its lane, like every claim
 *                 │                            └─ giveBack: it waits in the queue
 *                 └─ disposed of: the transaction was rolled back, and nothing was sent
 *
 * Invariants:
 *   - nobody is overtaken: nothing is taken while a job may wait in the queue that is not just being claimed, or a held
 *     delivery for the same target; and what is being claimed goes first (`holdUp`);
 *   - but while the process is strained, the queue is never known to be empty, and a claim of it takes long. Then those of a
 *     quiet organization whose turn has come go at once: claims would take them next;
 *   - what is taken could start at once, as far as slots go, and waits in memory for its lane at most;
 *   - a worker that dies leaves a claimed job that nobody touches: another worker makes the attempt (see heartbeat.ts).
 */
import type { Clock } from '../../clock.ts';
import type { Job } from '../../database/job.ts';
import { isInTurn } from '../../database/priority.ts';
import type { Claim } from '../deliver/claim.ts';
import type { FreshClaims } from '../deliver/fresh-claims.ts';
import type { FreshDelivery, HandOver, Handing } from '../fresh-deliveries.ts';
import type { OpenTo } from './claim-policy.ts';
import type { Scheduler } from './scheduler.ts';

/** The hand-over, as its worker sees it. */
export type WorkerHandOver = HandOver & {
  /**
   * Holds up the hand-overs that begin now, because a claim is under way, until the returned function is called.
   * `hasAll`: the claim has taken everything that waited; otherwise what was held up goes to the queue.
   */
  holdUp(): (hasAll: boolean) => void;
};

/** A claim of the queue; what was handed over since it began waits for its end. */
type ClaimUnderWay = { hasAll: boolean | undefined; readonly waiting: Claim[] };

type Options = {
  readonly fresh: FreshClaims;
  readonly scheduler: Pick<Scheduler, 'reserve' | 'unreserve'>;
  readonly clock: Clock;
  /** Whose deliveries the worker may take now. */
  readonly openTo: () => OpenTo;
  /** Whether the organization has to leave room to quiet ones. */
  readonly isRestrained: (organizationId: string) => boolean;
  /** Sends the claims. */
  readonly receive: (claims: Claim[]) => void;
  /** Puts jobs back into the queue. */
  readonly giveBack: (jobs: Job[]) => void;
  /** Called when a job was left to the queue. */
  readonly onLeft: () => void;
};

/**
 * A transaction that took longer to commit is not sent from what was read before it: its target may have changed, and
 * others may soon take its jobs for those of a dead worker.
 */
const FRESH_MS = 1_000;

export function createHandOver(options: Options): WorkerHandOver {
  let underWay: ClaimUnderWay | undefined;
  return {
    begin(readAt) {
      const openTo = options.openTo();
      if (openTo === 'nobody' || !isFresh(readAt, options.clock)) return undefined;
      if (openTo === 'all') return createHanding(options, { readAt, before: underWay, mayTake: () => true });
      const { isRestrained, clock } = options;
      const mayTake = ({ organizationId, priority }: FreshDelivery) =>
        !isRestrained(organizationId) && isInTurn(priority, clock.now());
      return createHanding(options, { readAt, before: undefined, mayTake });
    },
    holdUp() {
      const claim: ClaimUnderWay = { hasAll: undefined, waiting: [] };
      underWay = claim;
      return (hasAll) => {
        underWay = undefined;
        claim.hasAll = hasAll;
        if (claim.waiting.length === 0) return;
        if (hasAll) options.receive(claim.waiting);
        else options.giveBack(claim.waiting.map(({ job }) => job));
      };
    },
  };
}

const isFresh = (readAt: Date, clock: Clock): boolean => clock.now().getTime() - readAt.getTime() <= FRESH_MS;

type Begun = {
  readonly readAt: Date;
  /** The claim that was under way when the hand-over began, if it goes first. */
  readonly before: ClaimUnderWay | undefined;
  readonly mayTake: (delivery: FreshDelivery) => boolean;
};

function createHanding(options: Options, { readAt, before, mayTake }: Begun): Handing {
  const { fresh, scheduler, clock, receive, giveBack, onLeft } = options;
  let taken: Claim[] = [];
  let hasLeft = false;

  /** Returns what was taken, and gives its room back. */
  function release(): Claim[] {
    const released = taken;
    taken = [];
    for (const { targetId } of released) scheduler.unreserve(targetId, clock.monotonicMs());
    return released;
  }

  function giveAllBack(): void {
    const jobs = release().map(({ job }) => job);
    if (jobs.length > 0) giveBack(jobs);
  }

  return {
    take(delivery) {
      const claim = mayTake(delivery) ? fresh.make(delivery, readAt) : undefined;
      const isTaken = claim !== undefined && scheduler.reserve(claim, clock.monotonicMs());
      if (isTaken) taken.push(claim);
      else hasLeft = true;
      return isTaken;
    },
    prepare(bodyOf) {
      try {
        fresh.signAhead(taken, bodyOf);
      } catch {
        // The attempt finds the same, and tells of it.
      }
    },
    send() {
      if (!isFresh(readAt, clock) || before?.hasAll === false) giveAllBack();
      else if (before && before.hasAll === undefined) before.waiting.push(...release());
      else if (taken.length > 0) receive(release());
      if (hasLeft) onLeft();
    },
    giveBack: giveAllBack,
    [Symbol.dispose]: () => void release(),
  };
}

/**
 * Why a delivery is not being sent now, as far as its rows tell, whichever process would send it. A worker writes down every
 * wait that can last: it holds the delivery, or dates its job. A claimed job starts within about a second.
 */
import { isOpen, type AttemptTrigger, type DeliveryStatus } from '../delivery.ts';
import type { TargetLimits, TargetStatus } from '../targets/target.ts';

export type DeliveryWait =
  'SCHEDULE' | 'TARGET_PAUSED' | 'TARGET_DISABLED' | 'TARGET_BUSY' | 'RATE_LIMIT' | 'ORDER' | 'QUEUE';

/** What the rows of a delivery, its job and its target say. */
export type WaitFacts = Pick<TargetLimits, 'rateLimitPerSecond'> & {
  readonly status: DeliveryStatus;
  readonly nextTrigger: AttemptTrigger;
  readonly nextAttemptAt: Date | null;
  readonly held: boolean;
  /** The delivery that must end first; null: none. */
  readonly blockedBy: string | null;
  /** Whether a worker has claimed its job: the attempt is under way, or starts soon. */
  readonly isClaimed: boolean;
  readonly targetStatus: TargetStatus;
  readonly targetDeleted: boolean;
  /** Whether the target asked for time by Retry-After, and no answer has ended that yet. */
  readonly isDeferred: boolean;
  /** When an attempt of the target last ended; null: never. */
  readonly lastAttemptAt: Date | null;
};

/** A target that a rate limit holds back ends an attempt this often, or as often as the limit lets one begin. */
const LIMITED_MS = 2_000;

/** Null: it is being sent, or it has ended. */
export function waitOf(facts: WaitFacts, now: Date): DeliveryWait | null {
  if (!isOpen(facts.status) || facts.isClaimed) return null;
  if (facts.blockedBy !== null) return 'ORDER';
  if (facts.targetDeleted || facts.targetStatus === 'DISABLED') return 'TARGET_DISABLED';
  if (facts.targetStatus === 'PAUSED') return 'TARGET_PAUSED';
  if (facts.nextTrigger === 'SCHEDULE' && facts.nextAttemptAt !== null && facts.nextAttemptAt > now) return 'SCHEDULE';
  if (facts.isDeferred && facts.nextTrigger === 'SCHEDULE') return 'RATE_LIMIT';
  if (!facts.held) return 'QUEUE';
  return isRateLimited(facts, now) ? 'RATE_LIMIT' : 'TARGET_BUSY';
}

/** Whether the target goes on answering at its limit. When nothing has ended for long, its open requests fill the lane. */
function isRateLimited({ rateLimitPerSecond, lastAttemptAt }: WaitFacts, now: Date): boolean {
  if (rateLimitPerSecond === null || lastAttemptAt === null) return false;
  return now.getTime() - lastAttemptAt.getTime() <= LIMITED_MS + 1_000 / rateLimitPerSecond;
}

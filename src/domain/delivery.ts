/**
 * The life of a delivery, as a pure state machine.
 *
 *     PENDING ──delivered──▶ DELIVERED
 *        │  └──failed──▶ RETRYING ──delivered──▶ DELIVERED
 *        │                │ ▲ └──the schedule ends──▶ FAILED
 *        │                └─┘ failed                    │
 *        │                  ▲───────manual retry────────┘
 *        └──cancel──▶ CANCELLED   (also from RETRYING; from FAILED where it holds others of its chain up, see order.ts)
 *
 * Invariants:
 *   - attempts are numbered 1, 2, … whatever triggered them;
 *   - only a scheduled attempt uses up a step of the schedule, unless the service itself was at fault;
 *   - a failed manual attempt leaves the delivery where it was: on its schedule, or FAILED; when the service was at fault, it is
 *     made again;
 *   - every delivery ends, also while the service stays at fault.
 */
import { nextAttemptTime, type RetryPolicy } from './retry.ts';

export type DeliveryStatus = 'PENDING' | 'RETRYING' | 'DELIVERED' | 'FAILED' | 'CANCELLED';

export type AttemptTrigger = 'SCHEDULE' | 'MANUAL';

export type AttemptOutcome =
  | ('DELIVERED' | 'HTTP_ERROR' | 'TIMEOUT' | 'DNS_ERROR' | 'CONNECTION_ERROR' | 'TLS_ERROR' | 'FORBIDDEN_ADDRESS')
  /** The fault of the service: it costs the target nothing, and the delivery no attempt of its schedule. */
  | 'PROXY_ERROR';

/** Whether attempts are still to come. */
export const isOpen = (status: DeliveryStatus): boolean => status === 'PENDING' || status === 'RETRYING';

/** What a delivery knows between attempts. */
export type Progress = {
  /** Scheduled attempts that failed. */
  readonly scheduleStep: number;
  /** Scheduled attempts in all. */
  readonly maxAttempts: number;
  /** What triggered the attempt at hand. */
  readonly trigger: AttemptTrigger;
  /** During a manual attempt: when the schedule goes on; null where the schedule had ended. */
  readonly resumeAt: Date | null;
};

/** The state after an attempt. `nextAttemptAt` is null in a final state. */
export type Transition = {
  readonly status: 'DELIVERED' | 'RETRYING' | 'FAILED';
  readonly scheduleStep: number;
  readonly nextAttemptAt: Date | null;
};

export function afterSuccess({ scheduleStep }: Progress): Transition {
  return { status: 'DELIVERED', scheduleStep, nextAttemptAt: null };
}

type Failure = { readonly failedAt: Date; readonly retryAfterMs: number | undefined; readonly random: number };

export function afterFailure(progress: Progress, policy: RetryPolicy, failure: Failure): Transition {
  if (progress.trigger === 'MANUAL') return afterManualFailure(progress, failure.failedAt);
  // A manual attempt that is made again, for a fault of the service, comes after the end of the schedule.
  const scheduleStep = Math.min(progress.scheduleStep + 1, progress.maxAttempts);
  if (scheduleStep >= progress.maxAttempts) return { status: 'FAILED', scheduleStep, nextAttemptAt: null };
  return { status: 'RETRYING', scheduleStep, nextAttemptAt: nextAttemptTime(scheduleStep, policy, failure) };
}

/** RETRY_SCHEDULE may begin with 0 s, which is no time for a service to recover. */
const LEAST_OWN_DELAY_MS = 30_000;

/**
 * The state after an attempt that never reached the target, by a fault of the service. `attempts`: all that were made, with this
 * one. Those that used up no step tell how often the service was at fault; manual ones are among them, and make the wait longer.
 * It is made again after the first delay of the schedule, then after the second, and so on. After as many as the schedule has
 * delays, each further one counts like a failure of the target, so that the delivery ends.
 */
export function afterOwnFault(
  progress: Progress,
  policy: RetryPolicy,
  { attempts, ...fault }: Omit<Failure, 'retryAfterMs'> & { readonly attempts: number },
): Transition {
  const failure: Failure = { ...fault, retryAfterMs: undefined };
  const { trigger, scheduleStep, resumeAt } = progress;
  const faults = attempts - scheduleStep;
  const goesOn = trigger === 'MANUAL' && resumeAt !== null;
  if (goesOn || faults > policy.scheduleMs.length) return afterFailure(progress, policy, failure);
  const earliestMs = failure.failedAt.getTime() + LEAST_OWN_DELAY_MS;
  const scheduledMs = nextAttemptTime(faults, policy, failure).getTime();
  return { status: 'RETRYING', scheduleStep, nextAttemptAt: new Date(Math.max(scheduledMs, earliestMs)) };
}

function afterManualFailure({ scheduleStep, resumeAt }: Progress, failedAt: Date): Transition {
  if (resumeAt === null) return { status: 'FAILED', scheduleStep, nextAttemptAt: null };
  return { status: 'RETRYING', scheduleStep, nextAttemptAt: resumeAt > failedAt ? resumeAt : failedAt };
}

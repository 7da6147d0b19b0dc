/**
 * The life of a delivery, as a pure state machine.
 *
 *     PENDING ──delivered──▶ DELIVERED
 *        │  └──failed──▶ RETRYING ──delivered──▶ DELIVERED
 *        │                │ ▲ └──the schedule ends──▶ FAILED
 *        │                └─┘ failed                    │
 *        │                  ▲───────manual retry────────┘
 *        └──cancel──▶ CANCELLED   (also from RETRYING)
 *
 * Invariants:
 *   - attempts are numbered 1, 2, … whatever triggered them;
 *   - only a scheduled attempt uses up a step of the schedule, unless the service itself was at fault;
 *   - a failed manual attempt leaves the delivery where it was: on its schedule, or FAILED.
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
  const scheduleStep = progress.scheduleStep + 1;
  if (scheduleStep >= progress.maxAttempts) return { status: 'FAILED', scheduleStep, nextAttemptAt: null };
  return { status: 'RETRYING', scheduleStep, nextAttemptAt: nextAttemptTime(scheduleStep, policy, failure) };
}

/** The state after an attempt that never reached the target, by a fault of the service: tried again after the first delay. */
export function afterOwnFault(
  progress: Progress,
  policy: RetryPolicy,
  failure: Omit<Failure, 'retryAfterMs'>,
): Transition {
  const { trigger, scheduleStep } = progress;
  if (trigger === 'MANUAL') return afterManualFailure(progress, failure.failedAt);
  const nextAttemptAt = nextAttemptTime(1, policy, { ...failure, retryAfterMs: undefined });
  return { status: 'RETRYING', scheduleStep, nextAttemptAt };
}

function afterManualFailure({ scheduleStep, resumeAt }: Progress, failedAt: Date): Transition {
  if (resumeAt === null) return { status: 'FAILED', scheduleStep, nextAttemptAt: null };
  return { status: 'RETRYING', scheduleStep, nextAttemptAt: resumeAt > failedAt ? resumeAt : failedAt };
}

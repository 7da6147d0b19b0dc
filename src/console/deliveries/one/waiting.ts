/** Why an open delivery is not being sent now, and what to do about it. */
import type { DeliveryStatus, DeliveryWait, WebhookTargetStatus } from '../../generated/graphql.ts';

export type Waiting = {
  readonly status: DeliveryStatus;
  readonly waitingFor: DeliveryWait | null;
  readonly nextAttemptAt: string | null;
  readonly attemptCount: number;
  readonly maxAttempts: number;
  readonly blockedBy: { readonly status: DeliveryStatus } | null;
  readonly target: {
    readonly status: WebhookTargetStatus;
    readonly disabledReason: string | null;
    readonly deletedAt: string | null;
    readonly deferredUntil: string | null;
    readonly maxConcurrency: number | null;
    readonly rateLimitPerSecond: number | null;
  };
};

export type WaitingReason = {
  readonly why: string;
  readonly advice: string | null;
  /** When it is over, where that is known. */
  readonly until: string | null;
};

/** Null: it has ended, so it waits for nothing. */
export function explainWaiting(delivery: Waiting, now: number): WaitingReason | null {
  if (delivery.status !== 'PENDING' && delivery.status !== 'RETRYING') return null;
  const explain = delivery.waitingFor === null ? UNDER_WAY : WORDS[delivery.waitingFor];
  return (explain ?? UNKNOWN)(delivery, now);
}

const reason = (why: string, advice: string | null = null, until: string | null = null): WaitingReason => ({
  why,
  advice,
  until,
});

const UNDER_WAY = (): WaitingReason =>
  reason('A worker has taken it: its request is open, or starts within about a second.');
const UNKNOWN = (): WaitingReason =>
  reason('It waits. This page does not know the reason: it is older than the service.');

type Explain = (delivery: Waiting, now: number) => WaitingReason;

const WORDS: Readonly<Partial<Record<string, Explain>>> = {
  QUEUE: () => reason('It may be sent, and waits for a free worker.'),
  SCHEDULE: ({ nextAttemptAt, attemptCount, maxAttempts }) => {
    // Retries by hand come on top of the schedule.
    const made = attemptCount > maxAttempts ? attemptCount : `${attemptCount} of ${maxAttempts}`;
    return reason(
      'It waits for its next attempt.',
      `${made} attempts are made. Retry makes one now, and uses up no step of the schedule.`,
      nextAttemptAt,
    );
  },
  TARGET_PAUSED: () => reason('Its target is paused.', 'It goes out when the target is active again.'),
  TARGET_DISABLED: ({ target: { deletedAt, disabledReason } }) =>
    deletedAt === null
      ? reason(
          disabledReason === null ? 'Its target is disabled.' : `Its target is disabled: ${disabledReason}`,
          'It goes out when the target is active again.',
        )
      : reason('Its target was deleted.'),
  TARGET_BUSY: ({ target: { maxConcurrency } }) =>
    reason(
      maxConcurrency === null
        ? 'Its target has as many requests open as it bears.'
        : `Its target has as many requests open as it bears, at most ${maxConcurrency} at once.`,
      'The service finds out by the answers how many that are. Faster answers let more through.',
    ),
  RATE_LIMIT: ({ target: { deferredUntil, rateLimitPerSecond } }, now) =>
    deferredUntil !== null && Date.parse(deferredUntil) > now
      ? reason('The target asked for time (Retry-After).', 'Retry makes an attempt now all the same.', deferredUntil)
      : reason(
          rateLimitPerSecond === null
            ? 'The target asked for time (Retry-After). One delivery goes out next, and its answer decides for the others.'
            : `The target gets at most ${rateLimitPerSecond} requests a second, and others go first.`,
        ),
  ORDER: ({ blockedBy }) =>
    reason(
      'An earlier delivery to this target must end first: the target gets its events in order.',
      blockedBy?.status === 'FAILED'
        ? 'That one has failed, and holds the others up until it is retried or cancelled.'
        : null,
    ),
} satisfies Readonly<Record<DeliveryWait, Explain>>;

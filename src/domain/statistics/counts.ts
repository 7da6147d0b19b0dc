/** What is counted of attempts, for any part of them: a step, a target, a whole range. */
import type { AttemptOutcome } from '../delivery.ts';
import { addTally, type Tally } from './tally.ts';

/** As a row holds them: PostgreSQL sends a bigint as text. */
export type StoredCounts = {
  readonly attempts: string;
  readonly delivered: string;
  readonly retries: string;
  readonly manual: string;
  readonly exhausted: string;
  readonly outcomes: readonly number[];
  readonly durations: readonly number[];
  readonly latencies: readonly number[];
};

export type AttemptCounts = {
  attempts: number;
  delivered: number;
  /** Attempts after the first one of their delivery. */
  retries: number;
  /** Attempts that somebody asked for. */
  manual: number;
  /** Attempts with which their delivery became FAILED. */
  exhausted: number;
  /** By outcomeKey. */
  readonly outcomes: Tally;
  /** Of requests: by bucket. */
  readonly durations: Tally;
  /** From the publish to the 2xx, of first deliveries: by bucket. */
  readonly latencies: Tally;
};

export const createCounts = (): AttemptCounts => ({
  attempts: 0,
  delivered: 0,
  retries: 0,
  manual: 0,
  exhausted: 0,
  outcomes: new Map(),
  durations: new Map(),
  latencies: new Map(),
});

export function addStored(counts: AttemptCounts, stored: StoredCounts): void {
  counts.attempts += Number(stored.attempts);
  counts.delivered += Number(stored.delivered);
  counts.retries += Number(stored.retries);
  counts.manual += Number(stored.manual);
  counts.exhausted += Number(stored.exhausted);
  addTally(counts.outcomes, stored.outcomes);
  addTally(counts.durations, stored.durations);
  addTally(counts.latencies, stored.latencies);
}

export function addCounts(counts: AttemptCounts, more: AttemptCounts): void {
  for (const name of ['attempts', 'delivered', 'retries', 'manual', 'exhausted'] as const) counts[name] += more[name];
  for (const name of ['outcomes', 'durations', 'latencies'] as const) {
    for (const [key, count] of more[name]) counts[name].set(key, (counts[name].get(key) ?? 0) + count);
  }
}

/** Stored for hundreds of days: a number is never given to another outcome. */
export const OUTCOME_NUMBERS: Readonly<Record<AttemptOutcome, number>> = {
  DELIVERED: 1,
  HTTP_ERROR: 2,
  TIMEOUT: 3,
  DNS_ERROR: 4,
  CONNECTION_ERROR: 5,
  TLS_ERROR: 6,
  FORBIDDEN_ADDRESS: 7,
  PROXY_ERROR: 8,
};

const OUTCOMES = new Map(
  Object.entries(OUTCOME_NUMBERS).map(([outcome, number]) => [number, outcome as AttemptOutcome]),
);

/** An outcome's key is ten times its number, plus the class of the response: 2 to 5, or 0 without one. */
export const OUTCOME_KEY_FACTOR = 10;

export type OutcomeCounted = {
  readonly outcome: AttemptOutcome;
  readonly statusClass: number | null;
  readonly count: number;
};

/** The outcomes that occurred, the most frequent first. */
export function outcomesOf({ outcomes }: AttemptCounts): OutcomeCounted[] {
  return [...outcomes]
    .flatMap(([key, count]) => {
      const outcome = OUTCOMES.get(Math.floor(key / OUTCOME_KEY_FACTOR));
      // A process of the next release may have counted an outcome that this one does not know.
      return outcome && count > 0 ? [{ outcome, statusClass: key % OUTCOME_KEY_FACTOR || null, count }] : [];
    })
    .toSorted((one, other) => other.count - one.count);
}

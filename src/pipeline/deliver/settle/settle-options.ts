/** What settling needs, and whom it tells. */
import type { Clock } from '../../../clock.ts';
import type { Gather } from '../../../database/batch.ts';
import type { Database } from '../../../database/client.ts';
import type { Queue } from '../../../database/queue.ts';
import { isPassing, isTooMuch } from '../../../database/refusal.ts';
import type { TellingTransaction } from '../../../database/telling.ts';
import type { IdGenerator } from '../../../domain/ksuid.ts';
import type { RetryPolicy } from '../../../domain/retry.ts';
import type { Successor } from '../claim.ts';
import type { Verdict } from '../judge.ts';
import type { DestinationRecorder } from './record-destinations.ts';
import { SERVICE_EVENT_TYPES } from '../../../domain/event-types/service-event-types.ts';

/** The most verdicts of one transaction. */
export const BATCH_VERDICTS = 256;

/** When a target that only fails is disabled; see health-sql.ts. */
export type DisablePolicy = { readonly afterMs: number; readonly afterFailures: number };

/** The types of service events, whose deliveries cause none; null: there are no such events. */
export const serviceTypes = ({ tellingTransaction }: SettlerOptions): readonly string[] | null =>
  tellingTransaction ? SERVICE_EVENT_TYPES : null;

/** After how many failures in a row a target is failing: half of those that may disable it. */
export const failingAfter = ({ afterFailures }: DisablePolicy): number => Math.ceil(afterFailures / 2);

/**
 * After which errors of telling the verdicts are settled again. A single verdict that takes too long is settled without its
 * events: otherwise it might never be.
 */
export const repeatsAfter =
  ({ length }: readonly Verdict[]) =>
  (error: unknown): boolean =>
    isPassing(error) && (length > 1 || !isTooMuch(error));

export type SettlerOptions = {
  readonly database: Database;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly policy: RetryPolicy;
  readonly disable: DisablePolicy;
  readonly destinations: DestinationRecorder;
  /** Undefined: the service publishes no events of its own. */
  readonly tellingTransaction?: TellingTransaction | undefined;
  /** Called after each commit, when the changes are visible. */
  readonly onCommit: () => void;
  /** Called after the commit that disabled these targets. */
  readonly onDisabled: (targetIds: readonly string[]) => void;
  /** Whether this process sends a delivery at once that a commit releases. Otherwise its job waits in the queue. */
  readonly takesReleased: () => boolean;
  /** Called after a commit that released deliveries which are sent now: with those whose jobs are claimed for this process. */
  readonly onReleased: (taken: readonly Successor[]) => void;
  /** Called after a commit that began or ended the deferral of targets. */
  readonly onDeferred: () => void;
  readonly onError: (error: unknown) => void;
  /** Waits until more verdicts are there for one transaction (database/batch.ts). Default: it does not. */
  readonly gather?: Gather | undefined;
  /** Waits before the next try; a crash while waiting repeats the attempts, as the promise allows. */
  readonly backOff: (failures: number) => Promise<void>;
};

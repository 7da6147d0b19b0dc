/** What publishing needs, and whom it tells. */
import type { Clock } from '../../clock.ts';
import type { Gather } from '../../database/batch.ts';
import type { Database } from '../../database/client.ts';
import type { KeyHash } from '../../database/key-hash.ts';
import type { Queue } from '../../database/queue.ts';
import type { IdGenerator } from '../../domain/ksuid.ts';
import type { Tracing } from '../../tracing.ts';
import type { SchemaChecks } from '../../domain/schemas/checks.ts';
import type { Bodies } from '../bodies.ts';
import type { HandOver } from '../fresh-deliveries.ts';
import type { Filters } from './filters.ts';

export type PublisherOptions = {
  readonly database: Database;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly bodies: Bodies;
  /** By which a publish is known that repeats an erased event. */
  readonly keyHash: Pick<KeyHash, 'of'>;
  readonly maxAttempts: number;
  /** The worker of this process, which sends what is published here. Default: everything waits in the queue. */
  readonly handOver?: HandOver | undefined;
  /** Whether the service publishes events itself: then clients may not publish their types. Default: false. */
  readonly serviceEvents?: boolean;
  /** Default: filters of its own. */
  readonly filters?: Filters;
  /** Default: checks of its own. */
  readonly schemas?: SchemaChecks;
  /** The longest time until a publish is answered, committed or not. Default: less than clients wait. */
  readonly patienceMs?: number;
  /**
   * Whether the organization has to leave room to others (fairness/fair-share.ts): what it publishes shares no transaction with
   * theirs, and leaves one of the parallel transactions to them. Default: none has to.
   */
  readonly isLoud?: ((organizationId: string) => boolean) | undefined;
  /**
   * Leaves the process to others in the middle of a publish to thousands of targets, where the organization has to (FairShare.pause).
   * Undefined: it has not. Default: nobody has to.
   */
  readonly pause?: ((organizationId: string) => Promise<void> | undefined) | undefined;
  /** Waits until more requests are there for one transaction (database/batch.ts). Default: it does not. */
  readonly gather?: Gather | undefined;
  /** Tells the trace context that is stored with events. Default: none is. */
  readonly tracing?: Pick<Tracing, 'current'> | undefined;
  /** Called after each commit, when deliveries are due and changes are visible. */
  readonly onCommit: (written: Written) => void;
};

/** What a commit has added. */
export type Written = {
  readonly events: number;
  readonly deliveries: number;
  /** How many of the deliveries have a job that waits in the queue. */
  readonly queued: number;
  /** How many targets were left out by their filters. */
  readonly filtered: number;
};

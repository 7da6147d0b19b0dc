/** What publishing needs, and whom it tells. */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import type { Queue } from '../../database/queue.ts';
import type { IdGenerator } from '../../domain/ksuid.ts';
import type { SchemaChecks } from '../../domain/schemas/checks.ts';
import type { Bodies } from '../bodies.ts';

export type PublisherOptions = {
  readonly database: Database;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly bodies: Bodies;
  readonly maxAttempts: number;
  /** Default: checks of its own. */
  readonly schemas?: SchemaChecks;
  /** The longest time until a publish is answered, committed or not. Default: less than clients wait. */
  readonly patienceMs?: number;
  /** Called after each commit, when deliveries are due and changes are visible. */
  readonly onCommit: (written: Written) => void;
};

/** What a commit has added. */
export type Written = { readonly events: number; readonly deliveries: number };

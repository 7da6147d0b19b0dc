/**
 * Transactions that tell of themselves: the service publishes an event about a change in the transaction that makes the
 * change. Both are committed, or neither is. pipeline/publish/service-events.ts makes them.
 */
import type pg from 'pg';
import type { ServiceEvent } from '../domain/service-event.ts';
import type { Database } from './client.ts';

/**
 * Publishes the events in the transaction, the last statements of the work if possible. An event that cannot be published is
 * logged, and the change goes on without it. Throws only what the caller repeats after.
 */
export type Tell = (events: readonly ServiceEvent[]) => Promise<void>;

type TellingOptions = {
  /**
   * Whether the caller makes the whole transaction again after this error. Then `tell` throws it, and no event is lost. Default:
   * never, because a change must not fail for its event.
   */
  readonly repeatsAfter?: (error: unknown) => boolean;
};

/** Like `Database.transaction`. */
export type TellingTransaction = <T>(
  work: (tx: pg.PoolClient, tell: Tell) => Promise<T>,
  options?: TellingOptions,
) => Promise<T>;

/** A transaction that publishes nothing: the service is told not to, by SERVICE_EVENTS. */
export const silently =
  ({ transaction }: Pick<Database, 'transaction'>): TellingTransaction =>
  (work) =>
    transaction((tx) => work(tx, async () => {}));

/**
 * Transactions that tell of themselves: the service publishes an event about a change in the transaction that makes the
 * change. Both are committed, or neither is. pipeline/publish/service-events.ts makes them.
 */
import type pg from 'pg';
import type { ServiceEvent } from '../domain/service-event.ts';
import type { Database } from './client.ts';

/**
 * Publishes the events in the transaction, the last statements of the work if possible. Never throws for an event that cannot
 * be published: that is logged, and the change goes on without it.
 */
export type Tell = (events: readonly ServiceEvent[]) => Promise<void>;

/** Like `Database.transaction`. */
export type TellingTransaction = <T>(work: (tx: pg.PoolClient, tell: Tell) => Promise<T>) => Promise<T>;

/** A transaction that publishes nothing: the service is told not to, by SERVICE_EVENTS. */
export const silently =
  ({ transaction }: Pick<Database, 'transaction'>): TellingTransaction =>
  (work) =>
    transaction((tx) => work(tx, async () => {}));

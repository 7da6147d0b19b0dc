/**
 * Larger batches while deliveries are late. A transaction for two items costs nearly as much as one for fifty, of this process and
 * of PostgreSQL, and who waits for seconds does not notice GATHER_MS.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { LateDeliveries } from './late-deliveries.ts';

/** So many items make a batch worth its transaction. */
const ENOUGH = 64;
const GATHER_MS = 20;

/** Returns what lets a batch wait for more items (database/batch.ts). */
export const createGather =
  (deliveries: Pick<LateDeliveries, 'areLate'>, pause: (ms: number) => Promise<void> = delay) =>
  (waiting: number): Promise<void> | undefined =>
    waiting < ENOUGH && deliveries.areLate ? pause(GATHER_MS) : undefined;

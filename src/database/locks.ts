/**
 * The advisory locks of Hookcast: every number stands here, so that no two uses share one. Such locks belong to a
 * database, whatever the schema; each schema has its own set, so that two deployments side by side do not wait for
 * each other.
 */
import { createHash } from 'node:crypto';
import { DEFAULT_SCHEMA } from './connect/database-url.ts';

const NUMBERS = {
  /** Brings the database up to date. */
  migration: 7_210_455_001n,
  /** Deletes what is past its time. */
  retention: 7_210_455_002n,
  /** Makes the next signing key. */
  signingKeys: 7_210_455_003n,
  /** Makes the first organization and key, loads the catalogs. */
  bootstrap: 7_210_455_004n,
  /** Adopts events that the release before publishes. */
  eventAdoption: 7_210_455_005n,
  /** Builds the indexes of large tables. */
  lateIndexes: 7_210_455_080n,
  /** Counts changes for the statistics. */
  statistics: 7_210_455_060n,
  /** Counts the changes of before the upgrade. */
  statisticsHistory: 7_210_455_061n,
  /** Merges counts, and deletes old ones. */
  statisticsMerge: 7_210_455_062n,
} as const;

export type LockName = keyof typeof NUMBERS;

/** For pg_advisory_xact_lock and its like. In the schema `public` it is the number itself, as the first release has it. */
export function lockNumber(name: LockName, schema: string): string {
  const number = NUMBERS[name];
  if (schema === DEFAULT_SCHEMA) return number.toString();
  return createHash('sha256').update(`${number}:${schema}`).digest().readBigInt64BE().toString();
}

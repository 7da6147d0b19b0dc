/** Tells a refusal from an outage: after an outage the same statement may pass, after a refusal it never will. */
import { IDLE_IN_TRANSACTION, QUERY_CANCELED } from './sql-state.ts';
import { sqlState } from './statement.ts';

/**
 * SQLSTATE classes of a refusal: cardinality, data, constraint, check of a view, limits of the program (an index row that is
 * too large), an error that a trigger raises, and internal errors, which corrupt rows cause.
 */
const CLASSES = /^(21|22|23|44|54|P0|XX)/;

export function isRefusal(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return CLASSES.test(state);
  return error instanceof TypeError || error instanceof RangeError; // It could not even be sent.
}

/** Whether a statement took too long, or what was done between two of them: with fewer rows it may pass. */
export const isTooMuch = (error: unknown): boolean =>
  [QUERY_CANCELED, IDLE_IN_TRANSACTION].includes(sqlState(error) ?? '');

/** A deadlock, a lock that others hold, a statement that was ended, no disk, memory or connections. */
const PASSING = /^(40P01|55P03|57014|53...)$/;

/** Whether the same statement may pass a moment later. */
export const isPassing = (error: unknown): boolean => PASSING.test(sqlState(error) ?? '');

/**
 * How many rows a step looks at: events, or FAILED deliveries. Some replay every row, and others one of thousands. So a replay that
 * searches looks at more and more, and one whose steps are ended by its rate at few: to read a thousand rows for the next 25
 * deliveries would hold everything fresh up.
 */
import type { Stepped } from './step.ts';

export const FIRST_ROWS = 50;
const LEAST_ROWS = 10;
const MOST_ROWS = 1_000;
/** An event of 10,000 targets takes as long as 10,000 rows. */
const LONG_MS = 500;
const SHORT_MS = 50;

/** The rows of the next step, after one that looked at `rows` and took `tookMs`. */
export function nextRows(rows: number, { made, waitMs }: Pick<Stepped, 'made' | 'waitMs'>, tookMs: number): number {
  if (tookMs > LONG_MS) return Math.max(rows >> 1, LEAST_ROWS);
  if (waitMs === 0) return tookMs < SHORT_MS ? Math.min(rows * 2, MOST_ROWS) : rows;
  return made > 0 && rows > FIRST_ROWS ? rows >> 1 : rows;
}

/** After a step that failed: so many rows may be too many for the time that a statement has. */
export const rowsAfterFailure = (rows: number): number => Math.max(rows >> 2, LEAST_ROWS);

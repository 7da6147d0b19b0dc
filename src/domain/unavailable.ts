/**
 * Whether an error says that Postgres is away, or not as we need it: worth trying again, and no bug to report.
 *
 * Tables and rights that are gone count as well. Every start looks for all of them, and tests run every statement, so
 * somebody has taken them away since: clients should come back when they are there again. Nothing else tells such a loss from
 * a statement of ours that names a wrong table. So it is logged as an error, where other outages are a warning, with the
 * words of PostgreSQL, which name the table. A wrong column or alias can only be ours, and is a bug.
 */

/** SQLSTATE classes: the connection broke; out of disk, memory or connections. */
const CLASSES = /^(08|53)/;

const CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  // The server has cancelled the statement, shuts down or starts up.
  '57014',
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  // Its disk fails; it is a standby, which takes no writes.
  '58030',
  '25006',
  // No host takes writes; a former primary has come back after a failover.
  'NO_PRIMARY',
  'WRONG_SERVER',
  '55P03', // Another transaction, which may hang, holds the row.
  // Our own word for a commit that was not confirmed in time.
  'SERVICE_UNAVAILABLE',
  // Prisma's words for the same.
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
]);

/** What pg and its pool throw without a code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client (was closed|has encountered))/;

/** Also reads copies of errors, which are plain objects: pg-boss hands on such copies. */
export function isUnavailable(error: unknown): boolean {
  if (!isErrorLike(error)) return false;
  return isAway(error) || isStripped(error) || isUnavailable(error.cause);
}

/** How the log reports an error, whether it is unavailability or not. */
export function reportOf(error: unknown): { readonly level: 'warn' | 'error'; readonly cure?: string } {
  if (isStripped(error)) return { level: 'error', cure: CURE };
  return { level: isUnavailable(error) ? 'warn' : 'error' }; // An outage ends by itself, and logs a line per request.
}

type ErrorLike = { readonly message: string; readonly cause?: unknown; readonly code?: unknown };

const isErrorLike = (error: unknown): error is ErrorLike =>
  typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';

function isAway({ message, code = '' }: ErrorLike): boolean {
  return CODES.has(String(code)) || CLASSES.test(String(code)) || MESSAGES.test(message);
}

/** Whether a table, a schema or a right that was there at the start is gone. */
function isStripped(error: unknown): boolean {
  if (!isErrorLike(error)) return false;
  const { code, cause } = error;
  // By this code PostgreSQL also reports an alias that a statement does not define.
  if (code === '42P01') return /^relation ".*" does not exist$/.test(error.message);
  return STRIPPED.has(String(code)) || STRIPPED.has(String(adapterCode(error))) || isStripped(cause);
}

/** Prisma has no words of its own for most codes, and carries the code of PostgreSQL along. */
function adapterCode(error: object): unknown {
  const { meta, cause } = error as { meta?: { driverAdapterError?: Error }; cause?: { originalCode?: unknown } };
  return cause?.originalCode ?? (meta?.driverAdapterError && adapterCode(meta.driverAdapterError));
}

/** No right, no schema; the last is Prisma's code for no table. */
const STRIPPED: ReadonlySet<string> = new Set(['42501', '3F000', 'P2021']);

const CURE =
  'A table, a schema or a right of the role is gone that was there at the start. Put it back as it was: `err` names it, ' +
  'and a restart lists every right that is missing. If nothing was changed there, report it: a statement is wrong.';

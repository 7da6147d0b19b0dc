/** SQLSTATE classes: the connection broke; out of disk, memory or connections. */
const CLASSES = /^(08|53)/;

const CODES: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'],
  ...['57014', '57P01', '57P02', '57P03', '57P05'], // Cancelled, shutting down, starting up.
  ...['58030', '25006'], // Its disk fails; it is a standby, which takes no writes.
  ...['NO_PRIMARY', 'WRONG_SERVER'], // No host takes writes; a primary of before a failover has come back.
  '55P03', // Another transaction, which may hang, holds the row.
  ...['P1001', 'P1002', 'P1008', 'P1017', 'P2024'], // Prisma's words for the same.
]);

/** What pg and its pool throw without a code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client (was closed|has encountered))/;

/** Whether an error says that Postgres is away, and not that we are wrong: worth trying again, and no bug to report. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = String((error as { code?: unknown }).code ?? '');
  return CODES.has(code) || CLASSES.test(code) || MESSAGES.test(error.message) || isUnavailable(error.cause);
}

/**
 * What an error of PostgreSQL says of the connection it came on: after an ERROR it goes on, after FATAL and PANIC it ends.
 *
 * The level is told by the SQLSTATE. pg reads the level from field S of the message, which the server translates
 * (lc_messages: FEHLER, ERREUR, ОШИБКА); the words of an English server are exact, and count where they are there.
 */
import pg from 'pg';

/**
 * SQLSTATEs that end a connection: it failed; it, or its transaction, was idle or open for too long; there is no connection
 * left; the server shuts down, crashed or starts; the database was dropped.
 */
const ENDING = /^(08...|25P0[34]|53300|57P0[1-5])$/;

/** No resources, a system error, an internal one: either an ERROR of a statement, or the PANIC of a server that cannot write. */
const MAYBE_PANIC = /^(53|58|XX)/;

const LEVELS: ReadonlyMap<string | undefined, 'goes on' | 'ends'> = new Map([
  ['ERROR', 'goes on'],
  ['FATAL', 'ends'],
  ['PANIC', 'ends'],
]);

/** Whether PostgreSQL refused a statement, and goes on with the connection. */
export const isStatementError = (error: unknown): error is pg.DatabaseError => {
  if (!(error instanceof pg.DatabaseError)) return false;
  const level = LEVELS.get(error.severity);
  return level ? level === 'goes on' : !ENDING.test(error.code ?? '');
};

/** Whether COMMIT was refused: the server lives on, and has rolled the transaction back. */
export const isRefusedCommit = (error: unknown): boolean =>
  isStatementError(error) && (error.severity === 'ERROR' || !MAYBE_PANIC.test(error.code ?? ''));

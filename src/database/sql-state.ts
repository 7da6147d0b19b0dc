/** Codes of errors that Postgres reports, as far as more than one file judges by them. */
export const DEADLOCK = '40P01';
/** How our statements end their transaction: by a division by zero where something is not as it was read, or a lock is not free. */
export const DIVISION_BY_ZERO = '22012';
/** Somebody else holds the lock, and lock_timeout is over. */
export const LOCK_NOT_AVAILABLE = '55P03';
/** idle_in_transaction_session_timeout is over. */
export const IDLE_IN_TRANSACTION = '25P03';
/** Sent behind a statement that failed, in the same transaction. */
export const IN_FAILED_TRANSACTION = '25P02';
/** A statement was ended: by statement_timeout, or by somebody who cancelled it. */
export const QUERY_CANCELED = '57014';

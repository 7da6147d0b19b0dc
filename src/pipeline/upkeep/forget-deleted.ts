/**
 * Forgets the secrets of deleted targets: client certificates and own headers. The deletion does so itself, except in a process of
 * an earlier release, which knows none of these places.
 */
import { createCaretaker, type Caretaker } from '../../database/caretaker.ts';
import type { Database } from '../../database/client.ts';
import type { Sql } from '../../database/statement.ts';

type Options = {
  readonly database: Pick<Database, 'transaction'>;
  readonly onError: (error: unknown) => void;
};

/** Few releases apart are processes replaced, and no index finds what they leave: once an hour is enough. */
const FORGET_MS = 3_600_000;
/** Rows of each place in one transaction; the rest is left for the next. */
const BATCH = 1_000;

export const createForgetDeleted = ({ database, onError }: Options): Caretaker =>
  createCaretaker({
    everyMs: FORGET_MS,
    async round(signal) {
      while (!signal.aborted && (await database.transaction(forgetSome)));
    },
    onError,
  });

/** Returns whether more may be left. Rows that somebody else holds are left for the next time. */
async function forgetSome(tx: Sql): Promise<boolean> {
  let isMore = false;
  for (const text of [CERTIFICATES, HEADERS, SENT_HEADERS]) {
    const { rowCount } = await tx.query(text, [BATCH]);
    if (rowCount === BATCH) isMore = true;
  }
  return isMore;
}

const CERTIFICATES = `
  delete from target_certificates where target_id = any(array(
    select c.target_id from target_certificates c join webhook_targets t on t.id = c.target_id
    where t.deleted_at is not null limit $1 for update of c skip locked))`;

const HEADERS = `
  update webhook_targets set sealed_headers = null where id = any(array(
    select id from webhook_targets where deleted_at is not null and sealed_headers is not null
    limit $1 for update skip locked))`;

const SENT_HEADERS = `
  with due as (
    select d.target_id, d.id from target_destinations d join webhook_targets t on t.id = d.target_id
    where t.deleted_at is not null and d.sealed_headers is not null limit $1 for update of d skip locked
  )
  update target_destinations d set sealed_headers = null from due where d.target_id = due.target_id and d.id = due.id`;

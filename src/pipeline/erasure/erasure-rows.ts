/** The row of an erasure: its scope, its position and its counts, locked by the worker that holds its lease. */
import type { Database } from '../../database/client.ts';
import { FORGETTABLE, type Sql } from '../../database/statement.ts';
import type { ErasureScopeColumns } from '../../domain/erasure.ts';

/** How long a worker that died keeps an erasure from the others. Each step renews the lease. */
const LEASE_MS = 10_000;

export type LockedErasure = ErasureScopeColumns & {
  readonly id: string;
  readonly organizationId: string;
  readonly before: Date;
  readonly eventCount: number;
  readonly cancelledCount: number;
  /** No event up to this id is left to do. */
  readonly position: string;
};

/** Takes the erasure that has waited longest, and returns its id. Undefined: none is free. */
export async function takeErasure(
  { transact }: Pick<Database, 'transact'>,
  runner: string,
  now: Date,
): Promise<string | undefined> {
  const values = [runner, new Date(now.getTime() + LEASE_MS), now];
  const [, taken] = await transact([FORGETTABLE, { name: 'take_erasure', text: TAKE, values }]);
  return taken!.rows[0]?.id;
}

const TAKE = `
  update erasures set runner = $1, leased_until = $2
   where id = (
     select id from erasures where completed_at is null and (leased_until is null or leased_until <= $3)
      order by leased_until nulls first, id limit 1 for update skip locked)
  returning id`;

/** Reads an erasure that runs. Undefined when it is over, or another worker has taken its lease over. */
export async function readErasure(tx: Sql, id: string, runner: string): Promise<LockedErasure | undefined> {
  return (await tx.query<LockedErasure>({ name: 'find_erasure', text: READ, values: [id, runner] })).rows[0];
}

/** Locks it too. */
export async function lockErasure(tx: Sql, id: string, runner: string): Promise<LockedErasure | undefined> {
  return (await tx.query<LockedErasure>({ name: 'lock_erasure', text: LOCK, values: [id, runner] })).rows[0];
}

const READ = `
  select id, organization_id as "organizationId", event_id as "eventId", customer_id as "customerId", tag, before,
    event_count as "eventCount", cancelled_count as "cancelledCount", position
  from erasures where id = $1 and runner = $2 and completed_at is null`;

const LOCK = `${READ} for update`;

/** What a step has done. */
export type ErasureProgress = {
  readonly erased: number;
  readonly cancelled: number;
  readonly position: string;
  /** Nothing is left to do. */
  readonly isOver: boolean;
  /** When the next step makes sense, if the erasure is not over: 0 is at once. */
  readonly waitMs: number;
};

/** Writes what a step has done. An erasure that waits is free for every worker once the wait is over. */
export async function saveErasure(tx: Sql, { id }: LockedErasure, done: ErasureProgress, now: Date): Promise<void> {
  const { erased, cancelled, position, isOver, waitMs } = done;
  const leasedUntil = new Date(now.getTime() + (waitMs > 0 ? waitMs : LEASE_MS));
  await tx.query({
    name: 'store_erasure',
    text: SAVE,
    values: [id, erased, cancelled, position, isOver ? now : null, leasedUntil],
  });
}

const SAVE = `
  update erasures
     set event_count = event_count + $2, cancelled_count = cancelled_count + $3, position = $4, completed_at = $5,
         status = case when $5::timestamptz is null then status else 'COMPLETED' end, leased_until = $6
   where id = $1`;

/** Cancels the open deliveries that fit, at most 10,000 in a request, in one transaction after another. */
import { remember, type Effect } from '../database/effect.ts';
import { IN_INDEX_ORDER, type Sql } from '../database/statement.ts';
import { isOpen, type DeliveryStatus } from '../domain/delivery.ts';
import { endOfIdsBefore, firstIdFrom, isId } from '../domain/ksuid.ts';
import { checkListLength } from '../domain/list.ts';
import { notFound, reach, type Principal } from '../domain/reach.ts';
import { checkStorable } from '../domain/text.ts';
import { fail, succeed, userError, type Result } from '../errors.ts';
import { lockChainsOf } from '../live/order/lock-chains.ts';
import { cancelLocked, LOCKED_DELIVERY, type LockedDelivery } from '../live/delivery-rows.ts';
import { CANCEL_BATCH, nextOpen, NO_END, type OpenList } from '../live/open-deliveries.ts';
import { audit, type AuditedCaller } from './audit.ts';
import { pastDeadlocks } from './cancel.ts';
import type { RedeliverOptions } from './redeliver.ts';

/** Which deliveries: all parts that are given must fit. Null and undefined: not given. */
export type CancelDeliveriesInput = {
  readonly targetId?: string | null | undefined;
  readonly eventId?: string | null | undefined;
  readonly customerId?: string | null | undefined;
  readonly status?: readonly DeliveryStatus[] | null | undefined;
  readonly createdAt?: CreatedAt | null | undefined;
};

type CreatedAt = { readonly gte?: Date | null | undefined; readonly lt?: Date | null | undefined };

export type CancelledMany = {
  readonly cancelledCount: number;
  /** Whether the request ended at one of its limits: more that fit may be open. */
  readonly hasMore: boolean;
};

export type CancelDeliveriesOptions = Omit<RedeliverOptions, 'maxAttempts' | 'retentionDays'> & {
  /** The open deliveries that a request looks at. Default: 100,000, which take some seconds. */
  readonly mostLookedAt?: number;
};

const MOST_CANCELLED = 10_000;
const MOST_LOOKED_AT = 100_000;

/**
 * Each step looks at the next open deliveries of the event, the target or the organization, and cancels those that fit. What is
 * not open is left alone, whatever `status` says; an attempt under way still ends and is recorded. REQUIRED when neither a
 * target nor an event nor a customer is named; NOT_FOUND, INVALID, TOO_MANY.
 */
export async function cancelDeliveries(
  options: CancelDeliveriesOptions,
  caller: AuditedCaller,
  input: CancelDeliveriesInput,
  effect?: Effect,
): Promise<Result<CancelledMany>> {
  const found = await findScope(options.database.pool, caller, input);
  if (!found.ok) return found;
  const request = { scope: found.value, author: caller.author, entryId: options.ids.next(), effect };
  const after = startOfIds(input.createdAt);
  let done: Progress = { cancelledCount: 0, releasedCount: 0, lookedCount: 0, hasMore: false, after };
  while (done.after !== null) {
    const before = done;
    done = await pastDeadlocks(() => cancelStep(options, request, before));
    if (done.cancelledCount > before.cancelledCount) options.ring('changes');
    if (done.releasedCount > before.releasedCount) options.ring('jobs');
  }
  return succeed({ cancelledCount: done.cancelledCount, hasMore: done.hasMore });
}

/**
 * What is done so far. `after`: the delivery after which the next step begins; null: there is none. `releasedCount`: how many
 * have a job now, which waited for those that were cancelled.
 */
type Progress = CancelledMany & {
  readonly releasedCount: number;
  readonly lookedCount: number;
  readonly after: string | null;
};

type Scope = { readonly organizationId: string; readonly list: OpenList; readonly input: CancelDeliveriesInput };

type Request = Pick<AuditedCaller, 'author'> & {
  readonly scope: Scope;
  /** Its one row of the audit log, which each step brings up to date. */
  readonly entryId: string;
  readonly effect: Effect | undefined;
};

function cancelStep(
  { database, queue, clock, ids, mostLookedAt = MOST_LOOKED_AT }: CancelDeliveriesOptions,
  { scope, author, entryId, effect }: Request,
  before: Progress,
): Promise<Progress> {
  return database.transaction(async (tx) => {
    await tx.query(IN_INDEX_ORDER);
    const part = { after: before.after!, before: endOfIds(scope.input.createdAt) };
    const looked = await nextOpen(tx, scope.list, part);
    await lockChainsOf(tx, looked);
    const open = await lockFitting(tx, looked, scope.input, MOST_CANCELLED - before.cancelledCount);
    const cancelledCount = before.cancelledCount + open.length;
    let { releasedCount } = before;
    const lookedCount = before.lookedCount + looked.length;
    const mayBeMore = looked.length === CANCEL_BATCH;
    const hasMore = cancelledCount === MOST_CANCELLED || (mayBeMore && lookedCount >= mostLookedAt);
    if (open.length > 0) {
      const now = clock.now();
      releasedCount += await cancelLocked(tx, open, { queue, now });
      const after = { ...scope.input, cancelledCount };
      const entry = { organizationId: scope.organizationId, type: 'Delivery', id: null, before: null, after } as const;
      await audit(tx, { author, ids, now }, [{ ...entry, entryId }]);
    }
    const counts = { releasedCount, lookedCount };
    if (mayBeMore && !hasMore) return { ...counts, cancelledCount, hasMore, after: looked.at(-1)! };
    return { ...counts, ...(await remember(tx, effect, { cancelledCount, hasMore })), after: null };
  });
}

/** The ids of what was created in the range lie between these two; `created_at` itself is compared with each delivery. */
const startOfIds = (range: CreatedAt | null | undefined): string => (range?.gte ? firstIdFrom(range.gte) : '');
const endOfIds = (range: CreatedAt | null | undefined): string => (range?.lt ? endOfIdsBefore(range.lt) : NO_END);

async function findScope(sql: Sql, caller: Principal, input: CancelDeliveriesInput): Promise<Result<Scope>> {
  const { targetId, eventId, customerId, status } = input;
  const mistakes = [...checkListLength('status', status ?? []), ...checkStorable('customerId', customerId ?? '')];
  if (mistakes.length > 0) return fail(...mistakes);
  if (targetId == null && eventId == null && customerId == null) return fail(NOTHING_NAMED);
  const target = targetId == null ? undefined : await findOwner(sql, TARGET_OWNER, caller, targetId);
  const event = eventId == null ? undefined : await findOwner(sql, EVENT_OWNER, caller, eventId);
  const isAcross = target !== undefined && event !== undefined && target !== event;
  const missing = [
    ...(targetId != null && !target ? [notFound('webhook target', targetId, 'targetId')] : []),
    ...(eventId != null && (!event || isAcross) ? [notFound('event', eventId, 'eventId')] : []),
  ];
  if (missing.length > 0) return fail(...missing);
  const organizationId = event ?? target ?? caller.organizationId;
  return succeed({ organizationId, list: listOf(input, organizationId), input });
}

const NOTHING_NAMED = userError(
  'REQUIRED',
  null,
  'Expected at least one of targetId, eventId and customerId, got none. Name what the deliveries are for.',
);

/** The shortest list that has all deliveries of the scope. */
function listOf({ targetId, eventId }: CancelDeliveriesInput, organizationId: string): OpenList {
  if (eventId != null) return { of: 'event', id: eventId };
  if (targetId != null) return { of: 'target', id: targetId };
  return { of: 'organization', id: organizationId };
}

async function findOwner(sql: Sql, query: string, caller: Principal, id: string): Promise<string | undefined> {
  if (!isId(id)) return undefined;
  return (await sql.query<{ organizationId: string }>(query, [id, reach(caller)])).rows[0]?.organizationId;
}

async function lockFitting(
  tx: Sql,
  ids: readonly string[],
  { targetId, customerId, status, createdAt }: CancelDeliveriesInput,
  limit: number,
): Promise<LockedDelivery[]> {
  const statuses = (status ?? OPEN).filter(isOpen);
  const values = [ids, statuses, targetId, customerId, createdAt?.gte, createdAt?.lt, limit];
  return (await tx.query<LockedDelivery>(LOCK_FITTING, values)).rows;
}

const OPEN: readonly DeliveryStatus[] = ['PENDING', 'RETRYING'];

const TARGET_OWNER = `
  select organization_id as "organizationId" from webhook_targets
   where id = $1 and deleted_at is null and ($2::text is null or organization_id = $2)`;

const EVENT_OWNER = `
  select organization_id as "organizationId" from events
   where id = $1 and ($2::text is null or organization_id = $2)`;

// A delivery whose status has changed since it was looked at is judged by the status it has when it is locked.
const LOCK_FITTING = `
  select ${LOCKED_DELIVERY}
    from deliveries d
   where d.id = any($1) and d.status = any($2::delivery_status[])
     and ($3::text is null or d.target_id = $3)
     and ($4::text is null or exists (select from events e where e.id = d.event_id and e.customer_id = $4))
     and ($5::timestamptz is null or d.created_at >= $5)
     and ($6::timestamptz is null or d.created_at < $6)
   order by d.id
   limit $7
     for update of d`;

/** Sends an event to a target once more, or for the first time: a new delivery of the same event. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { remember, type Effect } from '../database/effect.ts';
import { urgentPriority } from '../database/priority.ts';
import type { Queue } from '../database/queue.ts';
import type { Sql } from '../database/statement.ts';
import { isId, type IdGenerator } from '../domain/ksuid.ts';
import { notFound, reach, type Principal } from '../domain/reach.ts';
import type { TargetStatus } from '../domain/targets/target.ts';
import { quote } from '../domain/text.ts';
import { fail, succeed, userError, type Result, type UserError } from '../errors.ts';
import { holdOffErasure } from '../database/hold-off-erasure.ts';
import { addDeliveries } from '../live/delivery-rows.ts';
import type { Channel } from '../live/doorbell.ts';
import { audit, type AuditedCaller } from './audit.ts';

export type RedeliverInput = { readonly eventId: string; readonly targetId: string };

export type RedeliverOptions = {
  readonly database: Database;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  /** How many attempts the schedule gives to each delivery. */
  readonly maxAttempts: number;
  readonly retentionDays: number;
  /** Called after commit. */
  readonly ring: (channel: Channel) => void;
};

const DAY_MS = 86_400_000;

/**
 * Makes the delivery, whatever the target is subscribed to and whatever was delivered before. NOT_FOUND, also for an event that
 * is older than `retentionDays`: retention may be deleting it. INVALID_STATE when the target is DISABLED, or the event was erased.
 */
export async function redeliver(
  { database, queue, clock, ids, maxAttempts, retentionDays, ring }: RedeliverOptions,
  caller: AuditedCaller,
  { eventId, targetId }: RedeliverInput,
  effect?: Effect,
): Promise<Result<{ deliveryId: string }>> {
  let isQueued = false;
  const outcome = await database.transaction<Result<{ deliveryId: string }>>(async (tx) => {
    const now = clock.now();
    const keptFrom = new Date(now.getTime() - retentionDays * DAY_MS);
    const target = await lockTarget(tx, caller, targetId);
    const event = await findEvent(tx, caller, eventId, keptFrom);
    const isTheirs = event !== undefined && (!target || target.organizationId === event.organizationId);
    const missing = [
      ...(target ? [] : [notFound('webhook target', targetId, 'targetId')]),
      ...(isTheirs ? [] : [noEvent(eventId, retentionDays)]),
    ];
    if (!target || missing.length > 0) return fail(...missing);
    if (target.status === 'DISABLED') return fail(DISABLED);
    const { size: isErased } = await holdOffErasure(tx, [eventId]);
    if (isErased) return fail(ERASED);

    const id = ids.next();
    isQueued = target.status === 'ACTIVE';
    const jobId = isQueued ? clock.uuid() : null;
    const added = { id, eventId, targetId, jobId };
    await addDeliveries(tx, [added], { queue, now, maxAttempts, priority: urgentPriority(now) });
    await audit(tx, { author: caller.author, ids, now }, [
      { organizationId: target.organizationId, type: 'Delivery', id, before: null, after: { eventId, targetId } },
    ]);
    return succeed(await remember(tx, effect, { deliveryId: id }));
  });
  if (outcome.ok && isQueued) ring('jobs');
  if (outcome.ok) ring('changes');
  return outcome;
}

const DISABLED = userError(
  'INVALID_STATE',
  'targetId',
  'The target is DISABLED and gets no deliveries. Set its status to ACTIVE with updateWebhookTarget, then redeliver.',
);

const ERASED = userError(
  'INVALID_STATE',
  'eventId',
  'The event was erased: there is nothing to send. Publish it anew, if it may be sent again.',
);

const noEvent = (id: string, retentionDays: number): UserError =>
  userError(
    'NOT_FOUND',
    'eventId',
    `No event has the id ${quote(id)}. An event can be redelivered for ${retentionDays} days after it was published.`,
  );

type Target = { readonly organizationId: string; readonly status: TargetStatus };

async function lockTarget(tx: Sql, caller: Principal, id: string): Promise<Target | undefined> {
  if (!isId(id)) return undefined;
  return (await tx.query<Target>(LOCK_TARGET, [id, reach(caller)])).rows[0];
}

async function findEvent(
  tx: Sql,
  caller: Principal,
  id: string,
  keptFrom: Date,
): Promise<{ organizationId: string } | undefined> {
  if (!isId(id)) return undefined;
  return (await tx.query(FIND_EVENT, [id, reach(caller), keptFrom])).rows[0];
}

// If the target were paused or deleted before the commit, its new delivery would have a job all the same, or stay open.
const LOCK_TARGET = `
  select organization_id as "organizationId", status
    from webhook_targets
   where id = $1 and deleted_at is null and ($2::text is null or organization_id = $2)
     for share`;

// Not locked: retention deletes it an hour later at the earliest.
const FIND_EVENT = `
  select organization_id as "organizationId"
    from events
   where id = $1 and ($2::text is null or organization_id = $2) and created_at > $3`;

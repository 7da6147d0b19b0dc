/** What a person may do with deliveries: send one again now, make one more of an event, or stop them. */
import type { Sql } from '../database/statement.ts';
import { remember, type Effect } from '../database/effect.ts';
import { dueAtOnce, urgentPriority } from '../database/priority.ts';
import { isOpen, type AttemptTrigger } from '../domain/delivery.ts';
import { isId } from '../domain/ksuid.ts';
import type { TargetStatus } from '../domain/targets/target.ts';
import { fail, succeed, userError, type Result, type UserError } from '../errors.ts';
import { recordDeliveryChanges } from '../live/changes/delivery-changes.ts';
import { lockChainsOf } from '../live/order/lock-chains.ts';
import { holdOffErasure } from '../database/hold-off-erasure.ts';
import { cancelLocked, LOCKED_DELIVERY, type LockedDelivery } from '../live/delivery-rows.ts';
import { notFound, reach, type Principal } from '../domain/reach.ts';
import type { AuditedCaller } from './audit.ts';
import {
  cancelDeliveries,
  type CancelDeliveriesInput,
  type CancelDeliveriesOptions,
  type CancelledMany,
} from './cancel-deliveries.ts';
import { redeliver, type RedeliverInput, type RedeliverOptions } from './redeliver.ts';

type ById = { readonly id: string };

export type Deliveries = {
  /**
   * Queues one attempt for now; when that attempt fails, the schedule goes on where it was. A second call before that attempt
   * has ended changes nothing. NOT_FOUND; INVALID_STATE when nothing is to be sent again, the event was erased, the target
   * takes nothing, or a scheduled attempt is under way: a manual one beside it would have the same number.
   */
  retry(caller: Principal, input: ById, effect?: Effect): Promise<Result<{ deliveryId: string }>>;
  /**
   * Ends the delivery: no attempt is claimed any more. An attempt under way still ends and is recorded, but no longer changes
   * the status. A FAILED delivery that holds up those after it is ended too. NOT_FOUND; INVALID_STATE when the delivery is over
   * already.
   */
  cancel(caller: Principal, input: ById, effect?: Effect): Promise<Result<{ deliveryId: string }>>;
  /** See redeliver.ts. */
  redeliver(caller: AuditedCaller, input: RedeliverInput, effect?: Effect): Promise<Result<{ deliveryId: string }>>;
  /** See cancel-deliveries.ts. */
  cancelMany(caller: AuditedCaller, input: CancelDeliveriesInput, effect?: Effect): Promise<Result<CancelledMany>>;
};

export function createDeliveries(options: RedeliverOptions & CancelDeliveriesOptions): Deliveries {
  const { database, queue, clock, ring } = options;
  return {
    async retry(caller, { id }, effect) {
      const outcome = await database.transaction<Result<{ queued: boolean }>>(async (tx) => {
        const event = await findEventOf(tx, caller, id);
        if (!event) return fail(notFound('delivery', id));
        const { size: isErased } = await holdOffErasure(tx, [event.eventId]);
        const delivery = await lockForRetry(tx, caller, id);
        if (!delivery) return fail(notFound('delivery', id));
        const refusal = isErased ? ERASED : refuseRetry(delivery);
        if (refusal) return fail(refusal);
        const queued = !isRetryPending(delivery);
        if (queued && delivery.jobId !== null && (await queue.isClaimed(tx, delivery.jobId))) return fail(UNDER_WAY);
        if (queued) await requeue(tx, { queue, clock }, delivery);
        await remember(tx, effect, { deliveryId: id });
        return succeed({ queued });
      });
      if (!outcome.ok) return outcome;
      if (outcome.value.queued) for (const channel of ['jobs', 'changes'] as const) ring(channel);
      return succeed({ deliveryId: id });
    },

    async cancel(caller, { id }, effect) {
      let released = 0;
      const outcome = await database.transaction<Result<{ deliveryId: string }>>(async (tx) => {
        const delivery = await lockForCancel(tx, caller, id);
        if (!delivery) return fail(notFound('delivery', id));
        const { status } = delivery;
        if (!isOpen(status) && !(status === 'FAILED' && (await isInChain(tx, id)))) return fail(refuseCancel(delivery));
        released = await cancelLocked(tx, [delivery], { queue, now: clock.now() });
        return succeed(await remember(tx, effect, { deliveryId: id }));
      });
      if (outcome.ok) ring('changes');
      if (outcome.ok && released > 0) ring('jobs');
      return outcome;
    },

    redeliver: (caller, input, effect) => redeliver(options, caller, input, effect),
    cancelMany: (caller, input, effect) => cancelDeliveries(options, caller, input, effect),
  };
}

const ERASED = userError(
  'INVALID_STATE',
  'id',
  'The event of the delivery was erased: there is nothing to send. Publish the event anew, if it may be sent again.',
);

type RetriedDelivery = LockedDelivery & {
  readonly nextTrigger: AttemptTrigger;
  readonly nextAttemptAt: Date | null;
  readonly targetStatus: TargetStatus;
  readonly targetDeleted: boolean;
};

/** Whether a manual retry is queued or under way. */
const isRetryPending = ({ status, nextTrigger }: RetriedDelivery): boolean =>
  status === 'RETRYING' && nextTrigger === 'MANUAL';

async function requeue(
  tx: Sql,
  { queue, clock }: Pick<RedeliverOptions, 'queue' | 'clock'>,
  delivery: RetriedDelivery,
): Promise<void> {
  const { id, organizationId, targetId, eventId, eventType, status } = delivery;
  const now = clock.now();
  const jobId = clock.uuid();
  // The schedule goes on at the date that was scheduled; for a FAILED delivery it does not go on.
  await tx.query(REQUEUE, [id, now, delivery.nextAttemptAt, jobId]);
  if (delivery.jobId !== null) await queue.discard(tx, [delivery.jobId]);
  await queue.insert(tx, [{ id: jobId, deliveryId: id, startAfter: dueAtOnce(now), priority: urgentPriority(now) }]);
  const change = { previousStatus: status, status: 'RETRYING', attemptNumber: null, occurredAt: now } as const;
  await recordDeliveryChanges(tx, [{ organizationId, deliveryId: id, targetId, eventId, eventType, ...change }]);
}

const REQUEUE = `
  update deliveries
     set status = 'RETRYING', next_trigger = 'MANUAL', next_attempt_at = $2, resume_at = $3, job_id = $4, held = false,
         updated_at = $2
   where id = $1`;

const UNDER_WAY = userError(
  'INVALID_STATE',
  'id',
  'An attempt of the delivery is under way. Wait for its outcome, and retry then if it failed.',
);

function refuseRetry({ status, targetStatus, targetDeleted }: RetriedDelivery): UserError | undefined {
  const refuse = (message: string) => userError('INVALID_STATE', 'id', message);
  if (status !== 'FAILED' && status !== 'RETRYING') return refuse(WHY_NO_RETRY[status]);
  if (targetDeleted)
    return refuse('The target of the delivery is deleted. To send the event to another target, redeliver it there.');
  if (targetStatus === 'ACTIVE') return undefined;
  return refuse(`The target of the delivery is ${targetStatus}; set it ACTIVE first.`);
}

const WHY_NO_RETRY = {
  PENDING:
    'The delivery is PENDING: its first attempt is still to come, at the latest when its target takes requests again (a ' +
    'target that sent Retry-After gets none before that time) and the one before it in its order (blockedBy) has ended. ' +
    'Retry the delivery once an attempt has failed.',
  DELIVERED: 'The delivery is DELIVERED. To send the event to the target once more, redeliver it.',
  CANCELLED: 'The delivery is CANCELLED. To send the event to the target after all, redeliver it.',
} as const;

function refuseCancel({ status }: LockedDelivery): UserError {
  const message = `The delivery is ${status}: no attempt is to come, so there is nothing to cancel.`;
  return userError('INVALID_STATE', 'id', message);
}

async function findEventOf(tx: Sql, caller: Principal, id: string): Promise<{ eventId: string } | undefined> {
  if (!isId(id)) return undefined;
  return (await tx.query<{ eventId: string }>(FIND_EVENT_OF, [id, reach(caller)])).rows[0];
}

const FIND_EVENT_OF = `
  select event_id as "eventId" from deliveries where id = $1 and ($2::text is null or organization_id = $2)`;

async function lockForRetry(tx: Sql, caller: Principal, id: string): Promise<RetriedDelivery | undefined> {
  if (!isId(id)) return undefined;
  return (await tx.query<RetriedDelivery>(LOCK_FOR_RETRY, [id, reach(caller)])).rows[0];
}

async function lockForCancel(tx: Sql, caller: Principal, id: string): Promise<LockedDelivery | undefined> {
  if (!isId(id)) return undefined;
  await lockChainsOf(tx, [id]);
  return (await tx.query<LockedDelivery>(LOCK_FOR_CANCEL, [id, reach(caller)])).rows[0];
}

// Locks the target's row too: if the target were deleted before the commit, its deletion would miss this delivery.
const LOCK_FOR_RETRY = `
  select ${LOCKED_DELIVERY}, d.next_trigger as "nextTrigger", d.next_attempt_at as "nextAttemptAt",
         t.status as "targetStatus", t.deleted_at is not null as "targetDeleted"
    from deliveries d join webhook_targets t on t.id = d.target_id
   where d.id = $1 and ($2::text is null or d.organization_id = $2)
     for update of d for share of t`;

/** A FAILED delivery is in a chain only where its target says HOLD. */
const isInChain = async (tx: Sql, id: string): Promise<boolean> => (await tx.query(IN_CHAIN, [id])).rows.length > 0;

const IN_CHAIN = 'select from ordered_deliveries where delivery_id = $1';

const LOCK_FOR_CANCEL = `
  select ${LOCKED_DELIVERY}
    from deliveries d
   where d.id = $1 and ($2::text is null or d.organization_id = $2)
     for update`;

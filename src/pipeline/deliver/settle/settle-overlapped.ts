/**
 * Settles a verdict whose delivery has changed since it was claimed. The request was sent, so its attempt is recorded,
 * unless another worker did that. A state that a person chose meanwhile stands, but a success makes an open or failed
 * delivery DELIVERED.
 *
 *     cancelled meanwhile                     the attempt is recorded, the delivery stays CANCELLED
 *     its event was erased meanwhile          the same, without what the target answered
 *
 * Subscribers are told of an attempt only where it is news of a delivery that is still open or becomes DELIVERED. The others
 * are noted for the statistics (uncounted.ts), and so is an attempt that a success corrects: it was counted as a failure.
 *
 * When a worker was taken for dead, because it was killed, stopped or cut off, and its job was claimed again:
 *
 *     another worker recorded this attempt    nothing to write, unless that one failed and this one succeeded: one
 *                                             request of the two arrived, so the attempt's row says so, and the
 *                                             delivery is DELIVERED
 *     retried by hand meanwhile: success      DELIVERED; the manual job finds nothing to do
 *     retried by hand meanwhile: failure      the attempt is recorded and counts on the schedule; the manual job stands
 *     still the delivery's job, but another   judged anew on the delivery as it is now, under the next number
 *       attempt was recorded meanwhile
 */
import type { PoolClient } from 'pg';
import type { Queue } from '../../../database/queue.ts';
import { silently } from '../../../database/telling.ts';
import { isOpen, type AttemptTrigger, type DeliveryStatus } from '../../../domain/delivery.ts';
import { INTO_ATTEMPT_CHANGES } from '../../../live/changes/delivery-changes.ts';
import { holdOffErasure } from '../../../database/hold-off-erasure.ts';
import { isBlocked } from '../../../live/delivery-rows.ts';
import { lockChainsOf, type ChainLocking } from '../../../live/order/lock-chains.ts';
import { countQueued, release, type Released } from '../../../live/order/release.ts';
import { auditIds, consequences, recordOutcomes } from './health-sql.ts';
import { judge, type Verdict } from '../judge.ts';
import { latencyOf } from './latency.ts';
import { failingAfter, repeatsAfter, serviceTypes, type SettlerOptions } from './settle-options.ts';
import { tellOfTargets, type ToldOfTarget } from './tell-of-targets.ts';
import { discountAttempt, noteAttempt } from './uncounted.ts';

type DeliveryRow = {
  status: DeliveryStatus;
  attemptCount: number;
  jobId: string | null;
  scheduleStep: number;
  maxAttempts: number;
  trigger: AttemptTrigger;
  resumeAt: Date | null;
  isOrdered: boolean;
  held: boolean;
};

const DELIVERY = `
  select status, attempt_count as "attemptCount", job_id as "jobId", schedule_step as "scheduleStep",
    max_attempts as "maxAttempts", next_trigger as trigger, resume_at as "resumeAt", ordered as "isOrdered", held
  from deliveries where id = $1 for update`;

/** Settles the verdict, or returns it judged anew, to be settled like any other. */
export async function settleOverlapped(
  options: SettlerOptions,
  verdict: Verdict,
  lockChains: ChainLocking,
): Promise<Verdict | undefined> {
  const { claim } = verdict;
  const { tellingTransaction = silently(options.database) } = options;
  let disabledTargets: readonly string[] = [];
  let released: readonly Released[] = [];
  const current = await tellingTransaction(
    async (tx, tell) => {
      if (claim.isOrdered) for (const statement of lockChains([claim.deliveryId])) await tx.query(statement);
      const erased = await holdOffErasure(tx, [claim.eventId]);
      const { rows } = await tx.query<DeliveryRow>(DELIVERY, [claim.deliveryId]);
      const delivery = rows[0];
      if (delivery?.jobId === claim.job.id && isOpen(delivery.status)) return judgeAnew(options, verdict, delivery);
      const isNews = delivery && (delivery.attemptCount < claim.number || verdict.outcome === 'DELIVERED');
      if (!isNews) return undefined;
      if (verdict.outcome === 'DELIVERED') await discountAttempt(tx, verdict);
      const recorded = erased.size > 0 ? withoutWords(verdict) : verdict;
      if (!(await recordAttempt(tx, recorded, options.destinations.requestOf(verdict)))) return undefined;
      const now = options.clock.now();
      await recordBeside(tx, options.queue, verdict, delivery, now);
      if (delivery.isOrdered) released = await releaseAfter(tx, claim.deliveryId, isBlocked(delivery), options, now);
      const health = await recordHealth(tx, recorded, options, now);
      await tellOfTargets(tx, tell, health.told ?? [], [recorded]);
      disabledTargets = health.disabledTargets ?? [];
      return undefined;
    },
    { repeatsAfter: repeatsAfter([verdict]) },
  );
  if (disabledTargets.length > 0) options.onDisabled(disabledTargets);
  if (countQueued(released) > 0) options.onReleased([]);
  return current;
}

/**
 * Releases the next delivery of the chain, if this one has ended. It may have come into the chain of a replay since it was claimed,
 * and may have waited there for others, which then go on to hold up the next one.
 */
async function releaseAfter(
  tx: PoolClient,
  deliveryId: string,
  wasBlocked: boolean,
  { queue }: SettlerOptions,
  now: Date,
): Promise<Released[]> {
  await lockChainsOf(tx, [deliveryId]);
  return release(tx, { ids: [deliveryId], heads: wasBlocked ? [] : [deliveryId] }, { queue, now });
}

/** Of an attempt whose event was erased meanwhile nothing is kept that the target said, but its status. */
type RecordedVerdict = Verdict & { readonly isSilent?: true };

const withoutWords = (verdict: Verdict): RecordedVerdict => ({ ...verdict, error: null, isSilent: true });

function judgeAnew(
  { policy, clock }: SettlerOptions,
  { claim, stamp, result }: Verdict,
  delivery: DeliveryRow,
): Verdict {
  const { status, attemptCount, isOrdered, held: _, ...progress } = delivery;
  const current = { ...claim, status, isOrdered, number: attemptCount + 1, progress };
  return judge({ claim: current, stamp }, result, { policy, now: clock.now(), random: clock.random() });
}

/** Updates the delivery for an attempt that was recorded although the delivery had changed. */
async function recordBeside(
  tx: PoolClient,
  queue: Queue,
  verdict: Verdict,
  { status, jobId }: DeliveryRow,
  now: Date,
): Promise<void> {
  const { claim, transition, result } = verdict;
  if (transition.status === 'DELIVERED' && (isOpen(status) || status === 'FAILED')) {
    await tx.query(DELIVER, [claim.deliveryId, claim.number, result.startedAt, now]);
    if (jobId !== null) await queue.discard(tx, [jobId]);
    return recordChange(tx, verdict, status, 'DELIVERED', now);
  }
  const isScheduled = claim.progress.trigger === 'SCHEDULE';
  await tx.query(COUNT, [
    claim.deliveryId,
    claim.number,
    result.startedAt,
    now,
    transition.scheduleStep,
    isScheduled,
    transition.nextAttemptAt,
  ]);
  if (isOpen(status)) await recordChange(tx, verdict, status, status, now);
  else await noteAttempt(tx, verdict, now);
}

const DELIVER = `
  update deliveries
  set status = 'DELIVERED', attempt_count = greatest(attempt_count, $2), last_attempt_at = greatest(last_attempt_at, $3),
    updated_at = $4, delivered_at = $4, next_attempt_at = null, resume_at = null, job_id = null, held = false
  where id = $1`;

const COUNT = `
  update deliveries
  set attempt_count = greatest(attempt_count, $2), last_attempt_at = greatest(last_attempt_at, $3), updated_at = $4,
    schedule_step = greatest(schedule_step, $5),
    resume_at = case when $6 and next_trigger = 'MANUAL' then $7::timestamptz else resume_at end
  where id = $1`;

async function recordChange(
  tx: PoolClient,
  verdict: Verdict,
  previousStatus: DeliveryStatus,
  status: DeliveryStatus,
  occurredAt: Date,
): Promise<void> {
  const { claim, result, outcome } = verdict;
  await tx.query(RECORD_CHANGE, [
    claim.organizationId,
    claim.deliveryId,
    claim.targetId,
    claim.eventId,
    claim.eventType,
    previousStatus,
    status,
    claim.number,
    occurredAt,
    claim.progress.trigger,
    outcome,
    result.durationMs,
    latencyOf(verdict),
    result.kind === 'response' ? result.status : null,
  ]);
}

const RECORD_CHANGE = `${INTO_ATTEMPT_CHANGES} values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;

/** Records the attempt; false when it was recorded already and this verdict adds nothing. */
async function recordAttempt(tx: PoolClient, verdict: RecordedVerdict, request: string): Promise<boolean> {
  const { claim, result, outcome, error, isSilent } = verdict;
  const response = result.kind === 'response' ? result : undefined;
  const words = isSilent ? undefined : response;
  const { rowCount } = await tx.query(RECORD_ATTEMPT, [
    claim.deliveryId,
    claim.number,
    claim.progress.trigger,
    outcome,
    response?.status ?? null,
    words ? JSON.stringify(words.headers) : null,
    words?.body ?? null,
    words?.bodyTruncated ?? false,
    error,
    result.durationMs,
    result.startedAt,
    result.resent,
    request,
  ]);
  return rowCount === 1;
}

const RECORD_ATTEMPT = `
  insert into delivery_attempts as a (delivery_id, number, trigger, outcome, response_status, response_headers,
    response_body, response_body_truncated, error, duration_ms, started_at, resent, request)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  on conflict (delivery_id, number) do update
  set trigger = excluded.trigger, outcome = excluded.outcome, response_status = excluded.response_status,
    response_headers = excluded.response_headers, response_body = excluded.response_body,
    response_body_truncated = excluded.response_body_truncated, error = excluded.error,
    duration_ms = excluded.duration_ms, started_at = excluded.started_at, resent = excluded.resent, request = excluded.request
  where excluded.outcome = 'DELIVERED' and a.outcome <> 'DELIVERED'`;

const PLACES = {
  now: '$7',
  disableAfterMs: '$8',
  disableAfterFailures: '$9',
  failedTargets: '$10',
  auditIds: '$11',
  serviceTypes: '$12',
  failingAfter: '$13',
  isTelling: 'true',
};

// The same rules as for a batch, for a single attempt. It exhausts no delivery.
const RECORD_HEALTH = `
  with moved as (
    select $1::text as target_id, 1 as ordinal, $2::attempt_outcome as outcome, $3::int as response_status,
      $4::text as error, $5::int as duration_ms, $6::timestamptz as started_at, $14::text as event_type, null as status
  ), ${recordOutcomes(PLACES)}
  select ${consequences(PLACES)}`;

type Health = { readonly disabledTargets: string[] | null; readonly told: ToldOfTarget[] | null };

/** Records the attempt in the target's health. Returns what follows. */
async function recordHealth(
  tx: PoolClient,
  { claim, result, outcome, error }: Verdict,
  options: SettlerOptions,
  now: Date,
): Promise<Health> {
  const { disable, ids } = options;
  const responseStatus = result.kind === 'response' ? result.status : null;
  const { rows } = await tx.query<Health>(RECORD_HEALTH, [
    claim.targetId,
    outcome,
    responseStatus,
    error,
    result.durationMs,
    result.startedAt,
    now,
    disable.afterMs,
    disable.afterFailures,
    ...auditIds([claim.targetId], ids),
    serviceTypes(options),
    failingAfter(disable),
    claim.eventType,
  ]);
  return rows[0]!;
}

/**
 * One step of a replay: one transaction, which locks the replay's row, makes up to 100 deliveries and moves the position past
 * their events. So a worker that is killed leaves either all of a step or nothing of it, and the next worker goes on from there.
 *
 *     lock the row, if its lease is still ours ─▶ is its target ACTIVE? ─▶ what does the rate allow? ─▶ look at the next rows
 *       ─▶ make the deliveries ─▶ write position, counts and lease
 *
 * The step that completes the replay publishes the service event of it, in the same transaction.
 */
import type { PoolClient } from 'pg';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import type { Queue } from '../../database/queue.ts';
import { isPassing } from '../../database/refusal.ts';
import { IN_INDEX_ORDER } from '../../database/statement.ts';
import { silently, type TellingTransaction } from '../../database/telling.ts';
import type { IdGenerator } from '../../domain/ksuid.ts';
import { isOfFailed, type ReplayStatus } from '../../domain/replay/scope.ts';
import { replayCompleted } from '../../domain/service-event.ts';
import type { TargetStatus } from '../../domain/targets/target.ts';
import { replayLock, type DeliveryOrdering } from '../../domain/order.ts';
import { holdOffErasure } from '../../database/hold-off-erasure.ts';
import { locking } from '../../live/order/lock-chains.ts';
import { takeInOrder, type Replayed, type Window } from './candidate.ts';
import { addReplayed } from './add-replayed.ts';
import { lookAtFailed, retryFailed } from './failed-deliveries.ts';
import { settledBefore } from '../horizon.ts';
import { lookAtEvents, type ReceivingTarget } from './missed-events.ts';
import { allowance, paceAfter, untilNextStep } from '../../domain/replay/pace.ts';
import { lockReplay, saveReplay, type LockedReplay, type NextProgress } from './replay-rows.ts';

export type StepOptions = {
  readonly database: Pick<Database, 'transaction' | 'connector'>;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  /** Of the deliveries that are made. */
  readonly maxAttempts: number;
  readonly retentionDays: number;
  /** Undefined: the service publishes no events of its own. */
  readonly tellingTransaction?: TellingTransaction | undefined;
};

/** What a step did. */
export type Stepped = {
  readonly replay: LockedReplay;
  readonly status: ReplayStatus;
  readonly reason: string | null;
  readonly replayedCount: number;
  readonly skippedCount: number;
  /** How many deliveries it made or retried. */
  readonly made: number;
  /** How many of them wait for no other of their chain. */
  readonly queued: number;
  readonly isMoved: boolean;
  readonly isTold: boolean;
  /** When the next step makes sense; `now`: at once. */
  readonly waitMs: number;
};

export type Step = (replayId: string, runner: string, limit: number) => Promise<Stepped | undefined>;

const DAY_MS = 86_400_000;
/** How often a replay looks that can do nothing: its target is paused or full, or events are not settled yet. */
const IDLE_MS = 1_000;
/** From so many held deliveries on, a target takes less than it is given: more would make fresh ones wait. */
const CROWDED = 100;

/** Returns the function that makes a step. It resolves to undefined when the replay has ended, or is another worker's. */
export const createStep =
  ({ tellingTransaction, ...options }: StepOptions): Step =>
  (replayId, runner, limit) =>
    (tellingTransaction ?? silently(options.database))(
      async (tx, tell) => {
        // Of the chains that it may append to, before anything is written: see live/order/lock-chains.ts.
        const lock = locking([replayLock(options.database.connector.schema, replayId)]);
        const [, , replay] = await Promise.all([
          tx.query(IN_INDEX_ORDER),
          tx.query(lock),
          lockReplay(tx, replayId, runner),
        ]);
        if (!replay) return undefined;
        const now = options.clock.now();
        const serviceEvents = tellingTransaction !== undefined;
        const next = await move(tx, replay, { ...options, serviceEvents, limit, now });
        const isTold = await saveReplay(tx, replay, next, now);
        const after = { ...replay, ...next };
        const { status, replayedCount, skippedCount, position } = after;
        if (status === 'COMPLETED') await tell([replayCompleted(after)]);
        const { made = 0, queued = 0, waitMs, reason = null } = next;
        const isMoved = position !== replay.position;
        return { replay, status, reason, replayedCount, skippedCount, made, queued, waitMs, isMoved, isTold };
      },
      { repeatsAfter: isPassing },
    );

type Moving = Omit<StepOptions, 'tellingTransaction'> & {
  readonly serviceEvents: boolean;
  readonly limit: number;
  readonly now: Date;
};
type Move = NextProgress & Partial<Replayed> & { readonly waitMs: number };

async function move(tx: PoolClient, replay: LockedReplay, moving: Moving): Promise<Move> {
  if (replay.targetId === null) return retrySome(tx, replay, moving);
  const [target, settled] = await Promise.all([
    readTarget(tx, replay.targetId, !isOfFailed(replay)),
    isOfFailed(replay) ? moving.now : settledBefore(tx, moving.now),
  ]);
  const reason = whyHalted(replay, target);
  if (reason !== undefined) return { status: 'HALTED', reason, isOver: true, waitMs: 0 };
  if (target.status === 'PAUSED') return { status: 'WAITING', waitMs: IDLE_MS };
  if (target.heldCount >= CROWDED) return { status: 'RUNNING', waitMs: IDLE_MS };
  if (isOfFailed(replay)) return retrySome(tx, replay, moving);
  return createSome(tx, replay, { target, settled }, moving);
}

/** Retries the next FAILED deliveries. */
async function retrySome(tx: PoolClient, replay: LockedReplay, moving: Moving): Promise<Move> {
  const { limit, now } = moving;
  const allowed = allowance(replay, now);
  if (allowed === 0) return { status: 'RUNNING', waitMs: untilNextStep(replay, now) };
  const { id: before, organizationId, position: after } = replay;
  const window = await lookAtFailed(tx, { organizationId, scope: replay, after, before, limit });
  let isLeft = false;
  const next = await handle(replay, window, moving, async (ids) => {
    const retried = await retryFailed(tx, replay.id, ids, moving);
    isLeft = retried.made < ids.length && (await isHeldUp(tx, replay));
    return retried;
  });
  if (!isLeft) return next;
  const { skippedCount, position, positionAt } = replay;
  return { ...next, skippedCount, position, positionAt, status: 'RUNNING', isOver: false, waitMs: 0 };
}

/** Whether the target was paused, disabled or deleted since the step began: then what was left is looked at again. */
async function isHeldUp(tx: PoolClient, { targetId }: LockedReplay): Promise<boolean> {
  return targetId !== null && (await readTarget(tx, targetId, false)).status !== 'ACTIVE';
}

/** Creates deliveries of the next events. Their attempts come after everything fresh, in their turn among the retries. */
async function createSome(
  tx: PoolClient,
  replay: LockedReplay,
  { target, settled }: { readonly target: OrderingTarget; readonly settled: Date },
  moving: Moving,
): Promise<Move> {
  const { limit, now, retentionDays, serviceEvents } = moving;
  const allowed = allowance(replay, now);
  if (allowed === 0) return { status: 'RUNNING', waitMs: untilNextStep(replay, now) };
  const keptFrom = new Date(now.getTime() - retentionDays * DAY_MS);
  const look = {
    scope: replay,
    target,
    serviceEvents,
    after: replay.position,
    settledBefore: settled,
    keptFrom,
    limit,
    enough: allowed,
  };
  const window = await lookAtEvents(tx, look);
  return handle(replay, window, moving, async (eventIds) => {
    // An event that was erased since it was looked at is skipped, and counted as such.
    const erased = await holdOffErasure(tx, eventIds);
    const kept = eventIds.filter((eventId) => !erased.has(eventId));
    const queued = await addReplayed(tx, kept, { ...moving, replayId: replay.id, target });
    return { made: kept.length, queued };
  });
}

/** Replays what the rate allows of a window. `replayThem` returns what it could replay. */
async function handle(
  replay: LockedReplay,
  window: Window,
  { now }: Moving,
  replayThem: (ids: readonly string[]) => Promise<Replayed>,
): Promise<Move> {
  const { chosen, skippedCount, last, isWhole } = takeInOrder(window.candidates, allowance(replay, now));
  const { made, queued } = chosen.length > 0 ? await replayThem(chosen) : { made: 0, queued: 0 };
  const pacedUntilMs = paceAfter(replay, made, now);
  const progress = {
    made,
    queued,
    pacedUntilMs,
    replayedCount: replay.replayedCount + made,
    skippedCount: replay.skippedCount + skippedCount + chosen.length - made,
    position: last?.id ?? replay.position,
    // Deliveries go in the order in which they were made, which is not that of their events.
    positionAt: isOfFailed(replay) ? null : (last?.publishedAt ?? replay.positionAt),
  };
  if (isWhole && window.isLast) return { ...progress, status: 'COMPLETED', isOver: true, waitMs: 0 };
  const isIdle = isWhole && !window.isFull;
  const waitMs = isIdle ? IDLE_MS : isWhole ? 0 : untilNextStep({ ...replay, pacedUntilMs }, now);
  return { ...progress, status: 'RUNNING', waitMs };
}

type OrderingTarget = ReceivingTarget & { readonly ordering: DeliveryOrdering };

type TargetRow = OrderingTarget & {
  readonly status: TargetStatus;
  readonly isDeleted: boolean;
  readonly disabledReason: string | null;
  /** CROWDED at most. */
  readonly heldCount: number;
};

/**
 * Reads the target. Where deliveries are made for it, its row is locked too: if it were deleted before the commit, its deletion
 * would miss them. A retry locks it later, with its deliveries: in that order other code locks the two.
 */
async function readTarget(tx: PoolClient, targetId: string, isLocked: boolean): Promise<TargetRow> {
  const statement = {
    name: isLocked ? 'lock_replayed_target' : 'find_replayed_target',
    text: isLocked ? `${TARGET} for share of t` : TARGET,
    values: [targetId, CROWDED],
  };
  return (await tx.query<TargetRow>(statement)).rows[0]!;
}

const TARGET = `
  select t.id, t.organization_id as "organizationId", t.status, t.deleted_at is not null as "isDeleted",
    t.disabled_reason as "disabledReason", t.global, t.event_types as "eventTypes", t.customer_ids as "customerIds", t.filter::text, t.ordering,
    (select count(*)::int from (select from deliveries d where d.target_id = t.id and d.held limit $2) as held) as "heldCount"
  from webhook_targets t where t.id = $1`;

function whyHalted(replay: LockedReplay, { isDeleted, status, disabledReason }: TargetRow): string | undefined {
  if (isDeleted) return 'The target was deleted.';
  if (status !== 'DISABLED') return undefined;
  const cure = isOfFailed(replay)
    ? 'Set it ACTIVE, then create the same replay again: it takes what is still FAILED.'
    : 'Set it ACTIVE, then create a replay that begins at `position`.';
  return disabledReason === null
    ? `The target was set DISABLED. ${cure}`
    : `The target was DISABLED: ${disabledReason} ${cure}`;
}

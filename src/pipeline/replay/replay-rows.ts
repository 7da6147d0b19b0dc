/** The row of a replay: its position and counts, locked by the worker that holds its lease. */
import type { Sql } from '../../database/statement.ts';
import type { ReplayScope, ReplayStatus } from '../../domain/replay/scope.ts';
import { recordReplayChange } from '../../live/changes/replay-changes.ts';
import type { ReplayPace } from '../../domain/replay/pace.ts';

/** How long a worker that died keeps its replays from the others. A step or a wait renews the lease long before. */
export const LEASE_MS = 10_000;
/** A running replay tells its progress this often at most. */
const TELL_MS = 1_000;

/** Where a replay stands. */
type Progress = ReplayPace & {
  readonly status: ReplayStatus;
  readonly replayedCount: number;
  readonly skippedCount: number;
  /** The id of the last event that was looked at, or of the last delivery in mode FAILED; empty: none. */
  readonly position: string;
  readonly positionAt: Date | null;
};

export type LockedReplay = ReplayScope &
  Progress & {
    readonly id: string;
    readonly organizationId: string;
    readonly createdAt: Date;
    readonly leasedUntil: Date;
    readonly toldAt: Date;
    readonly toldCount: number;
  };

/** Locks a replay that runs. Undefined when it has ended, or another worker has taken its lease over. */
export async function lockReplay(tx: Sql, id: string, runner: string): Promise<LockedReplay | undefined> {
  return (await tx.query<LockedReplay>({ name: 'lock_replay', text: LOCK, values: [id, runner] })).rows[0];
}

const LOCK = `
  select id, organization_id as "organizationId", target_id as "targetId", mode, status,
    published_from as "from", published_until as "until", event_types as "eventTypes", customer_id as "customerId",
    rate_per_second as "ratePerSecond", replayed_count as "replayedCount", skipped_count as "skippedCount", position,
    position_at as "positionAt", paced_until_ms as "pacedUntilMs", told_at as "toldAt", told_count as "toldCount",
    leased_until as "leasedUntil", created_at as "createdAt"
  from replays where id = $1 and runner = $2 and ended_at is null
  for update`;

/** What a step makes of a locked replay. What is left out stays as it is. */
export type NextProgress = Partial<Progress> & { readonly reason?: string; readonly isOver?: boolean };

/**
 * Writes what a step has changed, with the change for the stream. Returns whether it wrote such a change. A step that changed
 * nothing only renews the lease, and only when half of it is over.
 */
export async function saveReplay(tx: Sql, replay: LockedReplay, next: NextProgress, now: Date): Promise<boolean> {
  const { status, replayedCount, skippedCount, position, positionAt, pacedUntilMs } = { ...replay, ...next };
  const count = replayedCount + skippedCount;
  const isTold =
    status !== replay.status ||
    next.isOver === true ||
    (count !== replay.toldCount && now.getTime() - replay.toldAt.getTime() >= TELL_MS);
  const isChanged = isTold || position !== replay.position || count !== replay.replayedCount + replay.skippedCount;
  const leasedUntil = new Date(now.getTime() + LEASE_MS);
  if (!isChanged && leasedUntil.getTime() - replay.leasedUntil.getTime() < LEASE_MS / 2) return false;
  await tx.query({
    name: 'store_replay',
    text: SAVE,
    values: [
      replay.id,
      status,
      replayedCount,
      skippedCount,
      position,
      positionAt,
      pacedUntilMs,
      isTold ? now : replay.toldAt,
      isTold ? count : replay.toldCount,
      next.reason ?? null,
      next.isOver ? now : null,
      leasedUntil,
    ],
  });
  if (!isTold) return false;
  const { id: replayId, organizationId, targetId } = replay;
  const change = { organizationId, replayId, targetId, status, replayedCount, skippedCount, occurredAt: now };
  await recordReplayChange(tx, change);
  return true;
}

const SAVE = `
  update replays
     set status = $2, replayed_count = $3, skipped_count = $4, position = $5, position_at = $6, paced_until_ms = $7,
         told_at = $8, told_count = $9, reason = $10, ended_at = $11, leased_until = $12
   where id = $1`;

/** The history of replays' progress: one change about every second while a replay runs, and one at each change of its status. */
import type { Sql } from '../../database/statement.ts';
import type { ReplayStatus } from '../../domain/replay/scope.ts';
import type { ChangeTable, ChangeFilter, PositionRow } from '../change.ts';

export type ReplayChange = {
  readonly organizationId: string;
  readonly replayId: string;
  /** Null: the replay is of every target. */
  readonly targetId: string | null;
  readonly status: ReplayStatus;
  readonly replayedCount: number;
  readonly skippedCount: number;
  readonly occurredAt: Date;
};

export type ReplayChangeFilter = ChangeFilter & { readonly replayId?: string; readonly targetId?: string };

type Row = PositionRow & {
  readonly organization_id: string;
  readonly replay_id: string;
  readonly target_id: string | null;
  readonly status: ReplayStatus;
  readonly replayed_count: number;
  readonly skipped_count: number;
  readonly occurred_at: Date;
};

export const REPLAY_CHANGES: ChangeTable<ReplayChange, ReplayChangeFilter, Row> = {
  name: 'replay_changes',
  prefix: 'replay_stream',
  cursors: {
    prefix: 'rpl1',
    stream: 'replay stream',
    sources: ['Query.replayStreamCursor', 'ReplayChange.cursor'],
  },
  channel: 'replay_changes',
  columns: `c.xid, c.seq, c.organization_id, c.replay_id, c.target_id, c.status, c.replayed_count, c.skipped_count,
    c.occurred_at`,
  toRecorded: (row) => ({
    organizationId: row.organization_id,
    replayId: row.replay_id,
    targetId: row.target_id,
    status: row.status,
    replayedCount: row.replayed_count,
    skippedCount: row.skipped_count,
    occurredAt: row.occurred_at,
  }),
  content: ({ replayId, status, replayedCount, skippedCount, occurredAt }) =>
    [replayId, status, replayedCount, skippedCount, occurredAt.getTime()].join(),
  matches: (filter, { organizationId, replayId, targetId }) =>
    filter.organizationId === organizationId &&
    (filter.replayId === undefined || filter.replayId === replayId) &&
    (filter.targetId === undefined || filter.targetId === targetId),
  conditions: [
    ['replayId', (value) => `c.replay_id = ${value}`],
    ['targetId', (value) => `c.target_id = ${value}`],
  ],
  ids: ['replayId'],
};

/** Appends the change to the history, in the caller's transaction. The same transaction must make the change. */
export async function recordReplayChange(tx: Sql, change: ReplayChange): Promise<void> {
  const { organizationId, replayId, targetId, status, replayedCount, skippedCount, occurredAt } = change;
  await tx.query({
    name: 'record_replay_change',
    text: `insert into replay_changes
        (organization_id, replay_id, target_id, status, replayed_count, skipped_count, occurred_at)
      values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [organizationId, replayId, targetId, status, replayedCount, skippedCount, occurredAt],
  });
}

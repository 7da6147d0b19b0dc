/** The history of webhook targets' status changes. */
import type { Sql } from '../../database/statement.ts';
import type { TargetStatus } from '../../domain/targets/target.ts';
import type { ChangeTable, ChangeFilter, PositionRow } from '../change.ts';

/** A status change of one target. `previousStatus` is null when it was created, `status` when it was deleted. */
export type TargetChange = {
  readonly organizationId: string;
  readonly targetId: string;
  readonly previousStatus: TargetStatus | null;
  readonly status: TargetStatus | null;
  /** Why the service disabled the target; null when a person made the change. */
  readonly reason: string | null;
  readonly occurredAt: Date;
};

export type TargetChangeFilter = ChangeFilter & {
  readonly status?: readonly TargetStatus[];
  readonly targetId?: string;
};

type Row = PositionRow & {
  readonly organization_id: string;
  readonly target_id: string;
  readonly previous_status: TargetStatus | null;
  readonly status: TargetStatus | null;
  readonly reason: string | null;
  readonly occurred_at: Date;
};

export const TARGET_CHANGES: ChangeTable<TargetChange, TargetChangeFilter, Row> = {
  name: 'target_changes',
  prefix: 'target_stream',
  cursors: {
    prefix: 'tgt1',
    stream: 'webhook target stream',
    sources: ['Query.webhookTargetStreamCursor', 'WebhookTargetStatusChange.cursor'],
  },
  channel: 'target_changes',
  columns: 'c.xid, c.seq, c.organization_id, c.target_id, c.previous_status, c.status, c.reason, c.occurred_at',
  toRecorded: (row) => ({
    organizationId: row.organization_id,
    targetId: row.target_id,
    previousStatus: row.previous_status,
    status: row.status,
    reason: row.reason,
    occurredAt: row.occurred_at,
  }),
  content: ({ targetId, previousStatus, status, occurredAt }) =>
    [targetId, previousStatus, status, occurredAt.getTime()].join(),
  matches: (filter, { organizationId, targetId, status }) =>
    filter.organizationId === organizationId &&
    (filter.targetId === undefined || filter.targetId === targetId) &&
    (filter.status === undefined || (status !== null && filter.status.includes(status))),
  conditions: [
    ['targetId', (value) => `c.target_id = ${value}`],
    ['status', (value) => `c.status = any (${value}::webhook_target_status[])`],
  ],
  ids: ['targetId'],
};

/** Appends the change to the history, in the caller's transaction. The same transaction must make the change. */
export async function recordTargetChange(tx: Sql, change: TargetChange): Promise<void> {
  const { organizationId, targetId, previousStatus, status, reason, occurredAt } = change;
  await tx.query({
    name: 'record_target_change',
    text: `insert into target_changes (organization_id, target_id, previous_status, status, reason, occurred_at)
      values ($1, $2, $3, $4, $5, $6)`,
    values: [organizationId, targetId, previousStatus, status, reason, occurredAt],
  });
}

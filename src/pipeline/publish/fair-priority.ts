/**
 * Decides whose turn it is. When more is published than can be sent, jobs are claimed by their turns. A turn is a time;
 * it runs ahead of the clock for an organization, or a target, for which much is published. So 100,000 deliveries of one
 * organization are spread over the time that they need at its pace, and the single event of another organization comes
 * before nearly all of them.
 *
 *     turn of a job = the later of the organization's clock and the target's, at least now
 *     each job then moves both clocks on by one step
 *
 * Invariants:
 *   - nobody starves: a job that is published later has a later turn, unless its publisher is less far ahead;
 *   - turns only order waiting jobs: when none waits, being ahead costs nothing;
 *   - an organization whose jobs do not wait is not ahead: `reviewFairPriority` sets its clocks back to what is really
 *     outstanding.
 *
 * Each publishing process keeps its own clocks, so an organization that publishes through two processes has twice the
 * pace.
 */
import type { Database } from '../../database/client.ts';
import { freshPriority } from '../../database/priority.ts';
import { IN_INDEX_ORDER } from '../../database/statement.ts';

export type FairPriority = {
  /** Returns the priority of one more job, due now. */
  next(organizationId: string, targetId: string, now: Date): number;
  /** Returns those of the organizations whose clock is far enough ahead to matter and was not reviewed in the last second. */
  toReview(organizationIds: readonly string[], now: Date): string[];
  /** Sets the clocks of an organization back: they cannot be further ahead than its `outstanding` waiting jobs need. */
  setBack(organizationId: string, outstanding: number, now: Date): void;
};

/** Up to these deliveries per second, an organization, or a target, is never ahead for long. */
const ORGANIZATION_PACE = 100;
const TARGET_PACE = 20;
const MAX_LEAD_MS = 3_600_000;
const REVIEWED_LEAD_MS = 2_000;
const REVIEW_MS = 1_000;
const FORGET_MS = 10_000;

type Clocks = { timeMs: number; reviewedMs: number; readonly targets: Map<string, number> };

export function createFairPriority(): FairPriority {
  const organizations = new Map<string, Clocks>();
  let forgotMs = 0;

  function clocksOf(organizationId: string, nowMs: number): Clocks {
    if (nowMs - forgotMs > FORGET_MS) forgetBehind(nowMs);
    let clocks = organizations.get(organizationId);
    if (!clocks) organizations.set(organizationId, (clocks = { timeMs: 0, reviewedMs: 0, targets: new Map() }));
    return clocks;
  }

  /** Forgets clocks that are not ahead: they change no turn. */
  function forgetBehind(nowMs: number): void {
    forgotMs = nowMs;
    for (const [organizationId, { timeMs, targets }] of organizations) {
      for (const [targetId, targetMs] of targets) if (targetMs <= nowMs) targets.delete(targetId);
      if (timeMs <= nowMs && targets.size === 0) organizations.delete(organizationId);
    }
  }

  return {
    next(organizationId, targetId, now) {
      const nowMs = now.getTime();
      const clocks = clocksOf(organizationId, nowMs);
      const organizationMs = Math.max(nowMs, clocks.timeMs);
      const targetMs = Math.max(nowMs, clocks.targets.get(targetId) ?? 0);
      const mostMs = nowMs + MAX_LEAD_MS;
      clocks.timeMs = Math.min(organizationMs + 1_000 / ORGANIZATION_PACE, mostMs);
      clocks.targets.set(targetId, Math.min(targetMs + 1_000 / TARGET_PACE, mostMs));
      return freshPriority(new Date(Math.max(organizationMs, targetMs)));
    },
    toReview(organizationIds, now) {
      const nowMs = now.getTime();
      return [...new Set(organizationIds)].filter((id) => {
        const clocks = organizations.get(id);
        if (!clocks || clocks.timeMs - nowMs < REVIEWED_LEAD_MS || nowMs - clocks.reviewedMs < REVIEW_MS) return false;
        clocks.reviewedMs = nowMs;
        return true;
      });
    },
    setBack(organizationId, outstanding, now) {
      const clocks = organizations.get(organizationId);
      if (!clocks) return;
      const mostMs = now.getTime() + (outstanding * 1_000) / ORGANIZATION_PACE;
      if (clocks.timeMs <= mostMs) return;
      clocks.timeMs = mostMs;
      clocks.targets.clear();
    },
  };
}

/** Sets the clocks of these organizations back to what they have outstanding. */
export async function reviewFairPriority(
  { transact }: Pick<Database, 'transact'>,
  turns: FairPriority,
  organizationIds: readonly string[],
  now: Date,
): Promise<void> {
  const ids = turns.toReview(organizationIds, now);
  if (ids.length === 0) return;
  const counting = { name: 'count_outstanding', text: OUTSTANDING, values: [ids, LATEST] };
  const [, counted] = await transact([IN_INDEX_ORDER, counting]);
  for (const { id, queued } of counted!.rows) {
    // When most of the latest deliveries wait, older ones may wait too, and nobody knows how many.
    if (queued < LATEST / 2) turns.setBack(id, queued, now);
  }
}

/** How many of an organization's latest deliveries are looked at. */
const LATEST = 1_000;

// Reads the index of the list of deliveries from its end: only the half without deliveries that wait for their target and
// not for their turn.
const OUTSTANDING = `
  select asked.id, (count(*) filter (where latest.status = 'PENDING'))::int as queued
  from unnest($1::text[]) as asked (id)
  left join lateral (
    select status from deliveries where organization_id = asked.id and indexed_status is null
    order by id desc nulls last limit $2
  ) as latest on true
  group by asked.id`;

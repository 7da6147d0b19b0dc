/**
 * Whose turn it is. When more is published than can be sent, jobs are claimed by their turns: a time that runs ahead of
 * the clock for an organization, or a target, of which much is published. So 100,000 deliveries of one organization are
 * spread over the time they would need at its pace, and the single event of another one is ahead of nearly all of them.
 *
 *     turn of a job = the later of the organization's clock and the target's, at least now
 *     each job then moves both clocks on by one step
 *
 * Invariants:
 *   - nobody starves: what is published later has a later turn, unless its publisher is less far ahead;
 *   - turns only order what waits: where nothing waits, being ahead costs nothing;
 *   - who keeps up is not ahead: `review` sets clocks back to what is really outstanding.
 *
 * Each publishing process keeps its own clocks, so an organization that publishes through two of them has twice the pace.
 */
import type { Sql } from '../../database/statement.ts';
import { freshPriority } from '../../database/priority.ts';

export type FairPriority = {
  /** The priority of one more job, due now. */
  next(organizationId: string, targetId: string, now: Date): number;
  /** Of these organizations, the ones whose clock is ahead by enough to matter and was not reviewed in the last second. */
  toReview(organizationIds: readonly string[], now: Date): string[];
  /** An organization has no more than this waiting: its clocks cannot be further ahead. */
  setBack(organizationId: string, outstanding: number, now: Date): void;
};

/** Deliveries per second up to which an organization, or a target, is never ahead for long. */
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

  /** A clock that is not ahead says nothing. */
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
  sql: Sql,
  turns: FairPriority,
  organizationIds: readonly string[],
  now: Date,
): Promise<void> {
  const ids = turns.toReview(organizationIds, now);
  if (ids.length === 0) return;
  const { rows } = await sql.query({ name: 'count_outstanding', text: OUTSTANDING, values: [ids, LATEST] });
  for (const { id, queued } of rows) {
    // Where most of the latest wait, nobody knows how many wait before them.
    if (queued < LATEST / 2) turns.setBack(id, queued, now);
  }
}

/** How many of an organization's deliveries are looked at. */
const LATEST = 1_000;

// By the index of the list of deliveries, from its end: of its half without those that wait for their target, not for
// their turn.
const OUTSTANDING = `
  select asked.id, (count(*) filter (where latest.status = 'PENDING'))::int as queued
  from unnest($1::text[]) as asked (id)
  left join lateral (
    select status from deliveries where organization_id = asked.id and indexed_status is null
    order by id desc nulls last limit $2
  ) as latest on true
  group by asked.id`;

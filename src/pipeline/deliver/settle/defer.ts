/**
 * Deferral: a target that answers 429 or 503 with Retry-After gets no request until that time, from any worker process.
 *
 *     an answer asks for time ──▶ deferred_until = that time, at most twice the first delay of the schedule from now
 *                                     │ its deliveries are held; manual retries pass, and end it when they succeed
 *                                     ▼ deferred_until has passed
 *                                 probe: one delivery goes out, and deferred_until moves on by the time that takes
 *                                     ├─ its answer asks for time ──▶ deferred anew
 *                                     ├─ any other outcome        ──▶ over: deferred_until = null
 *                                     └─ its worker died, or the  ──▶ another probe, once the moved time has passed
 *                                        target was not asked
 *
 * The row of the target is the truth: every claim reads it (claim.ts), and so does the taking of held deliveries
 * (hold.ts). Claims in the memory of a process are held when this process judges such an answer, or hears that another
 * process did.
 */
import type { Statement } from '../../../database/statement.ts';
import type { Verdict } from '../judge.ts';

/**
 * A new end of a deferral; null: it is over. With `isAnew` it replaces what the target's row says; otherwise only a later
 * end does.
 */
type Deferral = { readonly until: Date | null; readonly isAnew: boolean };

/** Returns what the verdict changes in the deferral of its target; undefined, as nearly always: nothing. */
function deferralOf({ claim, outcome, deferUntil }: Verdict): Deferral | undefined {
  if (outcome === 'PROXY_ERROR') return undefined; // The target was not asked.
  const isProbe = claim.exemption === 'probe';
  if (deferUntil) return { until: deferUntil, isAnew: isProbe };
  return isProbe || (claim.exemption === 'manual' && outcome === 'DELIVERED')
    ? { until: null, isAnew: true }
    : undefined;
}

export const endsDeferral = (verdict: Verdict): boolean => deferralOf(verdict)?.until === null;

/**
 * Returns the statement that writes what these verdicts change in deferrals, in the order in which they are settled;
 * undefined when they change nothing.
 */
export function deferring(verdicts: readonly Verdict[]): Statement | undefined {
  const deferrals = new Map<string, Deferral>();
  for (const verdict of verdicts) {
    const { targetId } = verdict.claim;
    const next = deferralOf(verdict);
    const before = deferrals.get(targetId);
    if (next) deferrals.set(targetId, before && !next.isAnew ? later(before, next) : next);
  }
  if (deferrals.size === 0) return undefined;
  // Sorted by id, so that two workers seldom deadlock.
  const inOrder = [...deferrals].sort(([one], [other]) => (one < other ? -1 : 1));
  const column = <T>(pick: (deferral: Deferral) => T): T[] => inOrder.map(([, deferral]) => pick(deferral));
  const values = [inOrder.map(([targetId]) => targetId), column(({ until }) => until), column(({ isAnew }) => isAnew)];
  return { name: 'defer_targets', text: DEFER, values };
}

function later(before: Deferral, next: Deferral): Deferral {
  const isLater = before.until === null || before.until < next.until!;
  return { until: isLater ? next.until : before.until, isAnew: before.isAnew };
}

const DEFER = `
  update webhook_targets t set deferred_until = deferral.until
  from unnest($1::text[], $2::timestamptz[], $3::bool[]) as deferral (target_id, until, is_anew)
  where t.id = deferral.target_id and t.deleted_at is null
    and (deferral.is_anew or t.deferred_until is null or t.deferred_until < deferral.until)`;

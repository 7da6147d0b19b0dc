/**
 * What a replay sends again, as a client asks for it.
 *
 *     RUNNING ──the range is done──▶ COMPLETED
 *       │  ▲ └──cancel──▶ CANCELLED   (also from WAITING)
 *       │  └─target active─┐
 *       ├──target paused──▶ WAITING
 *       └──target disabled or deleted──▶ HALTED   (also from WAITING)
 */
import { fail, succeed, userError, type Result, type UserError } from '../../errors.ts';
import { standsFor } from '../event-types/event-type-pattern.ts';
import { MAX_LIST } from '../list.ts';
import { MAX_CUSTOMER_ID } from '../targets/target.ts';
import { checkText } from '../text.ts';

export type ReplayMode = 'FAILED' | 'MISSED' | 'ALL';
export type ReplayStatus = 'RUNNING' | 'WAITING' | 'COMPLETED' | 'CANCELLED' | 'HALTED';

export type ReplayScopeInput = {
  readonly targetId?: string | null | undefined;
  readonly mode: ReplayMode;
  readonly createdAt: { readonly gte?: Date | null | undefined; readonly lt?: Date | null | undefined };
  readonly eventType?: readonly string[] | null | undefined;
  readonly customerId?: string | null | undefined;
};

/** Which events: those that were published from `from` on and before `until`, and pass the filters. */
export type ReplayScope = {
  /** Null: every target of the organization, in mode FAILED only. */
  readonly targetId: string | null;
  readonly mode: ReplayMode;
  readonly from: Date;
  readonly until: Date;
  /** Names and patterns; empty: every type. */
  readonly eventTypes: readonly string[];
  readonly customerId: string | null;
};

/** Whether a replay retries FAILED deliveries. In the other modes it creates deliveries of events. */
export const isOfFailed = ({ mode: which }: { readonly mode: ReplayMode }): boolean => which === 'FAILED';

/** How many events, or in mode FAILED how many deliveries, a scope has. */
export type ReplayCount = {
  /** Null: more than MAX_EXACT_COUNT, or too many events to look through in time. `estimate` then has a value. */
  readonly count: number | null;
  readonly estimate: number | null;
  /** When the first and the last of them was published; null: not known. */
  readonly oldestAt: Date | null;
  readonly newestAt: Date | null;
};

export const MAX_EXACT_COUNT = 10_000;
export const MAX_REPLAY_RATE = 1_000;
export const DEFAULT_REPLAY_RATE = 50;
const DAY_MS = 86_400_000;

/**
 * Reads a scope: REQUIRED, INVALID, TOO_LONG, TOO_MANY. It does not look the target and the event types up. `until` is `now` at
 * the latest: what is published later is delivered anyway.
 */
export function readReplayScope(
  input: ReplayScopeInput,
  { now, retentionDays }: { readonly now: Date; readonly retentionDays: number },
): Result<ReplayScope> {
  const { mode, eventType = null } = input;
  const [targetId, customerId] = [input.targetId ?? null, input.customerId ?? null];
  const { gte, lt } = input.createdAt;
  const userErrors: UserError[] = [];
  if (targetId === null && !isOfFailed(input)) {
    const message = `Expected the id of a webhook target, got none. Only mode FAILED takes every target at once, not ${mode}.`;
    userErrors.push(userError('REQUIRED', ['scope', 'targetId'], message));
  }
  if (!gte) userErrors.push(missingEnd('gte'));
  if (!lt) userErrors.push(missingEnd('lt'));
  if (gte && lt) userErrors.push(...checkRange(gte, lt, now, retentionDays));
  if (eventType?.length === 0) {
    const message = 'Expected at least one event type, or null for every type; got an empty list.';
    userErrors.push(userError('REQUIRED', ['scope', 'eventType'], message));
  }
  if (eventType !== null && eventType.length > MAX_LIST) {
    const message = `Expected at most ${MAX_LIST} entries, got ${eventType.length}.`;
    userErrors.push(userError('TOO_MANY', ['scope', 'eventType'], message));
  }
  if (customerId !== null) {
    userErrors.push(...checkText(['scope', 'customerId'], customerId, { most: MAX_CUSTOMER_ID, required: true }));
  }
  if (userErrors.length > 0 || !gte || !lt) return fail(...userErrors);
  const until = new Date(Math.min(lt.getTime(), now.getTime()));
  return succeed({ targetId, mode, from: gte, until, eventTypes: [...new Set(eventType ?? [])], customerId });
}

const missingEnd = (end: 'gte' | 'lt'): UserError =>
  userError(
    'REQUIRED',
    ['scope', 'createdAt', end],
    'Expected a time, got none. A replay needs both ends of its range; an end in the future counts as now.',
  );

function checkRange(gte: Date, lt: Date, now: Date, retentionDays: number): UserError[] {
  const refuse = (message: string) => [userError('INVALID', ['scope', 'createdAt'], message)];
  if (lt <= gte) return refuse(`Expected lt after gte, got ${gte.toISOString()} and ${lt.toISOString()}.`);
  if (gte >= now) return refuse(`Expected gte in the past, got ${gte.toISOString()}: nothing is published yet.`);
  const days = (lt.getTime() - gte.getTime()) / DAY_MS;
  if (days <= retentionDays) return [];
  return refuse(
    `Expected at most ${retentionDays} days from gte to lt, got ${Math.ceil(days)}. Events are kept for ` +
      `${retentionDays} days (RETENTION_DAYS).`,
  );
}

/** Whether an entry of the list, a name or a pattern, stands for the event type. An empty list has every type. */
export const isOfType = (eventTypes: readonly string[], name: string): boolean =>
  eventTypes.length === 0 || eventTypes.some((entry) => standsFor(entry, name));

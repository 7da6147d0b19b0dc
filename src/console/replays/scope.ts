/** What to replay, as a form has it, and as the service takes it. */
import type { ReplayMode, ReplayScopeInput } from '../generated/graphql.ts';
import { readTime, toLocalInput } from '../ui/filter/time-range.ts';

const DAY_MS = 86_400_000;
/** An input has no seconds: a span ends with the next minute, so that what has just failed is taken too. */
const MINUTE_MS = 60_000;

/** The others can be of every target. */
const NEED_TARGET: readonly ReplayMode[] = ['MISSED', 'ALL'];

export type ScopeDraft = {
  readonly mode: ReplayMode;
  /** Empty: every target, which only FAILED can. */
  readonly targetId: string;
  /** Local time, as an input of the browser has it: `2026-01-15T10:30`. */
  readonly from: string;
  readonly until: string;
  /** Names and patterns, with commas or spaces between them. */
  readonly eventTypes: string;
  readonly customerId: string;
  readonly ratePerSecond: string;
};

export function scopeOf({ mode, targetId, from, until, eventTypes, customerId }: ScopeDraft): ReplayScopeInput {
  const names = eventTypes.split(/[\s,]+/).filter((name) => name !== '');
  return {
    mode,
    createdAt: { gte: toInstant(from), lt: toInstant(until) },
    ...(targetId !== '' && { targetId }),
    ...(names.length > 0 && { eventType: names }),
    ...(customerId.trim() !== '' && { customerId: customerId.trim() }),
  };
}

/** What is wrong before anything is asked, by the names of the fields. */
export function problemsOfScope({
  mode,
  targetId,
  from,
  until,
  ratePerSecond,
}: ScopeDraft): Readonly<Record<string, string>> {
  const problems: Record<string, string> = {};
  if (NEED_TARGET.includes(mode) && targetId === '')
    problems['targetId'] = 'Choose a target: only failed ones can be of all targets.';
  if (toInstant(from) === null || toInstant(until) === null) problems['createdAt'] = 'Say from when and until when.';
  else if (from >= until) problems['createdAt'] = 'The end must be after the beginning.';
  if (!/^\d+$/.test(ratePerSecond.trim())) problems['ratePerSecond'] = 'Write a whole number.';
  return problems;
}

/** Null: the text is not a local time. */
const toInstant = (local: string): string | null => {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
};

/** What another page asks for in the address, as `replayHref` writes it; else the failed deliveries of the last day. */
export function readScope(params: URLSearchParams, now: Date): ScopeDraft {
  const { from, to } = readTime(new URLSearchParams({ from: params.get('from') ?? '', to: params.get('until') ?? '' }));
  return {
    mode: NEED_TARGET.find((one) => one === params.get('mode')) ?? 'FAILED',
    targetId: params.get('targetId') ?? '',
    from: toLocalInput(from || new Date(now.getTime() - DAY_MS).toISOString()),
    until: toLocalInput(new Date((to === '' ? now.getTime() : Date.parse(to) - 1) + MINUTE_MS).toISOString()),
    eventTypes: params.get('eventTypes') ?? '',
    customerId: '',
    ratePerSecond: '100',
  };
}

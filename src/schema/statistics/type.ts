/** Statistics of attempts: what is shown of them. */
import { outcomesOf, type AttemptCounts, type OutcomeCounted } from '../../domain/statistics/counts.ts';
import { MAX_INT, percentilesOf, type Percentiles } from '../../domain/statistics/tally.ts';
import { RequestError } from '../../errors.ts';
import { builder } from '../build/builder.ts';
import type { Context } from '../build/context.ts';
import { WebhookTarget } from '../build/refs.ts';
import { AttemptOutcomeEnum } from '../delivery-attempt.ts';
import { EventType } from '../event-type.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../read/page.ts';
import { loadersOf } from '../read/reads.ts';
import type { EventTypeRow, TargetRow } from '../read/rows.ts';
import { readRanking, type CountSelection, type RankedBy, type Uncounted } from '../read/counts.ts';

type Point = { readonly atMs: number; readonly counts: AttemptCounts };

const PercentilesType = builder.objectRef<Percentiles>('Percentiles').implement({
  description:
    'How long something took, in milliseconds. Each value is within 10 % of the exact one, and exact below 10 ms. At ' +
    'most 2147483647.',
  fields: (t) => ({
    p50: t.exposeInt('p50', { description: 'Half took no longer.' }),
    p95: t.exposeInt('p95', { description: '95 of 100 took no longer.' }),
    p99: t.exposeInt('p99', { description: '99 of 100 took no longer.' }),
    max: t.exposeInt('max', { description: 'The longest.' }),
  }),
});

const OutcomeCount = builder.objectRef<OutcomeCounted>('OutcomeCount').implement({
  description: 'How many attempts ended in one way.',
  fields: (t) => ({
    outcome: t.field({
      type: AttemptOutcomeEnum,
      description: 'How they ended.',
      resolve: ({ outcome }) => outcome,
    }),
    statusClass: t.exposeInt('statusClass', {
      nullable: true,
      description: 'The class of the responses: 2, 3, 4 or 5, the first digit of the status. Null without a response.',
    }),
    count: t.int({ description: 'How many attempts. At most 2147483647.', resolve: ({ count }) => shown(count) }),
  }),
});

/** A correction may be counted in the step beside that of its attempt: no step shows less than nothing. */
const shown = (count: number): number => Math.min(Math.max(count, 0), MAX_INT);

const StatisticsPoint = builder.objectRef<Point>('StatisticsPoint').implement({
  description:
    'AttemptCounts of attempts. An attempt counts in the step in which it was recorded, moments after its end. A number is at ' +
    'most 2147483647, also where there were more.',
  fields: (t) => ({
    at: t.field({
      type: 'DateTime',
      description: 'The beginning of the step; of a total, that of the first step.',
      resolve: ({ atMs }) => new Date(atMs),
    }),
    attempts: t.int({ description: 'All attempts.', resolve: ({ counts }) => shown(counts.attempts) }),
    delivered: t.int({ description: 'Attempts that succeeded.', resolve: ({ counts }) => shown(counts.delivered) }),
    failed: t.int({
      description: 'Attempts that failed, for whatever reason.',
      resolve: ({ counts }) => shown(counts.attempts - counts.delivered),
    }),
    retries: t.int({
      description: 'Attempts after the first one of their delivery, manual ones included.',
      resolve: ({ counts }) => shown(counts.retries),
    }),
    manual: t.int({
      description: 'Attempts that a person asked for.',
      resolve: ({ counts }) => shown(counts.manual),
    }),
    exhausted: t.int({
      description:
        'Deliveries that ended FAILED. One that was retried by hand and failed again counts again, and one that ' +
        'succeeded later is not taken back.',
      resolve: ({ counts }) => shown(counts.exhausted),
    }),
    outcomes: t.field({
      type: [OutcomeCount],
      description: 'How the attempts ended, the most frequent outcome first; only outcomes that occurred.',
      extensions: { listSize: 12 },
      resolve: ({ counts }) => outcomesOf(counts),
    }),
    durationMs: t.field({
      type: PercentilesType,
      nullable: true,
      description:
        'How long the requests took, from the start of the connection to the last byte that was read. Null without ' +
        'attempts.',
      resolve: ({ counts }) => percentilesOf(counts.durations),
    }),
    latencyMs: t.field({
      type: PercentilesType,
      nullable: true,
      description:
        'How long it took from the publish to the 2xx, failed attempts and waiting included. Only deliveries that ' +
        'publishing made count, not those of an event that was sent again later. Null without any.',
      resolve: ({ counts }) => percentilesOf(counts.latencies),
    }),
  }),
});

type TargetCounts = Point & { readonly target: TargetRow };
type EventTypeCounts = Point & { readonly eventType: EventTypeRow };

const totalField = (t: PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, Point>) =>
  t.field({ type: StatisticsPoint, description: 'Its attempts in the whole range.', resolve: (point) => point });

const TargetStatistics = builder.objectRef<TargetCounts>('TargetStatistics').implement({
  description: 'The attempts to one webhook target.',
  fields: (t) => ({
    target: t.field({
      type: WebhookTarget,
      description: 'The target. A deleted one is shown too: what was sent to it is counted.',
      resolve: ({ target }) => target,
    }),
    total: totalField(t as never),
  }),
});

const EventTypeStatistics = builder.objectRef<EventTypeCounts>('EventTypeStatistics').implement({
  description: 'The attempts with events of one type.',
  fields: (t) => ({
    eventType: t.field({ type: EventType, description: 'The event type.', resolve: ({ eventType }) => eventType }),
    total: totalField(t as never),
  }),
});

const FIRST = `How many, 1 to ${MAX_PAGE_SIZE}. Default: ${DEFAULT_PAGE_SIZE}.`;
const RANKED =
  'the most failed attempts first, and among equals the most attempts. Those without attempts are left out.';
/** A ranking reads a row for each of thousands of targets. */
const RANKING_COST = 500;

export const DeliveryStatistics = builder.objectRef<CountSelection>('DeliveryStatistics').implement({
  description:
    'What was sent in a range of time, and what came of it, in steps of UTC. Everything is of one moment, and kept longer ' +
    'than the deliveries themselves: minutes for 48 hours, hours for 30 days, days for 400 days.',
  fields: (t) => ({
    upTo: t.field({
      type: 'DateTime',
      description:
        'Attempts that were recorded before this time are counted; it is a few seconds ago as a rule. Later steps are ' +
        'not complete yet.',
      resolve: async (_, __, context) => upTo(await loadersOf(context).uncounted(), context.services.clock.now()),
    }),
    total: t.field({
      type: StatisticsPoint,
      description: 'All steps of the range together.',
      resolve: async (selection, _, context) => {
        return { atMs: selection.fromMs, counts: await loadersOf(context).totalCounts.load(selection) };
      },
    }),
    points: t.field({
      type: [StatisticsPoint],
      description: 'One for each step of the range, oldest first; empty steps too. At most 1000.',
      resolve: async (selection, _, context) => {
        const steps = await loadersOf(context).stepCounts.load(selection);
        return [...steps].map(([atMs, counts]) => ({ atMs, counts }));
      },
    }),
    byTarget: t.field({
      type: [TargetStatistics],
      description: `The webhook targets, ${RANKED} Costs ${RANKING_COST}.`,
      extensions: { cost: RANKING_COST },
      args: { first: t.arg.int({ description: FIRST }) },
      resolve: async (selection, { first }, context) => {
        const { organizationId } = selection;
        const { target } = loadersOf(context);
        return ranking(selection, 'target_id', first, context, async (point, id) => {
          const row = await target.load({ id, organizationId });
          return row && { ...point, target: row };
        });
      },
    }),
    byEventType: t.field({
      type: [EventTypeStatistics],
      description: `The event types, ${RANKED} Costs ${RANKING_COST}.`,
      extensions: { cost: RANKING_COST },
      args: { first: t.arg.int({ description: FIRST }) },
      resolve: async (selection, { first }, context) => {
        const { eventType } = loadersOf(context);
        return ranking(selection, 'event_type', first, context, async (point, name) => {
          const row = await eventType.load(name);
          return row && { ...point, eventType: row };
        });
      },
    }),
  }),
});

/** A change is dated this long before its transaction takes its place in the order, as a rule. */
const DATED_BEFORE_COMMIT_MS = 1_000;

/** Up to when attempts are counted: until now, or to the oldest change that is not. */
function upTo([oldest]: readonly Uncounted[], now: Date): Date {
  return new Date(Math.min(now.getTime(), oldest?.at.getTime() ?? Infinity) - DATED_BEFORE_COMMIT_MS);
}

/** `show` returns null for what is not there any more. */
async function ranking<Shown>(
  selection: CountSelection,
  by: RankedBy,
  first: number | null | undefined,
  context: Context,
  show: (point: Point, key: string) => Promise<Shown | null>,
): Promise<Shown[]> {
  const size = first ?? DEFAULT_PAGE_SIZE;
  if (size < 1 || size > MAX_PAGE_SIZE) {
    const message = `\`first\`: expected 1 to ${MAX_PAGE_SIZE}, got ${size}.`;
    throw new RequestError('BAD_USER_INPUT', message, { argument: 'first' });
  }
  const ranked = await readRanking(context.reads.reading, selection, by, size);
  const atMs = selection.fromMs;
  const all = await Promise.all(ranked.map(({ key, counts }) => show({ atMs, counts }, key)));
  return all.filter((one) => one !== null);
}

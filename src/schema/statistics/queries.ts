/** Asking for statistics of attempts: of an organization, or of one webhook target. */
import type { Granularity } from '../../domain/statistics/granularity.ts';
import { callerOf } from '../build/access.ts';
import { builder } from '../build/builder.ts';
import { DateTimeRangeInput } from '../build/date-time-range.ts';
import { WebhookTarget } from '../build/refs.ts';
import { TYPES_OR_PATTERNS } from '../build/short-lists.ts';
import { canMatch } from '../read/conditions.ts';
import { countSteps, stepRange } from './range.ts';
import { ALL } from '../read/counts.ts';
import { DeliveryStatistics } from './type.ts';

const STEPS: { readonly [Step in Granularity]: { readonly description: string } } = {
  MINUTE: { description: 'Minutes. They are kept for 48 hours.' },
  HOUR: { description: 'Hours. They are kept for 30 days.' },
  DAY: { description: 'Days of UTC. They are kept for 400 days.' },
};

const StatisticsGranularityEnum = builder.enumType('StatisticsGranularity', {
  description: 'The steps of statistics.',
  values: STEPS,
});

type StatisticsFilter = {
  readonly targetId?: string | null | undefined;
  readonly eventType?: readonly string[] | null | undefined;
};

const StatisticsFilterInput = builder.inputRef<StatisticsFilter>('StatisticsFilter').implement({
  description:
    'Which attempts to count: those that satisfy every given field. A field that is null restricts nothing. An empty ' +
    'list matches nothing, and neither does an id or name that does not exist.',
  fields: (t) => ({
    targetId: t.id({ description: 'Attempts to this webhook target, deleted or not.' }),
    eventType: t.stringList({ description: `Attempts with events of one of these types. ${TYPES_OR_PATTERNS}` }),
  }),
});

const RANGE =
  'From when to when. `gte` must be given; without `lt`, up to now. It is widened to whole steps, at most 1000.';
const REFUSED =
  'BAD_USER_INPUT: no `gte`, more than 1000 steps, or steps that are not kept for so long (use coarser ones). Costs 50, ' +
  'and `points` what is selected in it for each step.';
const NONE = { targetId: null, eventTypes: [] };
const extensions = { cost: 50, pageSize: countSteps };

builder.queryField('deliveryStatistics', (t) =>
  t.field({
    type: DeliveryStatistics,
    needs: 'DELIVERIES_READ',
    description: `Figures of the attempts of the caller’s organization over a span of time. ${REFUSED}`,
    extensions,
    args: {
      range: t.arg({ type: DateTimeRangeInput, required: true, description: RANGE }),
      granularity: t.arg({ type: StatisticsGranularityEnum, required: true, description: 'The steps.' }),
      filter: t.arg({ type: StatisticsFilterInput, description: 'Default: all attempts.' }),
    },
    resolve: (_, { range, granularity, filter }, context) => {
      const { targetId = null, eventType = null } = filter ?? {};
      // No target and no event type has the name that stands for all.
      const isPossible = canMatch(targetId, eventType) && targetId !== ALL && !eventType?.includes(ALL);
      return {
        ...stepRange(range, granularity, context.services.clock.now()),
        organizationId: callerOf(context).organizationId,
        ...(isPossible ? { targetId, eventTypes: eventType } : NONE),
      };
    },
  }),
);

builder.objectField(WebhookTarget, 'statistics', (t) =>
  t.field({
    type: DeliveryStatistics,
    needs: 'DELIVERIES_READ',
    description: `Figures of the attempts to the target over a span of time. ${REFUSED}`,
    extensions,
    args: {
      range: t.arg({ type: DateTimeRangeInput, required: true, description: RANGE }),
      granularity: t.arg({ type: StatisticsGranularityEnum, required: true, description: 'The steps.' }),
    },
    resolve: ({ id, organizationId }, { range, granularity }, context) => ({
      ...stepRange(range, granularity, context.services.clock.now()),
      organizationId,
      targetId: id,
      eventTypes: null,
    }),
  }),
);

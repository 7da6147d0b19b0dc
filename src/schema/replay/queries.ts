/** Looking for replays, and what one would do. */
import { Prisma } from '../../../prisma/generated/client.ts';
import { isId } from '../../domain/ksuid.ts';
import {
  MAX_EXACT_COUNT,
  type ReplayCount,
  type ReplayScopeInput,
  type ReplayStatus,
} from '../../domain/replay/scope.ts';
import type { UserError } from '../../errors.ts';
import { callerOf, reachOf } from '../build/access.ts';
import { builder } from '../build/builder.ts';
import { connectionOf, pageArguments } from '../build/connection.ts';
import { DateTimeRangeInput } from '../build/date-time-range.ts';
import { payloadType } from '../build/mutation.ts';
import { Replay, ReplayConnection } from '../build/refs.ts';
import { AT_MOST } from '../build/short-lists.ts';
import { allOf, canMatch, NOTHING } from '../read/conditions.ts';
import { replayList, type Parent, type Selection } from '../read/list.ts';
import { loadersOf } from '../read/reads.ts';
import { refuseSlow, type ReplayRow } from '../read/rows.ts';
import { ReplayModeEnum, ReplayStatusEnum } from './type.ts';

/** What a preview costs: it may look at all events of its range. */
export const COUNTING = { cost: 1_000 };

type ScopeRef = PothosSchemaTypes.InputObjectRef<typeof builder.$inferSchemaTypes, ReplayScopeInput>;

export const ReplayScopeArgument: ScopeRef = builder.inputRef<ReplayScopeInput>('ReplayScopeInput').implement({
  description: 'What to replay: what satisfies every given field. A field that is null restricts nothing.',
  fields: (t) => ({
    targetId: t.id({
      description: 'The target. Required for MISSED and ALL; FAILED without it takes every target of the organization.',
    }),
    mode: t.field({ type: ReplayModeEnum, required: true, description: 'What to send again.' }),
    createdAt: t.field({
      type: DateTimeRangeInput,
      required: true,
      description:
        'When the events were published. Both ends are required, at most RETENTION_DAYS (30) apart. An end in the ' +
        'future counts as now.',
    }),
    eventType: t.stringList({
      description: 'Events of these types, by name or by a pattern such as `wallet.*`; 1 to 1000. Default: every type.',
    }),
    customerId: t.string({ description: 'Events about exactly this customer.' }),
  }),
});

const ReplayPreview = payloadType<ReplayCount>('ReplayPreview', 'What a replay would send now.', (t) => ({
  count: t.int({
    nullable: true,
    description:
      `How many: exact up to ${MAX_EXACT_COUNT}. Null when there are more, when they could not be counted in three ` +
      'seconds, or when there are userErrors.',
    resolve: ({ value }) => value && value.count,
  }),
  estimate: t.int({
    nullable: true,
    description:
      'About how many, where `count` is null: the share that was found, of the rows that the planner expects.',
    resolve: ({ value }) => value && value.estimate,
  }),
  oldestAt: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'When the first of them was published; null: there are none.',
    resolve: ({ value }) => value && value.oldestAt,
  }),
  newestAt: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'When the last of them was published; null: there are none, or it was not found in time.',
    resolve: ({ value }) => value && value.newestAt,
  }),
}));

builder.queryField('replayPreview', (t) =>
  t.field({
    type: ReplayPreview,
    needs: 'DELIVERIES_READ',
    description:
      'Counts what a replay of this scope would send now, and sends nothing. User errors are those of createReplay that ' +
      `are about the scope. Costs ${COUNTING.cost}.`,
    extensions: COUNTING,
    args: { scope: t.arg({ type: ReplayScopeArgument, required: true, description: 'What to replay.' }) },
    resolve: async (_, { scope }, context) => {
      const counted = await context.services.replays.preview(callerOf(context), scope).catch(refuseSlow);
      if (counted.ok) return { value: counted.value, userErrors: [] };
      return { value: null, userErrors: counted.userErrors.map(ofArgument) };
    },
  }),
);

/** The scope is an argument here, not a field of `input`. */
const ofArgument = ({ field, ...error }: UserError): UserError => ({ ...error, field: field && field.slice(1) });

builder.queryField('replay', (t) =>
  t.field({
    type: Replay,
    nullable: true,
    needs: 'DELIVERIES_READ',
    description: 'The replay with this id; null when there is none in the caller’s organization.',
    args: { id: t.arg.id({ required: true, description: 'KSUID of the replay.' }) },
    resolve: (_, { id }, context) =>
      isId(id) ? loadersOf(context).replay.load({ id, organizationId: reachOf(context) }) : null,
  }),
);

type ReplayFilter = {
  readonly targetId?: string | null | undefined;
  readonly status?: readonly ReplayStatus[] | null | undefined;
};

const ReplayFilterInput = builder.inputRef<ReplayFilter>('ReplayFilter').implement({
  description:
    'Which replays to list: those that satisfy every given field. A field that is null restricts nothing. An empty ' +
    'list matches nothing, and neither does an id that does not exist.',
  fields: (t) => ({
    targetId: t.id({ description: 'Replays of this webhook target.' }),
    status: t.field({ type: [ReplayStatusEnum], description: `Replays in one of these states. ${AT_MOST}` }),
  }),
});

builder.queryField('replays', (t) =>
  t.field({
    type: ReplayConnection,
    needs: 'DELIVERIES_READ',
    description:
      'The replays of the caller’s organization, newest first. They are kept for RETENTION_DAYS after their end. To keep ' +
      'the list current, read replayStreamCursor in the same operation, then subscribe to replayProgressed.',
    args: {
      ...pageArguments(t.arg),
      filter: t.arg({ type: ReplayFilterInput, description: 'Default: all of them.' }),
    },
    resolve: (_, { filter, ...args }, context) => {
      const { organizationId } = callerOf(context);
      return connectionOf(replaysOf({ id: organizationId, organizationId }, filter), args);
    },
  }),
);

/** The replays of an organization, newest first. */
function replaysOf(organization: Parent, filter: ReplayFilter | null | undefined): Selection<ReplayRow> {
  const { targetId, status } = filter ?? {};
  const where: Selection<ReplayRow>['where'] = ({ id }) => {
    if (!canMatch(targetId)) return [NOTHING];
    const conditions = [
      Prisma.sql`organization_id = ${id}`,
      targetId != null ? Prisma.sql`target_id = ${targetId}` : undefined,
      status != null ? Prisma.sql`status = any(${status}::replay_status[])` : undefined,
    ];
    return [allOf(conditions)];
  };
  return { list: replayList, parent: organization, where, key: JSON.stringify(['replays', filter]) };
}

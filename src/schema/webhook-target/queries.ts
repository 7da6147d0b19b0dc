/** Looking for webhook targets: one by its id, and lists of those that pass a filter. */
import { Prisma } from '../../../prisma/generated/client.ts';
import { isId } from '../../domain/ksuid.ts';
import { namedOnlyTypes } from '../../domain/event-types/service-event-types.ts';
import type { TargetStatus } from '../../domain/targets/target.ts';
import { callerOf, reachOf } from '../build/access.ts';
import { builder } from '../build/builder.ts';
import { connectionOf, pageArguments } from '../build/connection.ts';
import { WebhookTarget, WebhookTargetConnection } from '../build/refs.ts';
import { AT_MOST } from '../build/short-lists.ts';
import { allOf, canMatch, NOTHING, ofTypes } from '../read/conditions.ts';
import { targetList, type Parent, type Selection } from '../read/list.ts';
import { loadersOf } from '../read/reads.ts';
import type { TargetRow } from '../read/rows.ts';
import { WebhookTargetStatusEnum } from './type.ts';

type TargetFilter = {
  readonly status?: readonly TargetStatus[] | null | undefined;
  readonly eventType?: string | null | undefined;
  readonly search?: string | null | undefined;
};

const WebhookTargetFilterInput = builder.inputRef<TargetFilter>('WebhookTargetFilter').implement({
  description:
    'Which webhook targets to list: those that satisfy every given field. A field that is null restricts nothing. ' +
    'An empty list matches nothing.',
  fields: (t) => ({
    status: t.field({ type: [WebhookTargetStatusEnum], description: `Targets in one of these states. ${AT_MOST}` }),
    eventType: t.string({
      description:
        'Targets that would receive this event type: global targets, targets without a list of types, and targets ' +
        'that list its name or a pattern of it, whatever their customers. A pattern such as `wallet.*` finds the ' +
        'targets that would receive at least one type below it. Types of the catalog `hookcast` go only to targets ' +
        'that list them. A DISABLED target receives nothing and never matches. A name that is not an event type matches nothing.',
    }),
    search: t.string({
      description:
        'Case-insensitive substring of name, description or url. There are no wildcards: every character stands for ' +
        'itself.',
    }),
  }),
});

builder.queryField('webhookTarget', (t) =>
  t.field({
    type: WebhookTarget,
    nullable: true,
    needs: 'TARGETS_READ',
    description:
      'The webhook target with this id; null when there is none in the caller’s organization, or it was deleted.',
    args: { id: t.arg.id({ required: true, description: 'KSUID of the target.' }) },
    resolve: async (_, { id }, context) => {
      if (!isId(id)) return null;
      const target = await loadersOf(context).target.load({ id, organizationId: reachOf(context) });
      return target?.deletedAt === null ? target : null;
    },
  }),
);

builder.queryField('webhookTargets', (t) =>
  t.field({
    type: WebhookTargetConnection,
    needs: 'TARGETS_READ',
    description: 'The webhook targets of the caller’s organization, newest first. Deleted ones are left out.',
    args: {
      ...pageArguments(t.arg),
      filter: t.arg({ type: WebhookTargetFilterInput, description: 'Default: all of them.' }),
    },
    resolve: (_, { filter, ...args }, context) => {
      const { organizationId } = callerOf(context);
      const namedOnly = namedOnlyTypes(context.services.serviceEvents);
      return connectionOf(targetsOf({ id: organizationId, organizationId }, filter, namedOnly), args);
    },
  }),
);

/** The targets of an organization that were not deleted, newest first. */
function targetsOf(
  organization: Parent,
  filter: TargetFilter | null | undefined,
  namedOnly: readonly string[],
): Selection<TargetRow> {
  const { status, eventType, search } = filter ?? {};
  const where: Selection<TargetRow>['where'] = ({ id }) => {
    if (!canMatch(eventType, search)) return [NOTHING];
    const conditions = [
      Prisma.sql`organization_id = ${id} and deleted_at is null`,
      status != null ? Prisma.sql`status = any(${status}::webhook_target_status[])` : undefined,
      eventType != null ? receives(eventType, namedOnly) : undefined,
      search != null ? containsText(search) : undefined,
    ];
    return [allOf(conditions)];
  };
  return { list: targetList, parent: organization, where, key: JSON.stringify(['targets', filter]) };
}

/** Targets that would receive an event of this type; of a pattern, of at least one type that it stands for. */
const receives = (entry: string, namedOnly: readonly string[]): Prisma.Sql => Prisma.sql`
  status <> 'DISABLED' and exists (
    select 1 from event_types known
     where ${ofTypes([entry], Prisma.sql`known.name`)}
       and case when known.name = any(${namedOnly}::text[]) then not global and ${LISTED}
                else global or event_types = '{}' or ${LISTED} end)`;

const LISTED = Prisma.sql`
  exists (select 1 from unnest(event_types) as entries (entry)
    where entry = known.name or (entry like '%.*' and known.name ^@ left(entry, -1)))`;

/** By position, not LIKE, so that no character of the search is a wildcard. ICU knows the cases of all alphabets. */
const containsText = (search: string): Prisma.Sql => Prisma.sql`
  exists (select 1 from unnest(array[name, description, url]) as texts (text)
    where strpos(lower(text collate "und-x-icu"), lower(${search} collate "und-x-icu")) > 0)`;

/** The audit log: who changed what. */
import { Prisma } from '../../prisma/generated/client.ts';
import type { Caller } from '../access/caller.ts';
import { reach } from '../domain/reach.ts';
import { callerOf } from './build/access.ts';
import { builder } from './build/builder.ts';
import { connectionOf, connectionType, pageArguments } from './build/connection.ts';
import type { Context } from './build/context.ts';
import { Node } from './build/node-interface.ts';
import { AT_MOST } from './build/short-lists.ts';
import { DateTimeRangeInput } from './build/date-time-range.ts';
import { allOf, canMatch, createdWithin, NOTHING, type DateTimeRange } from './read/conditions.ts';
import { auditList, type Selection } from './read/list.ts';
import { once } from './read/once.ts';
import { loadersOf } from './read/reads.ts';
import { present } from './read/row-of.ts';
import type { AuditRow } from './read/rows.ts';

type ActorKind = 'API_KEY' | 'PORTAL_SESSION' | 'PLATFORM' | 'COMMAND_LINE' | 'SERVICE';

const ACTORS: { readonly [Name in ActorKind]: { readonly description: string } } = {
  API_KEY: { description: 'Somebody with an API key: `apiKeyId` and `apiKeyName` say which.' },
  PORTAL_SESSION: { description: 'Somebody in the portal: `apiKeyId` is the id of the portal session.' },
  PLATFORM: {
    description:
      'Somebody with an API key of another organization that has the scope PLATFORM_ADMIN. Only API keys with ' +
      'PLATFORM_ADMIN are shown which API key it was: they get API_KEY here.',
  },
  COMMAND_LINE: { description: 'The operator of the deployment, by a command of `hookcast`.' },
  SERVICE: { description: 'The service itself, by its rules.' },
};

const AuditActorEnum = builder.enumType('AuditActor', {
  description: 'What kind of author made a change.',
  values: ACTORS,
});

/** What readers are shown where there is no API key of theirs. */
const NAMES = { PLATFORM: 'platform', PORTAL_SESSION: 'portal session' } as const;

/** The kind of author that the caller is shown. Only a platform admin is told about an API key of another organization. */
function actorOf({ actor, apiKeyOrganizationId, organizationId }: AuditRow, { isPlatformAdmin }: Caller): ActorKind {
  const isHidden = actor === 'API_KEY' && !isPlatformAdmin && apiKeyOrganizationId !== organizationId;
  return isHidden ? 'PLATFORM' : (actor as ActorKind);
}

const fieldsOf = (entry: AuditRow, context: Context) =>
  once(entry, 'fields', () => present(loadersOf(context).auditFields.load(entry.id), 'audit entry'));

const FIELDS =
  'A JSON object with the names of the API, and with dates as RFC 3339 texts. It never holds an API key, a secret ' +
  'or a hash. Costs 10.';

const AuditEntry = builder.objectRef<AuditRow>('AuditEntry').implement({
  description:
    'One change that somebody made to a webhook target, a secret, an API key, a portal session, an event type, an organization ' +
    'or a signing key, an event that somebody redelivered, or many deliveries that somebody cancelled. The entry is written in ' +
    'the transaction of the change, so every change that was kept has exactly one. A call that changes nothing, such as revoking ' +
    'an API key twice, leaves none. Entries are kept for 400 days, unless the operator chose otherwise, also when their subject ' +
    'is gone; those of an organization are deleted with it. Publishing, test events, retrying and cancelling one delivery leave ' +
    'none; beginning and cancelling a replay do, and so does an erasure.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID of the entry.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When the change was made.' }),
    operation: t.exposeString('operation', {
      description:
        'What made the change. A mutation: its name in this schema (`rotateWebhookTargetSecret`), whatever the ' +
        'client called its operation. A command: its name (`keys create`). The service itself: `start`, for what a ' +
        'start added, or `disableFailingTarget`.',
    }),
    actor: t.field({
      type: AuditActorEnum,
      description: 'What kind of author made the change.',
      resolve: (entry, _, context) => actorOf(entry, callerOf(context)),
    }),
    apiKeyId: t.id({
      nullable: true,
      description:
        'The API key that the change was made with, or the portal session. Null: it came from the command line, from the ' +
        'service itself, or from the platform (see `apiKeyName`).',
      resolve: (entry, _, context) => (actorOf(entry, callerOf(context)) === 'PLATFORM' ? null : entry.apiKeyId),
    }),
    apiKeyName: t.string({
      nullable: true,
      description:
        'The name of that API key; `portal session` for one. `platform`: somebody of another organization made the change, ' +
        'with an API key that has PLATFORM_ADMIN; only API keys with PLATFORM_ADMIN are shown its true id and name. Null: the ' +
        'change came from the command line or from the service itself.',
      resolve: (entry, _, context) => {
        const actor = actorOf(entry, callerOf(context));
        return actor === 'PLATFORM' || actor === 'PORTAL_SESSION' ? NAMES[actor] : entry.apiKeyName;
      },
    }),
    organizationId: t.exposeID('organizationId', {
      nullable: true,
      description:
        'The organization whose object was changed. Null: the object is the deployment’s (event types, signing ' +
        'keys, organizations, the master key).',
    }),
    subjectType: t.exposeString('subjectType', {
      description:
        'Type of what was changed: WebhookTarget (its secrets too), ApiKey, EventType, Organization, SigningKey, ' +
        'MasterKey, Delivery, Replay, Erasure or PortalSession.',
    }),
    subjectId: t.exposeID('subjectId', {
      nullable: true,
      description:
        'Id of what was changed, or the name of an event type; null for the master key and for many deliveries.',
    }),
    before: t.field({
      type: 'JSON',
      nullable: true,
      extensions: { cost: 10 },
      description: `The changed fields as they were before; null when the object did not exist. ${FIELDS}`,
      resolve: async (entry, _, context) => (await fieldsOf(entry, context)).before,
    }),
    after: t.field({
      type: 'JSON',
      nullable: true,
      extensions: { cost: 10 },
      description: `The changed fields as they were after; null when the object no longer exists. ${FIELDS}`,
      resolve: async (entry, _, context) => (await fieldsOf(entry, context)).after,
    }),
  }),
});

const AuditEntryConnection = connectionType(AuditEntry, { name: 'AuditEntry', rows: 'audit entries, newest first' });

type AuditFilter = {
  readonly operation?: readonly string[] | null | undefined;
  readonly apiKeyId?: string | null | undefined;
  readonly subjectId?: string | null | undefined;
  readonly at?: DateTimeRange | null | undefined;
};

const AuditFilterInput = builder.inputRef<AuditFilter>('AuditFilter').implement({
  description:
    'Which audit entries to list: those that satisfy every given field. A field that is null restricts nothing. An ' +
    'empty list matches nothing, and neither does a name or id that does not exist.',
  fields: (t) => ({
    operation: t.stringList({ description: `Changes made by one of these mutations or commands. ${AT_MOST}` }),
    apiKeyId: t.id({ description: 'Changes made with this API key, or in this portal session.' }),
    subjectId: t.id({ description: 'Changes of the object with this id, or of the event type with this name.' }),
    at: t.field({ type: DateTimeRangeInput, description: 'Changes made in this range of time.' }),
  }),
});

builder.queryField('auditLog', (t) =>
  t.field({
    type: AuditEntryConnection,
    needs: 'API_KEYS_MANAGE',
    description:
      'Who changed what in the caller’s organization, newest first. For an API key with PLATFORM_ADMIN: in every ' +
      'organization, and in the deployment as a whole, unless the request acts in one (`X-Organization-Id`).',
    args: {
      ...pageArguments(t.arg),
      filter: t.arg({ type: AuditFilterInput, description: 'Default: all of them.' }),
    },
    resolve: (_, { filter, ...args }, context) => connectionOf(entriesOf(callerOf(context), filter), args),
  }),
);

/** The entries that the caller reaches; for a platform admin those of all organizations, and of the deployment. */
function entriesOf(caller: Caller, filter: AuditFilter | null | undefined): Selection<AuditRow> {
  const { organizationId, isPlatformAdmin } = caller;
  const isOfAll = reach(caller) === null;
  const { operation, apiKeyId, subjectId, at } = filter ?? {};
  const where: Selection<AuditRow>['where'] = ({ id }) => {
    if (!canMatch(operation, apiKeyId, subjectId)) return [NOTHING];
    const conditions = [
      isOfAll ? Prisma.sql`true` : Prisma.sql`organization_id = ${id}`,
      operation != null ? Prisma.sql`operation = any(${operation})` : undefined,
      apiKeyId != null ? Prisma.sql`api_key_id = ${apiKeyId}` : undefined,
      // An API key whose id is not shown is not found by the id either.
      apiKeyId != null && !isPlatformAdmin
        ? Prisma.sql`(api_key_organization_id = ${id} or actor = 'PORTAL_SESSION')`
        : undefined,
      subjectId != null ? Prisma.sql`subject_id = ${subjectId}` : undefined,
      createdWithin(at, Prisma.sql`at`),
    ];
    return [allOf(conditions)];
  };
  const parent = { id: organizationId, organizationId };
  return { list: auditList, parent, where, key: JSON.stringify(['entries', isPlatformAdmin, isOfAll, filter]) };
}

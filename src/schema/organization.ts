/** Organizations, and who is asking. */
import { ApiKey } from './api-key.ts';
import { PortalSession, toApiKeyRow } from './portal-session.ts';
import { callerOf, isReached } from './build/access.ts';
import { authoredCaller } from './build/authored.ts';
import { builder } from './build/builder.ts';
import { Node } from './build/node-interface.ts';
import { RequestError } from '../errors.ts';
import { isId } from '../domain/ksuid.ts';
import { toOrganizationId } from './build/organization-id.ts';
import { loadersOf } from './read/reads.ts';
import { present } from './read/row-of.ts';
import type { ApiKeyRow, PortalSessionRow } from './read/rows.ts';
import { payloadType, perform } from './build/mutation.ts';
import { Organization } from './build/refs.ts';

Organization.implement({
  description:
    'A tenant: the owner of API keys, webhook targets, events and deliveries. What belongs to one organization ' +
    'does not exist for the others.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID of the organization.' }),
    name: t.exposeString('name', { description: 'Display name, 1 to 128 characters. Not unique.' }),
    externalId: t.exposeString('externalId', {
      nullable: true,
      description:
        'The platform’s own id of the organization, unique in the deployment. It is accepted wherever an ' +
        'organizationId is. Null: none.',
    }),
    rateLimitPerMinute: t.exposeInt('rateLimitPerMinute', {
      nullable: true,
      description:
        'Operations per minute that all API keys of the organization may begin together, over HTTP, SSE and ' +
        'WebSocket. Unlimited API keys count too, and the limit of each API key holds beside it. The next ' +
        'operation is refused (RATE_LIMITED, with `limitOf: "ORGANIZATION"`). API keys with PLATFORM_ADMIN are ' +
        'neither counted nor refused. Null: the deployment’s default, which is no limit unless the operator set ' +
        'ORGANIZATION_RATE_LIMIT_PER_MINUTE.',
    }),
    maxApiKeys: t.exposeInt('maxApiKeys', {
      nullable: true,
      description:
        'How many API keys that are neither revoked nor expired it may have. Null: the deployment’s default, 1000 ' +
        'unless the operator set another MAX_API_KEYS.',
    }),
    maxTargets: t.exposeInt('maxTargets', {
      nullable: true,
      description:
        'How many webhook targets that are not deleted it may have. Null: the deployment’s default, 10000 unless the ' +
        'operator set another MAX_TARGETS.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the organization was created.' }),
  }),
});

type Viewing = { readonly apiKey: ApiKeyRow; readonly session: PortalSessionRow | null };

const Viewer = builder.objectRef<Viewing>('Viewer').implement({
  description: 'Who is asking: the API key or the portal session of the request, and the organization it acts for.',
  fields: (t) => ({
    organization: t.field({
      type: Organization,
      description:
        'The organization whose objects the request sees: that of the API key, or the one that an API key with ' +
        'PLATFORM_ADMIN acts in (`X-Organization-Id`).',
      resolve: (_, _args, context) =>
        present(loadersOf(context).organization.load(callerOf(context).organizationId), 'organization'),
    }),
    apiKey: t.field({
      type: ApiKey,
      description: 'The API key of the request. A portal session answers as one: its id, scopes and end.',
      resolve: ({ apiKey }) => apiKey,
    }),
    portalSession: t.field({
      type: PortalSession,
      nullable: true,
      description: 'The portal session of the request. Null: it has an API key.',
      resolve: ({ session }) => session,
    }),
    webhookBrand: t.string({
      description:
        'The brand in the names of the headers that targets get, such as X-Dakota-Event-ID: Dakota, unless the operator ' +
        'set WEBHOOK_BRAND.',
      resolve: (_, _args, { services }) => services.webhookBrand,
    }),
    allowsLoopback: t.boolean({
      description:
        'Whether targets may be on the machine of the service. True in local mode only, which is for developers: nobody ' +
        'else receives its events.',
      resolve: (_, _args, { services }) => services.allowLoopback,
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    needs: 'ANY_KEY',
    description: 'Who is asking.',
    resolve: async (_, _args, context) => {
      const { apiKeyId: id, organizationId, actsFrom, portalOf } = callerOf(context);
      const key = { id, organizationId: actsFrom ?? organizationId };
      if (portalOf === undefined) {
        return { apiKey: await present(loadersOf(context).apiKey.load(key), 'API key'), session: null };
      }
      const session = await present(loadersOf(context).portalSession.load(key), 'portal session');
      return { apiKey: toApiKeyRow(session), session };
    },
  }),
);

builder.queryField('organization', (t) =>
  t.field({
    type: Organization,
    nullable: true,
    needs: 'PLATFORM_ADMIN',
    description:
      'The organization with this id, or with this external id; null when there is none. Exactly one of the two is ' +
      'needed (BAD_USER_INPUT).',
    args: {
      id: t.arg.id({ description: 'KSUID of the organization, or its external id.' }),
      externalId: t.arg.string({ description: 'The platform’s own id of the organization.' }),
    },
    resolve: async (_, { id, externalId }, context) => {
      if ((id == null) === (externalId == null)) {
        throw new RequestError('BAD_USER_INPUT', 'Expected exactly one of `id` and `externalId`.');
      }
      if (externalId != null && isId(externalId)) return null;
      const found = await toOrganizationId(context, (id ?? externalId)!);
      return isId(found) && isReached(context, found) ? loadersOf(context).organization.load(found) : null;
    },
  }),
);

const EXTERNAL_ID = 'The platform’s own id: 1 to 255 printable ASCII characters, no KSUID, unique in the deployment.';
const MAX_API_KEYS = 'API keys that are neither revoked nor expired: 1 to 1000000. Those that it has stay.';
const MAX_TARGETS = 'Webhook targets that are not deleted: 1 to 1000000. Those that it has stay.';
const RATE_LIMIT = 'Operations per minute of all its API keys together: 1 to 10000000.';

const CreateOrganizationInput = builder.inputType('CreateOrganizationInput', {
  description: 'A new organization.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Display name: 1 to 128 characters, not only blanks.' }),
    externalId: t.string({ description: `${EXTERNAL_ID} Default: null, which is none.` }),
    rateLimitPerMinute: t.int({ description: `${RATE_LIMIT} Default: null, which is the deployment’s default.` }),
    maxApiKeys: t.int({ description: `${MAX_API_KEYS} Default: null, which is the deployment’s default.` }),
    maxTargets: t.int({ description: `${MAX_TARGETS} Default: null, which is the deployment’s default.` }),
  }),
});

const CreateOrganizationPayload = payloadType<{ organizationId: string }>(
  'CreateOrganizationPayload',
  'What createOrganization did.',
  (t) => ({
    organization: t.field({
      type: Organization,
      nullable: true,
      description: 'The new organization. It has no API key yet; createApiKey makes one for its organizationId.',
      resolve: ({ value }, _, context) => value && loadersOf(context).organization.load(value.organizationId),
    }),
  }),
);

builder.mutationField('createOrganization', (t) =>
  t.field({
    type: CreateOrganizationPayload,
    needs: 'PLATFORM_ADMIN',
    description: 'Creates an organization. User errors: REQUIRED, TOO_LONG, INVALID, ALREADY_EXISTS (externalId).',
    args: {
      input: t.arg({ type: CreateOrganizationInput, required: true, description: 'The organization to create.' }),
    },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.organizations.create(authoredCaller(context, info), input, effect),
      ),
  }),
);

const UpdateOrganizationInput = builder.inputType('UpdateOrganizationInput', {
  description: 'A change of an organization. Only the given fields change.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'KSUID of the organization to change, or its external id.' }),
    name: t.string({ description: 'Display name: 1 to 128 characters, not only blanks. Null is refused (REQUIRED).' }),
    externalId: t.string({ description: `${EXTERNAL_ID} Null takes it away.` }),
    rateLimitPerMinute: t.int({ description: `${RATE_LIMIT} Null: the deployment’s default.` }),
    maxApiKeys: t.int({ description: `${MAX_API_KEYS} Null: the deployment’s default.` }),
    maxTargets: t.int({ description: `${MAX_TARGETS} Null: the deployment’s default.` }),
  }),
});

const UpdateOrganizationPayload = payloadType<{ organizationId: string }>(
  'UpdateOrganizationPayload',
  'What updateOrganization did.',
  (t) => ({
    organization: t.field({
      type: Organization,
      nullable: true,
      description: 'The organization as it is now; null when there are userErrors.',
      resolve: ({ value }, _, context) => value && loadersOf(context).organization.load(value.organizationId),
    }),
  }),
);

builder.mutationField('updateOrganization', (t) =>
  t.field({
    type: UpdateOrganizationPayload,
    needs: 'PLATFORM_ADMIN',
    description:
      'Changes an organization: its name, its external id, or its limits. A new rate limit holds within 5 seconds everywhere, ' +
      'on open sockets too. User errors: NOT_FOUND, REQUIRED, TOO_LONG, INVALID, ALREADY_EXISTS (externalId).',
    args: { input: t.arg({ type: UpdateOrganizationInput, required: true, description: 'What to change.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, async (effect) => {
        const id = await toOrganizationId(context, input.id);
        return context.services.organizations.update(authoredCaller(context, info), { ...input, id }, effect);
      }),
  }),
);

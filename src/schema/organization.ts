/** Organizations, and who is asking. */
import { ApiKey } from './api-key.ts';
import { callerOf } from './access.ts';
import { builder } from './builder.ts';
import { Node } from './node-interface.ts';
import { loadersOf } from './reads.ts';
import { present } from './row-of.ts';
import type { ApiKeyRow, OrganizationRow } from './rows.ts';
import { payloadType, perform } from './user-error.ts';

const Organization = builder.objectRef<OrganizationRow>('Organization').implement({
  description:
    'A tenant: the owner of API keys, webhook targets, events and deliveries. What belongs to one organization ' +
    'does not exist for the others.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID of the organization.' }),
    name: t.exposeString('name', { description: 'Display name, 1 to 128 characters. Not unique.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the organization was created.' }),
  }),
});

const Viewer = builder.objectRef<ApiKeyRow>('Viewer').implement({
  description: 'Who is asking: the API key of the request, and the organization it acts for.',
  fields: (t) => ({
    organization: t.field({
      type: Organization,
      description: 'The organization whose objects the API key sees.',
      resolve: ({ organizationId }, _, context) =>
        present(loadersOf(context).organization.load(organizationId), 'organization'),
    }),
    apiKey: t.field({ type: ApiKey, description: 'The API key of the request.', resolve: (apiKey) => apiKey }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    needs: 'ANY_KEY',
    description: 'Who is asking.',
    resolve: (_, _args, context) => {
      const { apiKeyId: id, organizationId } = callerOf(context);
      return present(loadersOf(context).apiKey.load({ id, organizationId }), 'API key');
    },
  }),
);

const CreateOrganizationInput = builder.inputType('CreateOrganizationInput', {
  description: 'A new organization.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Display name: 1 to 128 characters, not only blanks.' }),
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
    description: 'Creates an organization. User errors: REQUIRED, TOO_LONG, INVALID.',
    args: {
      input: t.arg({ type: CreateOrganizationInput, required: true, description: 'The organization to create.' }),
    },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.organizations.create(input, effect)),
  }),
);

/** Organizations, and who is asking. */
import { ApiKey } from './api-key.ts';
import { callerOf } from './access.ts';
import { builder } from './builder.ts';
import { Node } from './node-interface.ts';
import { payloadType, perform } from './user-error.ts';

const Organization = builder.prismaObject('Organization', {
  description:
    'A tenant: the owner of API keys, webhook targets, events and deliveries. What belongs to one organization ' +
    'does not exist for the others.',
  interfaces: [Node],
  select: { id: true },
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID of the organization.' }),
    name: t.exposeString('name', { description: 'Display name, 1 to 128 characters. Not unique.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the organization was created.' }),
  }),
});

const Viewer = builder.prismaObject('ApiKey', {
  variant: 'Viewer',
  description: 'Who is asking: the API key of the request, and the organization it acts for.',
  select: { id: true },
  fields: (t) => ({
    organization: t.relation('organization', { description: 'The organization whose objects the API key sees.' }),
    apiKey: t.variant(ApiKey, { description: 'The API key of the request.' }),
  }),
});

builder.queryField('viewer', (t) =>
  t.prismaField({
    type: Viewer,
    needs: 'ANY_KEY',
    description: 'Who is asking.',
    resolve: (query, _, _args, context) =>
      context.services.prisma.apiKey.findUniqueOrThrow({ ...query, where: { id: callerOf(context).apiKeyId } }),
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
    organization: t.prismaField({
      type: Organization,
      nullable: true,
      description: 'The new organization. It has no API key yet; createApiKey makes one for its organizationId.',
      resolve: (query, { value }, _, { services }) =>
        value && services.prisma.organization.findUnique({ ...query, where: { id: value.organizationId } }),
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

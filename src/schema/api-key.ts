/** API keys: what is shown of them, their lists, creating and revoking. Only the answer of createApiKey holds the key itself. */
import { Prisma } from '../../prisma/generated/client.ts';
import { API_SCOPES, type ApiScope } from '../domain/api-keys/scope.ts';
import { callerOf, reachOf } from './build/access.ts';
import { authoredCaller } from './build/authored.ts';
import { builder } from './build/builder.ts';
import { connectionOf, connectionType, pageArguments } from './build/connection.ts';
import { Node } from './build/node-interface.ts';
import { payloadType, perform, type Payload } from './build/mutation.ts';
import { MAX_LISTED_KEYS } from './read/catalog-loaders.ts';
import { apiKeyList, type Parent, type Selection } from './read/list.ts';
import { toOrganizationId } from './build/organization-id.ts';
import { loadersOf } from './read/reads.ts';
import type { ApiKeyRow } from './read/rows.ts';

const SCOPES: { readonly [Scope in ApiScope]: string } = {
  TARGETS_READ: 'Read webhook targets.',
  TARGETS_WRITE: 'Create, change, delete and test webhook targets, and rotate their secrets. Includes TARGETS_READ.',
  EVENTS_READ: 'Read events and their data.',
  EVENTS_PUBLISH:
    'Publish events. Includes reading the data of events that the API key reaches, but not lists of events.',
  DELIVERIES_READ: 'Read and watch deliveries and their attempts.',
  DELIVERIES_WRITE: 'Retry and cancel deliveries. Includes DELIVERIES_READ.',
  API_KEYS_MANAGE:
    'List, create and revoke API keys of the organization, and read its audit log. A new API key can do no more ' +
    'than its creator, no faster and for no longer. Only an API key with PLATFORM_ADMIN can revoke an API key with ' +
    'PLATFORM_ADMIN.',
  PLATFORM_ADMIN: 'Everything, in every organization; manages the event-type catalog and organizations.',
  EVENTS_ERASE:
    'Erase the data of events for good, and read what has become of it. No scope but PLATFORM_ADMIN includes it, and no ' +
    'portal session gets it.',
};

export const ApiScopeEnum = builder.enumType('ApiScope', {
  description: 'One permission of an API key.',
  values: Object.fromEntries(API_SCOPES.map((scope) => [scope, { value: scope, description: SCOPES[scope] }])) as {
    readonly [Scope in ApiScope]: { readonly value: Scope; readonly description: string };
  },
});

export const ApiKey = builder.objectRef<ApiKeyRow>('ApiKey').implement({
  description:
    'An API key of an organization. It is sent with every request in the X-API-Key header, or as `Authorization: ' +
    'Bearer`. Only its SHA-256 is stored, so a lost API key cannot be shown again: revoke it and create another.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID of the API key, not the key itself.' }),
    name: t.exposeString('name', { description: 'What the API key is for, 1 to 128 characters.' }),
    prefix: t.exposeString('prefix', { description: 'The first characters of the API key, enough to recognise it.' }),
    scopes: t.expose('scopes', { type: [ApiScopeEnum], description: 'What the API key may do.' }),
    rateLimitPerMinute: t.exposeInt('rateLimitPerMinute', {
      nullable: true,
      description:
        'Operations per minute that the API key may begin, over HTTP, SSE and WebSocket together; null means ' +
        'unlimited. The next operation is refused (RATE_LIMITED), with the number of seconds to wait. What all API ' +
        'keys of the organization may begin together is Organization.rateLimitPerMinute; it counts unlimited API ' +
        'keys too.',
    }),
    publicKey: t.exposeString('publicKey', {
      nullable: true,
      description:
        'Ed25519 public key (RFC 8032), 64 hex characters. Mutations made with this API key must be signed by its ' +
        'private half, over HTTP (src/schema/README.md says how), and are refused otherwise (SIGNATURE_REQUIRED). ' +
        'Queries and subscriptions need no signature. Null: mutations need none either.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the API key was created.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the API key expires: from then on it is refused, and its streams end. Null: it does not expire.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the API key was last used, to about a minute; null: never.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the API key was revoked; null: it was not.',
    }),
  }),
});

const ApiKeyConnection = connectionType(ApiKey, { name: 'ApiKey', rows: 'API keys, newest first' });

builder.queryField('apiKeys', (t) =>
  t.field({
    type: [ApiKey],
    needs: 'API_KEYS_MANAGE',
    description:
      `API keys of the caller’s organization, ${MAX_LISTED_KEYS} at most: first those that are neither revoked nor ` +
      'expired, then the others, each group newest first. apiKeysConnection has all of them, in pages. Costs 1, ' +
      `plus what is selected in it, ${MAX_LISTED_KEYS} times, however many API keys there are.`,
    extensions: { listSize: MAX_LISTED_KEYS },
    resolve: (_, _args, context) => {
      const { organizationId } = callerOf(context);
      return loadersOf(context).apiKeys.load({ organizationId, now: context.services.clock.now() });
    },
  }),
);

builder.queryField('apiKeysConnection', (t) =>
  t.field({
    type: ApiKeyConnection,
    needs: 'API_KEYS_MANAGE',
    description: 'All API keys of the caller’s organization, newest first, also those that expired or were revoked.',
    args: pageArguments(t.arg),
    resolve: (_, args, context) => {
      const { organizationId } = callerOf(context);
      return connectionOf(apiKeysOf({ id: organizationId, organizationId }), args);
    },
  }),
);

const apiKeysOf = (organization: Parent): Selection<ApiKeyRow> => ({
  list: apiKeyList,
  parent: organization,
  key: 'apiKeys',
  where: ({ organizationId }) => [Prisma.sql`organization_id = ${organizationId}`],
});

type FieldBuilder<Value> = PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, Payload<Value>>;

const apiKeyField = <Value extends { readonly apiKeyId: string }>(t: FieldBuilder<Value>, description: string) =>
  t.field({
    type: ApiKey,
    nullable: true,
    description,
    resolve: ({ value }, _, context) =>
      value && loadersOf(context).apiKey.load({ id: value.apiKeyId, organizationId: reachOf(context) }),
  });

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'A new API key.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What the API key is for: 1 to 128 characters, not only blanks.' }),
    scopes: t.field({
      type: [ApiScopeEnum],
      required: true,
      description: 'What the API key may do: 1 to 1000 entries, none that the caller’s own API key lacks.',
    }),
    rateLimitPerMinute: t.int({
      description:
        'Operations per minute, 1 to 1000000; null means unlimited. No more than the caller’s own API key has, ' +
        'unless that has PLATFORM_ADMIN. Default, when left out: the default of the deployment (100, unless the ' +
        'operator set another), or the caller’s own limit if that is lower.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description:
        'When the API key expires: a moment to come, and not after the caller’s own API key expires (INVALID, ' +
        'which names the latest date). This holds for PLATFORM_ADMIN too, and for every organization. Default, ' +
        'when null or left out: when the caller’s own API key expires; never, if that does not expire.',
    }),
    publicKey: t.string({
      description:
        'Ed25519 public key, 64 hex characters: mutations made with the new API key must then be signed by its ' +
        'private half. The point must be canonical and not of small order (RFC 8032). Default: none, and no ' +
        'signatures, also when the caller’s own API key has a public key: its signature on this mutation is the ' +
        'consent to that.',
    }),
    organizationId: t.id({
      description:
        'The organization that the API key acts for: its id, or its external id. Default: the caller’s; another organization needs the scope ' +
        'PLATFORM_ADMIN.',
    }),
  }),
});

const CreateApiKeyPayload = payloadType<{ apiKeyId: string; secret: string }>(
  'CreateApiKeyPayload',
  'What createApiKey did.',
  (t) => ({
    apiKey: apiKeyField(t, 'The new API key, as it is listed; null when there are userErrors.'),
    secret: t.string({
      nullable: true,
      description: 'The API key itself, shown this once: nobody can read it again. Null when there are userErrors.',
      resolve: ({ value }) => value?.secret ?? null,
    }),
  }),
);

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: CreateApiKeyPayload,
    needs: 'API_KEYS_MANAGE',
    description:
      'Creates an API key. It can do no more than the caller’s own API key, no faster and for no longer, but it ' +
      'stays valid when that key is revoked. User errors: REQUIRED and TOO_LONG (name), REQUIRED and TOO_MANY ' +
      '(scopes), INVALID (a scope that the caller lacks, a rate limit out of range or above the caller’s, an ' +
      'expiresAt that is past or after the caller’s end, a publicKey that is not an Ed25519 public key), NOT_FOUND ' +
      '(organizationId), TOO_MANY (organizationId: the organization has as many API keys that are neither revoked ' +
      'nor expired as it may have, 1000 unless the operator set another MAX_API_KEYS).',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'The API key to create.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, async (effect) => {
        const organizationId = await toOrganizationId(context, input.organizationId);
        const named = { ...input, organizationId };
        return context.services.apiKeys.create(authoredCaller(context, info), named, effect);
      }),
  }),
);

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'An API key to revoke.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of the API key, not the key itself.' }) }),
});

const RevokeApiKeyPayload = payloadType<{ apiKeyId: string }>('RevokeApiKeyPayload', 'What revokeApiKey did.', (t) => ({
  apiKey: apiKeyField(t, 'The revoked API key; null when there are userErrors.'),
}));

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: RevokeApiKeyPayload,
    needs: 'API_KEYS_MANAGE',
    description:
      'Ends an API key for good: within 5 seconds it is refused everywhere, and its streams are closed (WebSocket ' +
      'code 4403). API keys that it created stay as they are. Revoking twice changes nothing. User errors: ' +
      'NOT_FOUND, INVALID (an API key with PLATFORM_ADMIN: only an API key with PLATFORM_ADMIN may revoke it).',
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'The API key to revoke.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.apiKeys.revoke(authoredCaller(context, info), input, effect)),
  }),
);

/** API keys: what is shown of them, their lists, creating and revoking. The key itself is nowhere but in the answer that made it. */
import { Prisma } from '../../prisma/generated/client.ts';
import { API_SCOPES, type ApiScope } from '../domain/scope.ts';
import { callerOf, reachOf } from './build/access.ts';
import { authoredCaller } from './build/authored.ts';
import { builder } from './build/builder.ts';
import { connectionOf, connectionType, pageArguments } from './build/connection.ts';
import { Node } from './build/node-interface.ts';
import { payloadType, perform, type Payload } from './build/mutation.ts';
import { MAX_LISTED_KEYS } from './read/catalog-loaders.ts';
import { apiKeyList, type Parent, type Selection } from './read/list.ts';
import { loadersOf } from './read/reads.ts';
import type { ApiKeyRow } from './read/rows.ts';

const SCOPES: { readonly [Scope in ApiScope]: string } = {
  TARGETS_READ: 'Read webhook targets.',
  TARGETS_WRITE: 'Create, change, delete and test webhook targets, and rotate their secrets. Includes TARGETS_READ.',
  EVENTS_READ: 'Read events and their data.',
  EVENTS_PUBLISH: 'Publish events. Includes reading the data of events that the key reaches, but no lists of events.',
  DELIVERIES_READ: 'Read and watch deliveries and their attempts.',
  DELIVERIES_WRITE: 'Retry and cancel deliveries. Includes DELIVERIES_READ.',
  API_KEYS_MANAGE:
    'List, create and revoke API keys of the organization, and read its audit log. A new key can do no more than its ' +
    'creator, no faster and no longer; a key with PLATFORM_ADMIN is revoked only by another.',
  PLATFORM_ADMIN: 'Everything, in every organization; manages the event-type catalog and organizations.',
};

const ApiScopeEnum = builder.enumType('ApiScope', {
  description: 'One permission of an API key.',
  values: Object.fromEntries(API_SCOPES.map((scope) => [scope, { value: scope, description: SCOPES[scope] }])) as {
    readonly [Scope in ApiScope]: { readonly value: Scope; readonly description: string };
  },
});

export const ApiKey = builder.objectRef<ApiKeyRow>('ApiKey').implement({
  description:
    'An API key of an organization: sent with every request in the X-API-Key header, or as `Authorization: ' +
    'Bearer`. Only its SHA-256 is stored, so a lost key cannot be shown again; revoke it and create another.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID of the key. Not the key itself.' }),
    name: t.exposeString('name', { description: 'What the key is for, 1 to 128 characters.' }),
    prefix: t.exposeString('prefix', { description: 'First characters of the key, enough to recognise it.' }),
    scopes: t.expose('scopes', { type: [ApiScopeEnum], description: 'What the key may do.' }),
    rateLimitPerMinute: t.exposeInt('rateLimitPerMinute', {
      nullable: true,
      description:
        'Operations per minute that the key may begin, over HTTP, SSE and WebSocket together; null means unlimited. One ' +
        'more is refused (RATE_LIMITED) and told in how many seconds to come back. What all keys of the organization may ' +
        'begin together is Organization.rateLimitPerMinute; it counts unlimited keys too.',
    }),
    publicKey: t.exposeString('publicKey', {
      nullable: true,
      description:
        'Ed25519 public key (RFC 8032), 64 hex characters: mutations made with this API key must be signed by its ' +
        'private half, over HTTP (src/schema/README.md says how), and are refused otherwise (SIGNATURE_REQUIRED). Queries and ' +
        'subscriptions need no signature. ' +
        'Null: nothing does.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was created.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From then on the key is refused and its streams end; null: it does not expire.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Last use, to about a minute; null: never used.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key was revoked; null: it was not.',
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
      'expired, newest first, then the others, newest first. apiKeysConnection has all of them, in pages. Costs what is ' +
      `selected in it, and 1, ${MAX_LISTED_KEYS} times, however many there are.`,
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
    description:
      'All API keys of the caller’s organization, newest first, those that expired or were revoked included.',
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
    name: t.string({ required: true, description: 'What the key is for: 1 to 128 characters, not only blanks.' }),
    scopes: t.field({
      type: [ApiScopeEnum],
      required: true,
      description: 'What the key may do: 1 to 1000 entries, none that the caller’s own key lacks.',
    }),
    rateLimitPerMinute: t.int({
      description:
        'Operations per minute, 1 to 1000000; null means unlimited. No more than the caller’s own key has, unless that ' +
        'has PLATFORM_ADMIN. Default, when left out: the deployment’s, 100 unless the operator set another, or the ' +
        'caller’s own limit if that is lower.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description:
        'When the key ends: a moment to come, and not after the caller’s own key expires (INVALID, which names the latest ' +
        'date), also when the caller’s has PLATFORM_ADMIN or the key is for another organization. Default, when null or ' +
        'left out: when the caller’s own key expires; never, where that does not expire.',
    }),
    publicKey: t.string({
      description:
        'Ed25519 public key, 64 hex characters: mutations made with the new API key must then be signed by its ' +
        'private half. The point must be canonical and not of small order (RFC 8032). Default: none, and no signatures, ' +
        'also when the caller’s own key has one: its signature on this mutation is the consent to that.',
    }),
    organizationId: t.id({
      description: 'The organization to act for. Default: the caller’s; another one needs the scope PLATFORM_ADMIN.',
    }),
  }),
});

const CreateApiKeyPayload = payloadType<{ apiKeyId: string; secret: string }>(
  'CreateApiKeyPayload',
  'What createApiKey did.',
  (t) => ({
    apiKey: apiKeyField(t, 'The new key, as it is listed; null when there are userErrors.'),
    secret: t.string({
      nullable: true,
      description: 'The key itself, shown this once: nobody can read it again. Null when there are userErrors.',
      resolve: ({ value }) => value?.secret ?? null,
    }),
  }),
);

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: CreateApiKeyPayload,
    needs: 'API_KEYS_MANAGE',
    description:
      'Creates an API key. It can do no more than the caller’s own key, no faster and no longer, but it does not end when ' +
      'that is revoked. User errors: REQUIRED and TOO_LONG (name), REQUIRED and TOO_MANY (scopes), INVALID (a scope that the caller lacks, a rate ' +
      'limit out of range or above the caller’s, an expiresAt that is past or after the caller’s end, a publicKey that is ' +
      'not one), NOT_FOUND (organizationId), TOO_MANY (organizationId: the organization has as many keys that are neither ' +
      'revoked nor expired as it may, 1000 unless the operator set another MAX_API_KEYS).',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'The key to create.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.apiKeys.create(authoredCaller(context, info), input, effect)),
  }),
);

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'An API key to end.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of the key, not the key itself.' }) }),
});

const RevokeApiKeyPayload = payloadType<{ apiKeyId: string }>('RevokeApiKeyPayload', 'What revokeApiKey did.', (t) => ({
  apiKey: apiKeyField(t, 'The revoked key; null when there are userErrors.'),
}));

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: RevokeApiKeyPayload,
    needs: 'API_KEYS_MANAGE',
    description:
      'Ends an API key for good: within 5 seconds it is refused everywhere, and its streams are closed (WebSocket ' +
      'code 4403). Keys that it has created stay as they are. Revoking twice changes nothing. User errors: NOT_FOUND, INVALID (a key with PLATFORM_ADMIN, which only ' +
      'a key that has it too may revoke).',
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'The key to revoke.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.apiKeys.revoke(authoredCaller(context, info), input, effect)),
  }),
);

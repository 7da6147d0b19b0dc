/** API keys: what is shown of them. The key itself is nowhere but in the answer that made it. */
import { Prisma } from '../../prisma/generated/client.ts';
import { API_SCOPES, type ApiScope } from '../domain/scope.ts';
import { callerOf } from './build/access.ts';
import { builder } from './build/builder.ts';
import { MAX_LISTED_KEYS } from './read/catalog-loaders.ts';
import { connectionOf, connectionType, pageArguments } from './build/connection.ts';
import { apiKeyList, type Parent, type Selection } from './read/list.ts';
import { Node } from './build/node-interface.ts';
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

export const ApiScopeEnum = builder.enumType('ApiScope', {
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

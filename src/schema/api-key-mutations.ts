/** Creating and revoking API keys. */
import { reachOf } from './build/access.ts';
import { ApiKey, ApiScopeEnum } from './api-key.ts';
import { authoredCaller } from './build/authored.ts';
import { builder } from './build/builder.ts';
import { loadersOf } from './read/reads.ts';
import { payloadType, perform, type Payload } from './build/user-error.ts';

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

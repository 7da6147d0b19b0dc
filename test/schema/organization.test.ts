import { expect, test } from 'vitest';
import { setup } from './setup.ts';

test('viewer is the API key of the request and its organization', async () => {
  await using t = await setup();
  const caller = await t.caller(t.other, ['TARGETS_WRITE', 'EVENTS_READ']);
  const fields = 'id name prefix scopes rateLimitPerMinute publicKey createdAt expiresAt lastUsedAt revokedAt';
  const { viewer } = await t.query(
    `{ viewer { organization { id name createdAt } apiKey { ${fields} } } }`,
    {},
    caller,
  );
  expect(viewer).toEqual({
    organization: { id: t.other, name: 'Other', createdAt: t.clock.now().toISOString() },
    apiKey: {
      id: caller.apiKeyId,
      name: 'test',
      prefix: expect.stringMatching(/^hk_/),
      scopes: ['TARGETS_WRITE', 'EVENTS_READ'],
      rateLimitPerMinute: null,
      publicKey: null,
      createdAt: t.clock.now().toISOString(),
      expiresAt: null,
      lastUsedAt: null,
      revokedAt: null,
    },
  });
});

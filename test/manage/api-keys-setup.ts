/** The subject of the tests of API keys: two organizations, and callers of each kind. */
import { generateKeyPairSync } from 'node:crypto';
import type { ApiScope } from '../../src/domain/api-keys/scope.ts';
import type { Result } from '../../src/errors.ts';
import { createApiKeys } from '../../src/manage/api-keys.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { TESTER } from '../support/tester.ts';

export async function setup({ maxApiKeys = 1_000 } = {}) {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const fixtures = createFixtures({ database, clock });
  const [own, other] = [await fixtures.organization(), await fixtures.organization()];
  const callerWith = (...scopes: ApiScope[]) => ({
    ...TESTER,
    organizationId: own.id,
    scopes: new Set(scopes),
    isPlatformAdmin: scopes.includes('PLATFORM_ADMIN'),
    rateLimitPerMinute: null as number | null,
    expiresAt: null as Date | null,
  });
  return {
    database,
    clock,
    fixtures,
    own,
    other,
    callerWith,
    apiKeys: createApiKeys({ database, clock, ids: fixtures.ids, rateLimitPerMinute: 100, maxApiKeys }),
    admin: callerWith('PLATFORM_ADMIN'),
    member: callerWith('API_KEYS_MANAGE', 'TARGETS_WRITE'),
    rows: () => database.prisma().apiKey.findMany({ orderBy: { id: 'asc' } }),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

export const codes = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);
export const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.userErrors));
  return result.value;
};

/** The raw public key of a fresh Ed25519 pair, in hex. */
export const freshPublicKey = () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
};

/** What a key needs at least. */
export const valid = { name: 'CI', scopes: ['TARGETS_READ'] } as const;

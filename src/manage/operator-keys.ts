/** API keys as the operator of the deployment manages them: of every organization, and without having a key. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import type { TellingTransaction } from '../database/telling.ts';
import type { IdGenerator } from '../domain/ksuid.ts';
import type { ApiScope } from '../domain/api-keys/scope.ts';
import { notFound } from '../domain/reach.ts';
import { fail, succeed, type Result } from '../errors.ts';
import { createApiKeys, type ApiKeys } from './api-keys.ts';
import type { Authored } from './audit.ts';
import { findFirstOrganization } from './bootstrap.ts';
import { findOrganizationId } from './organizations.ts';

export type OperatorKey = {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  /** Null means no limit. */
  readonly rateLimitPerMinute: number | null;
  readonly publicKey: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
};

export type ListedKey = OperatorKey & {
  /** The first characters of the key. */
  readonly prefix: string;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
};

type CreateInput = Parameters<ApiKeys['create']>[1];

export type OperatorKeys = {
  /**
   * `organizationId` is an id or an external id; default: the first organization. Fails with the user errors of createApiKey.
   */
  create(caller: Authored, input: CreateInput): Promise<Result<OperatorKey & { readonly key: string }>>;
  /**
   * All keys, newest first, also revoked and expired ones; of all organizations when none is named, by its id or external id.
   * NOT_FOUND.
   */
  list(organization?: string): Promise<Result<ListedKey[]>>;
  /** Ends a key for good. NOT_FOUND. */
  revoke(caller: Authored, id: string): Promise<Result<{ apiKeyId: string }>>;
};

type Options = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  /** The default of new keys. */
  readonly rateLimitPerMinute: number;
  /** The limit of an organization; revoked and expired keys do not count. It holds for the operator too. */
  readonly maxApiKeys: number;
  /** Default: one that publishes nothing. */
  readonly tellingTransaction?: TellingTransaction;
};

const FIELDS = {
  id: true,
  prefix: true,
  organizationId: true,
  name: true,
  scopes: true,
  rateLimitPerMinute: true,
  publicKey: true,
  createdAt: true,
  expiresAt: true,
  lastUsedAt: true,
  revokedAt: true,
} as const;

export function createOperatorKeys(options: Options): OperatorKeys {
  const { database } = options;
  const apiKeys = createApiKeys(options);

  /** A caller who may do everything, with the first organization as its own. */
  async function operator({ author }: Authored) {
    const organizationId = await findFirstOrganization(database.pool);
    if (organizationId === undefined) throw new Error('There is no organization yet: start the service once');
    const scopes = new Set<ApiScope>(['PLATFORM_ADMIN']);
    return { author, organizationId, isPlatformAdmin: true, scopes, rateLimitPerMinute: null, expiresAt: null };
  }

  return {
    async create(caller, input) {
      const { organizationId: named } = input;
      const organizationId = named == null ? named : ((await findOrganizationId(database.pool, named)) ?? named);
      const created = await apiKeys.create(await operator(caller), { ...input, organizationId });
      if (!created.ok) return created;
      const { apiKeyId: id, secret: key } = created.value;
      const { prefix, lastUsedAt, revokedAt, ...stored } = await database.prisma().apiKey.findUniqueOrThrow({
        where: { id },
        select: FIELDS,
      });
      return succeed({ ...stored, key });
    },
    async list(named) {
      const organizationId = named === undefined ? named : await findOrganizationId(database.pool, named);
      if (named !== undefined && organizationId === undefined) return fail(notFound('organization', named));
      const keys = await database.prisma().apiKey.findMany({
        select: FIELDS,
        ...(organizationId !== undefined && { where: { organizationId } }),
        orderBy: { id: 'desc' },
      });
      return succeed(keys);
    },
    revoke: async (caller, id) => apiKeys.revoke(await operator(caller), { id }),
  };
}

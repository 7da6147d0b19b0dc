/** The caller of an operation: what its API key says about it. */
import type { ApiScope } from '../domain/api-keys/scope.ts';

export type Caller = {
  readonly apiKeyId: string;
  /** The first characters of the key, by which people know it. */
  readonly apiKeyPrefix: string;
  readonly organizationId: string;
  readonly scopes: ReadonlySet<ApiScope>;
  /** May act in every organization. */
  readonly isPlatformAdmin: boolean;
  /** The limit of this API key. Null: unlimited. */
  readonly rateLimitPerMinute: number | null;
  /** The limit of all API keys of the organization together. Null: the default of the deployment. */
  readonly organizationRateLimitPerMinute: number | null;
  /** Hex Ed25519 key; when set, the caller's mutations must be signed. */
  readonly publicKey: string | null;
  readonly expiresAt: Date | null;
};

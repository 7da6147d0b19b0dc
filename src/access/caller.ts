/** Who is asking: what an API key says about its holder. */
import type { ApiScope } from '../domain/scope.ts';

export type Caller = {
  readonly apiKeyId: string;
  /** The first characters of the key, by which people know it. */
  readonly apiKeyPrefix: string;
  readonly organizationId: string;
  readonly scopes: ReadonlySet<ApiScope>;
  /** May act in every organization. */
  readonly isPlatformAdmin: boolean;
  /** Null: unlimited. */
  readonly rateLimitPerMinute: number | null;
  /** Of all the organization's keys together. Null: the default of the deployment. */
  readonly organizationRateLimitPerMinute: number | null;
  /** Hex Ed25519 key; when set, the caller's mutations must be signed. */
  readonly publicKey: string | null;
  readonly expiresAt: Date | null;
};

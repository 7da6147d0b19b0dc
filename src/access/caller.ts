/** The caller of an operation: what its API key says about it. */
import type { ApiScope } from '../domain/api-keys/scope.ts';

export type Caller = {
  /** Of the API key; or of the portal session, which has limits, requests and a log of its own. */
  readonly apiKeyId: string;
  /** The API key that made the portal session, which ends with it. Undefined: the caller has an API key. */
  readonly portalOf?: string | undefined;
  /** The first characters of the key, by which people know it. */
  readonly apiKeyPrefix: string;
  /** The organization it acts in. */
  readonly organizationId: string;
  /** The organization of the API key of a platform admin, while its request names the one that it acts in (act-in.ts). */
  readonly actsFrom?: string | undefined;
  readonly scopes: ReadonlySet<ApiScope>;
  /** May act in every organization; while `actsFrom` is set, in that one only. */
  readonly isPlatformAdmin: boolean;
  /** The limit of this API key. Null: unlimited. */
  readonly rateLimitPerMinute: number | null;
  /** The limit of all API keys of the organization together. Null: the default of the deployment. */
  readonly organizationRateLimitPerMinute: number | null;
  /** Hex Ed25519 key; when set, the caller's mutations must be signed. */
  readonly publicKey: string | null;
  readonly expiresAt: Date | null;
};

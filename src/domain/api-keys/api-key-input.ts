/** What a new API key may be given: rules of its fields, and of what its creator may give away. */
import { Point } from '@noble/ed25519';
import { userError, type UserError } from '../../errors.ts';
import { checkListLength } from '../list.ts';
import { API_SCOPES, grants, type ApiScope } from './scope.ts';
import { checkText } from '../text.ts';

export type ApiKeyInput = {
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  /** Operations per minute; null: unlimited. Undefined: the deployment's default, or the creator's own limit if lower. */
  readonly rateLimitPerMinute?: number | null | undefined;
  /** Null and undefined: the end of the creator's own key, or never where that key has no end. */
  readonly expiresAt?: Date | null | undefined;
  /** Hex Ed25519 key; when set, mutations made with the new key must be signed. */
  readonly publicKey?: string | null | undefined;
};

/** What the creator's own key has: a new key gets no more than that. */
export type Grantor = {
  /** May give any rate limit. But when its own key expires, the new key may not end later. */
  readonly isPlatformAdmin: boolean;
  readonly scopes: ReadonlySet<ApiScope>;
  /** Null means unlimited. */
  readonly rateLimitPerMinute: number | null;
  /** Null means never. */
  readonly expiresAt: Date | null;
};

const MAX_NAME = 128;
const MAX_RATE_LIMIT = 1_000_000;
/** The last moment that RFC 3339 can write. */
const MAX_EXPIRY_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** All errors of the input: REQUIRED, TOO_LONG, INVALID. */
export const checkApiKeyInput = (input: ApiKeyInput, grantor: Grantor, now: Date): UserError[] => [
  ...checkText('name', input.name, { most: MAX_NAME, required: true }),
  ...checkScopes(grantor.scopes, input.scopes),
  ...checkRateLimit(mostRate(grantor), input.rateLimitPerMinute),
  ...checkExpiry(input.expiresAt, now, grantor.expiresAt),
  ...checkPublicKey(input.publicKey),
];

/** `usual` is the default of the deployment. */
export function chooseRateLimit(grantor: Grantor, { rateLimitPerMinute }: ApiKeyInput, usual: number): number | null {
  if (rateLimitPerMinute !== undefined) return rateLimitPerMinute;
  return Math.min(usual, mostRate(grantor) ?? Infinity);
}

/** When the new key ends; null means never. */
export const chooseEnd = (grantor: Grantor, { expiresAt }: ApiKeyInput): Date | null => expiresAt ?? grantor.expiresAt;

function checkScopes(own: ReadonlySet<ApiScope>, asked: readonly ApiScope[]): UserError[] {
  if (asked.length === 0) {
    return [userError('REQUIRED', 'scopes', `Expected at least one scope of ${API_SCOPES.join(', ')}.`)];
  }
  const tooMany = checkListLength('scopes', asked);
  if (tooMany.length > 0) return tooMany;
  const lacking = API_SCOPES.filter((scope) => asked.includes(scope) && !grants(own, scope));
  if (lacking.length === 0) return [];
  const message = `Expected scopes that your own key has; it lacks ${lacking.join(', ')}.`;
  return [userError('INVALID', 'scopes', message)];
}

/** The highest limit that a creator may give; null means unlimited. */
const mostRate = ({ isPlatformAdmin, rateLimitPerMinute }: Grantor): number | null =>
  isPlatformAdmin ? null : rateLimitPerMinute;

function checkRateLimit(most: number | null, asked: number | null | undefined): UserError[] {
  if (asked === undefined || (asked === null && most === null)) return [];
  const ceiling = Math.min(most ?? MAX_RATE_LIMIT, MAX_RATE_LIMIT);
  if (asked !== null && Number.isInteger(asked) && asked >= 1 && asked <= ceiling) return [];
  const reason = most === null ? '' : ', no more than your own key has';
  const got = asked === null ? 'null, which is unlimited' : asked;
  const message = `Expected 1 to ${ceiling} operations per minute${reason}, got ${got}.`;
  return [userError('INVALID', 'rateLimitPerMinute', message)];
}

/** `most` is the end of the creator's own key: otherwise a leaked key would outlive its end in the keys it has made. */
function checkExpiry(expiresAt: Date | null | undefined, now: Date, most: Date | null): UserError[] {
  if (expiresAt == null) return [];
  const ms = expiresAt.getTime();
  const lastMs = Math.min(most?.getTime() ?? MAX_EXPIRY_MS, MAX_EXPIRY_MS);
  if (ms > now.getTime() && ms <= lastMs) return [];
  const shown = ms <= MAX_EXPIRY_MS ? expiresAt.toISOString() : 'a time after the year 9999';
  const latest = most ? ` and no later than ${most.toISOString()}, when your own key expires` : '';
  return [userError('INVALID', 'expiresAt', `Expected a time after ${now.toISOString()}${latest}, got ${shown}.`)];
}

/** Accepts RFC 8032 points only, without the few points whose signatures anybody can make. */
function checkPublicKey(hex: string | null | undefined): UserError[] {
  if (hex == null) return [];
  const refuse = (got: string) => [
    userError('INVALID', 'publicKey', `Expected an Ed25519 public key as 64 hex characters, got ${got}.`),
  ];
  if (!/^[0-9a-f]{64}$/i.test(hex)) return refuse(`${hex.length} other characters`);
  try {
    return Point.fromHex(hex.toLowerCase()).isSmallOrder()
      ? refuse('a point of small order, which proves nothing')
      : [];
  } catch {
    return refuse('bytes that are not a point of the curve');
  }
}

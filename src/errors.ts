/**
 * Every error that a client can see. Expected failures of a mutation are UserError values in its payload. All other
 * errors are RequestErrors: each becomes a top-level GraphQL error with `extensions.code` and an HTTP status. Whatever
 * else is thrown is masked (server/plugins/mask-errors.ts).
 */

export const USER_ERROR_CODES = [
  'INVALID',
  'REQUIRED',
  'TOO_LONG',
  'TOO_MANY',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'UNKNOWN_EVENT_TYPE',
  'FORBIDDEN_ADDRESS',
  'INVALID_STATE',
  'PAYLOAD_INVALID',
  'PAYLOAD_TOO_LARGE',
  'IDEMPOTENCY_MISMATCH',
] as const;

export type UserErrorCode = (typeof USER_ERROR_CODES)[number];

export type UserError = {
  /** Path of the input field at fault, e.g. ["input", "url"]; null when it is not a single field. */
  readonly field: readonly string[] | null;
  /** What was expected, what came, what to do. */
  readonly message: string;
  readonly code: UserErrorCode;
};

/** A value, or the user errors that say why there is no value. */
export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly userErrors: readonly UserError[] };

export const succeed = <T>(value: T): Result<T> => ({ ok: true, value });

export const fail = (...userErrors: readonly UserError[]): Result<never> => ({ ok: false, userErrors });

/** Makes a user error. `userError('INVALID', 'url', '…')` names input.url, a path names a nested field, null names no field. */
export function userError(
  code: UserErrorCode,
  field: string | readonly (string | number)[] | null,
  message: string,
): UserError {
  const path = field === null ? null : ['input', ...[field].flat().map(String)];
  return { code, field: path, message };
}

/** HTTP status of each top-level error code. */
export const REQUEST_ERROR_STATUS = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  IDEMPOTENCY_CONFLICT: 409,
  IDEMPOTENCY_IN_PROGRESS: 409,
  SIGNATURE_REQUIRED: 401,
  /** Clients read it only with this status; they send the document then. */
  PERSISTED_QUERY_NOT_SUPPORTED: 200,
  QUERY_TOO_COMPLEX: 400,
  BAD_USER_INPUT: 400,
  CURSOR_EXPIRED: 400,
  SLOW_CONSUMER: 503,
  SERVICE_UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
} as const;

export type RequestErrorCode = keyof typeof REQUEST_ERROR_STATUS;

/** An error that ends the whole request or subscription, or makes the field that threw it null. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: RequestErrorCode;
  /** More machine-readable facts for `extensions`, e.g. the last cursor of an ended stream. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: RequestErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

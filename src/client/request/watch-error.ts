/** Why a stream ended or did not begin, and which of these reasons are final. */

/** An error of the service, as GraphQL writes it. */
export type GraphqlFault = {
  readonly message: string;
  readonly path?: (string | number)[];
  readonly extensions?: { readonly code?: string; readonly [name: string]: unknown };
};

type Details = { readonly errors?: readonly GraphqlFault[]; readonly closeCode?: number; readonly cause?: unknown };

/**
 * `code` is `extensions.code` of the service, or says what this client saw:
 *
 *   NO_CONTACT     no connection came about, or nothing came through it any more
 *   CLOSED         the connection ended: the server stops, a proxy was tired of it; `closeCode` is that of the WebSocket
 *   BAD_ANSWER     the answer was not GraphQL, for example the error page of a proxy
 *   BAD_DOCUMENT   the document cannot be resumed: it lacks `cursor` or `after`
 *
 * A key that is refused is UNAUTHENTICATED on every transport.
 */
export class WatchError extends Error {
  override readonly name = 'WatchError';
  readonly code: string;
  /** All errors of the answer, when the service gave one. */
  readonly errors: readonly GraphqlFault[];
  readonly closeCode: number | undefined;

  constructor(code: string, message: string, { errors = [], closeCode, cause }: Details = {}) {
    super(message, { cause });
    this.code = code;
    this.errors = errors;
    this.closeCode = closeCode;
  }
}

export function faultsToError(errors: readonly GraphqlFault[]): WatchError {
  const [first] = errors;
  return new WatchError(first?.extensions?.code ?? 'BAD_ANSWER', first?.message ?? 'An answer without data', {
    errors,
  });
}

const FINAL: ReadonlySet<unknown> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'BAD_DOCUMENT',
  1009, // The document and its variables have more than 64 KiB.
  4400,
  4401,
  4403,
  4406,
  4409,
  4429,
]);

/**
 * Whether trying again cannot help. Takes what `watch`, `execute`, graphql-ws, Apollo Client, urql or Relay reject with, a list
 * of GraphQL errors, or a close event. CURSOR_EXPIRED is not final: load the list again, and watch after its cursor.
 */
export function isFinal(error: unknown): boolean {
  if (Array.isArray(error)) return error.some(isFinal);
  const { code, closeCode, extensions, ...parts } = Object(error) as { readonly [name: string]: any };
  const own = extensions?.code ?? code;
  if (FINAL.has(own) || FINAL.has(closeCode)) return true;
  // The cost of a document stays the same. A QUERY_TOO_COMPLEX without it is about the load of the moment.
  if (own === 'QUERY_TOO_COMPLEX' && extensions?.cost !== undefined) return true;
  return ['errors', 'graphQLErrors', 'networkError', 'source'].some((name) => parts[name] && isFinal(parts[name]));
}

/** How long the service asks to wait, 0 when it does not say. */
export const retryAfterMs = (error: unknown): number =>
  error instanceof WatchError ? 1_000 * (Number(error.errors[0]?.extensions?.['retryAfterSeconds']) || 0) : 0;

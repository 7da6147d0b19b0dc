import { type AnyDocument, textOf } from './print-document.ts';
import { faultsToError, type GraphqlFault, WatchError } from './watch-error.ts';

/** Where the service is, and as whom to call it. */
export type ServiceAccess = {
  /** Of `/graphql`; relative to the page, where there is one. */
  readonly url: string;
  /**
   * Called before each request and each connection, so a key may change while a stream goes on. A rejection is tried again like a
   * lost connection.
   */
  readonly getApiKey: () => string | Promise<string>;
  /**
   * The id or externalId of the organization to act in,
   * which needs an API key with PLATFORM_ADMIN. Default: the organization of the API key.
   */
  readonly organizationId?: string | undefined;
};

export type ExecuteOptions<Data, Variables> = ServiceAccess & {
  /** A query or a mutation. */
  readonly document: AnyDocument<Data, Variables>;
  readonly variables?: NoInfer<Variables> | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** The data of a query or mutation, in one POST. Rejects with a WatchError when the answer has errors. */
export async function execute<Data, Variables = object>(options: ExecuteOptions<Data, Variables>): Promise<Data> {
  const { data, errors } = await postDocument(options);
  if (errors || !data) throw faultsToError(errors ?? []);
  return data as Data;
}

export type ExecuteAnswer = { readonly data?: unknown; readonly errors?: readonly GraphqlFault[] };

/** The same, with data and errors as the service sends them. */
export async function postDocument<Data, Variables>(options: ExecuteOptions<Data, Variables>): Promise<ExecuteAnswer> {
  const { url, getApiKey, organizationId, document, variables, signal } = options;
  const response = await fetch(url, {
    method: 'POST',
    headers: headersFor(ACCEPT, await getApiKey(), organizationId),
    body: JSON.stringify({ query: textOf(document as AnyDocument<never, never>), variables }),
    signal: signal ?? null,
  });
  return readAnswer(response);
}

const ACCEPT = 'application/graphql-response+json, application/json';

export const headersFor = (accept: string, apiKey: string, organizationId?: string): Record<string, string> => ({
  'content-type': 'application/json',
  accept,
  'x-api-key': apiKey,
  ...(organizationId !== undefined && { 'x-organization-id': organizationId }),
});

async function readAnswer(response: Response): Promise<ExecuteAnswer> {
  const text = await response.text();
  try {
    return JSON.parse(text) as ExecuteAnswer;
  } catch {
    throw new WatchError('BAD_ANSWER', `expected JSON, got HTTP ${response.status}: ${text.slice(0, 200)}`);
  }
}

/** Why a response is not the stream that was asked for. */
export async function readRefusal(response: Response): Promise<WatchError> {
  const { errors } = await readAnswer(response);
  if (errors) return faultsToError(errors);
  return new WatchError('BAD_ANSWER', `expected a stream, got HTTP ${response.status}`);
}

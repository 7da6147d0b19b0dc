/** A result as text and back: the text that a client gets is the same each time. */
import { type DocumentNode, type ExecutionResult, GraphQLError } from 'graphql';
import { RequestError, type RequestErrorCode } from '../../errors.ts';

type StoredError = {
  readonly message: string;
  /** Offsets into the document, of which the locations are made. */
  readonly positions?: readonly number[];
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: RequestErrorCode; readonly [detail: string]: unknown };
};

type StoredResult = { readonly errors?: readonly StoredError[]; readonly data: ExecutionResult['data'] };

/** Its errors have been presented to the client: each is a RequestError. */
export function storeResult({ data, errors }: ExecutionResult): string {
  const stored = errors?.map(({ message, positions, path, extensions }) => ({ message, positions, path, extensions }));
  return JSON.stringify({ ...(stored && { errors: stored }), data });
}

/** `document`: the one that the result answers, or one of the same text. */
export function reviveResult(text: string, { loc }: DocumentNode): ExecutionResult {
  const { errors, data = null } = JSON.parse(text) as StoredResult;
  const revive = ({ message, positions, path, extensions }: StoredError): GraphQLError => {
    const { code, ...details } = extensions;
    const originalError = new RequestError(code, message, details);
    return new GraphQLError(message, { source: loc?.source, positions, path, extensions, originalError });
  };
  return errors ? { errors: errors.map(revive), data } : { data };
}

/** A result as text and back: the text that a client gets is the same each time. */
import { type DocumentNode, type ExecutionResult, GraphQLError } from 'graphql';
import type { Held, HeldField } from '../../domain/held-answer.ts';
import { RequestError, type RequestErrorCode } from '../../errors.ts';

type StoredError = {
  readonly message: string;
  /** Offsets into the document. The locations are made from them. */
  readonly positions?: readonly number[];
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: RequestErrorCode; readonly [detail: string]: unknown };
};

type StoredResult = {
  readonly errors?: readonly StoredError[];
  readonly data: ExecutionResult['data'];
  /** Where the data of events stand in it (domain/held-answer.ts). */
  readonly held?: readonly HeldField[];
};

/** The text to store. The errors have been presented to the client, so each is a RequestError. */
export function storeResult({ data, errors }: ExecutionResult, { fields: held }: Pick<Held, 'fields'>): string {
  const stored = errors?.map(({ message, positions, path, extensions }) => ({ message, positions, path, extensions }));
  const result = { ...(stored && { errors: stored }), data, ...(held.length > 0 && { held }) };
  return JSON.stringify(result);
}

/** Makes the result of its text again. `document` is the answered document, or another with the same text. */
export function reviveResult(text: string, { loc }: DocumentNode): ExecutionResult {
  const { errors, data = null } = JSON.parse(text) as StoredResult;
  const revive = ({ message, positions, path, extensions }: StoredError): GraphQLError => {
    const { code, ...details } = extensions;
    const originalError = new RequestError(code, message, details);
    return new GraphQLError(message, { source: loc?.source, positions, path, extensions, originalError });
  };
  return errors ? { errors: errors.map(revive), data } : { data };
}

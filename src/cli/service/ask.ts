/** One operation of a command at the service. Whatever fails becomes a line that says what to do. */
import { execute, WatchError, type AnyDocument } from '../../client/index.ts';
import type { UserError } from '../../errors.ts';
import { CommandError, refusal } from '../command.ts';
import { printable } from './printable.ts';
import type { CommandAccess } from './service-access.ts';

export type Question<Data> = {
  readonly document: AnyDocument<Data, never>;
  readonly variables?: object;
  /** The options that set the fields of the input, for user errors. */
  readonly options?: Readonly<Record<string, string>>;
};

/** The data. Throws a CommandError for every error, the user errors of a mutation too. */
export async function ask<Data extends object>(access: CommandAccess, question: Question<Data>): Promise<Data> {
  const { document, variables, options } = question;
  const data = await execute<Data, object>({
    ...access,
    document: document as AnyDocument<Data, object>,
    ...(variables && { variables }),
  }).catch((error: unknown) => {
    throw explainService(error, access.url);
  });
  const payloads = Object.values(data) as ({ readonly userErrors?: readonly UserError[] } | null)[];
  const userErrors = payloads.flatMap((payload) => payload?.userErrors ?? []);
  if (userErrors.length > 0) throw refusal(userErrors, options);
  return data;
}

/** Ours, with a name in it and the beginning of an answer. */
const MOST_CHARACTERS = 500;

/** What a person reads when the service refuses, or is not there. Whatever answers there may have written a part of it. */
export function explainService(error: unknown, url: string): CommandError {
  if (!(error instanceof Error)) return new CommandError(`${url}: ${String(error)}`);
  if (!(error instanceof WatchError)) {
    const cause = (error.cause as NodeJS.ErrnoException | undefined) ?? error;
    return new CommandError(
      `${url} cannot be reached: ${printable(reasonOf(cause), MOST_CHARACTERS)}. ${cureOf(cause)}`,
    );
  }
  const cure = CURES[error.code];
  return new CommandError(
    `${url}: ${printable(error.message, MOST_CHARACTERS)}${cure === undefined ? '' : ` (${cure})`}`,
  );
}

/** What OpenSSL says of a chain that it does not trust. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/;

const cureOf = ({ code = '' }: NodeJS.ErrnoException): string =>
  UNTRUSTED.test(code)
    ? 'Name the file with the certificate of its authority in NODE_EXTRA_CA_CERTS'
    : 'Start the service, or name another with --url';

/** The errors of several addresses have no message of their own. */
const reasonOf = (error: Error): string =>
  error instanceof AggregateError ? (error.errors as Error[]).map(({ message }) => message).join(', ') : error.message;

const CURES: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'give another API key: `hookcast login`, HOOKCAST_API_KEY or --api-key',
  FORBIDDEN: 'take an API key with this scope; `hookcast keys create` makes one',
  BAD_ANSWER: 'is this the URL of a Hookcast service?',
  SIGNATURE_REQUIRED: 'the command line cannot sign requests: take an API key without a public key',
};

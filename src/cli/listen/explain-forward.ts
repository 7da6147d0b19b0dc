/** Why a receiver did not take an event, in words. */
import { STATUS_CODES } from 'node:http';
import { printable } from '../service/printable.ts';

/** `excerpt`: the begin of the answer's body. */
export function explainRefusal(status: number, excerpt: string): string {
  if (status >= 300 && status < 400) return `${nameOf(status)}: redirects are not followed, name the final URL`;
  const text = printable(excerpt);
  return text === '' ? nameOf(status) : `${nameOf(status)}: ${text}`;
}

const nameOf = (status: number): string => STATUS_CODES[status] ?? 'no success';

/** `host`: of the receiver, with its port. */
export function explainNoAnswer(error: Error, host: string): string {
  // Errors of the addresses of a name, tried in turn, come together.
  const first = error instanceof AggregateError ? (error.errors as Error[])[0]! : error;
  const { name, code = name, message } = first as NodeJS.ErrnoException;
  if (name === 'ExternalAddress') return message;
  const known = WORDS.find(([pattern]) => pattern.test(code));
  return known ? known[1](host, message) : printable(message);
}

type Words = (host: string, message: string) => string;

const WORDS: readonly (readonly [RegExp, Words])[] = [
  [/^ECONNREFUSED$/, (host) => `nothing listens at ${host}`],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, (host) => `${host} closed the connection before it had answered`],
  [/^(ENOTFOUND|EAI_AGAIN)$/, (host) => `the name of ${host} leads nowhere`],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, (host) => `no connection to ${host} came about`],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, (host) => `no network leads to ${host}`],
  [/^HTTPParserError$/, (host) => `${host} does not answer in HTTP: is the scheme of the URL right?`],
  [/^ERR_SSL/, (host) => `${host} does not speak TLS: is the scheme of the URL right?`],
  [
    /CERT|SIGNATURE|ALTNAME|LEAF/,
    (host, message) =>
      `the certificate of ${host} is not trusted (${printable(message)}): NODE_EXTRA_CA_CERTS names one to trust`,
  ],
];

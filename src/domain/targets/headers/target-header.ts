/** The own headers of a target: what an organization wants to be sent with every request to it, such as its own API key. */
import { userError, type UserError } from '../../../errors.ts';
import { quote } from '../../text.ts';

export type TargetHeader = { readonly name: string; readonly value: string };

export const MAX_TARGET_HEADERS = 20;
/** Bytes of all names and values of a target together. */
export const MAX_HEADER_BYTES = 4_096;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const PRINTABLE = /^[\x20-\x7e]*$/;

/** Headers that HTTP, the way through the network, or the signature own: in lower case. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'keep-alive', 'accept-encoding', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect'],
  ...['traceparent', 'tracestate', 'cookie2', 'user-agent'],
]);
const RESERVED_PREFIXES = ['content-', 'proxy-', 'webhook-', 'x-webhook-'];

/** Whether the name may not be chosen. `brand` is that of the deployment's own headers; undefined: it is not known. */
export function isReservedHeader(name: string, brand: string | undefined): boolean {
  const lower = name.toLowerCase();
  const prefixes = brand === undefined ? RESERVED_PREFIXES : [...RESERVED_PREFIXES, `x-${brand.toLowerCase()}-`];
  return RESERVED.has(lower) || prefixes.some((prefix) => lower.startsWith(prefix));
}

/**
 * The errors of a list of headers: INVALID, TOO_MANY or TOO_LONG, with paths such as ["headers", "0", "name"]. They quote no
 * value, and no name of the wrong form, because a person may have put the value there.
 */
export function checkTargetHeaders(headers: readonly TargetHeader[], brand: string | undefined): UserError[] {
  if (headers.length > MAX_TARGET_HEADERS) {
    const message = `Expected at most ${MAX_TARGET_HEADERS} headers, got ${headers.length}.`;
    return [userError('TOO_MANY', 'headers', message)];
  }
  const names = headers.map(({ name }) => name.toLowerCase());
  const errors = headers.flatMap(({ name, value }, index) => [
    ...checkName(name, names.indexOf(names[index]!), { index, brand }),
    ...checkValue(value, index),
  ]);
  const bytes = headers.reduce((sum, { name, value }) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (bytes > MAX_HEADER_BYTES) {
    const message = `Expected at most ${MAX_HEADER_BYTES} bytes of names and values together, got ${bytes}.`;
    errors.push(userError('TOO_LONG', 'headers', message));
  }
  return errors;
}

type Place = { readonly index: number; readonly brand: string | undefined };

/** `first` is the place of the first header with this name. */
function checkName(name: string, first: number, { index, brand }: Place): UserError[] {
  const refuse = (message: string) => [userError('INVALID', ['headers', index, 'name'], message)];
  if (name === '') return refuse('Expected the name of a header, such as Authorization, got none.');
  if (!TOKEN.test(name)) {
    const at = [...name].findIndex((character) => !TOKEN.test(character));
    const expected = "Expected letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, 5.6.2)";
    return refuse(`${expected}, got another character at position ${at}.`);
  }
  if (isReservedHeader(name, brand)) {
    const own = `Host, Content-*, Proxy-*, User-Agent, Webhook-*, X-Webhook-* and X-${brand ?? 'BRAND'}-*`;
    return refuse(`${quote(name)} is reserved, like ${own}: HTTP and the signature need them. Choose another name.`);
  }
  if (first < index)
    return refuse(`Expected each name once, in whatever case; headers.${first} has ${quote(name)} too.`);
  return [];
}

function checkValue(value: string, index: number): UserError[] {
  const refuse = (message: string) => [userError('INVALID', ['headers', index, 'value'], message)];
  if (!PRINTABLE.test(value)) {
    const at = [...value].findIndex((character) => !PRINTABLE.test(character));
    return refuse(`Expected printable ASCII (0x20 to 0x7E), got another character at position ${at}.`);
  }
  if (value !== value.trim()) return refuse('Expected no space at the beginning and the end, got one.');
  return [];
}

/**
 * Which URLs a target may have. Judged when a target is created or changed, and again before every attempt. A host name is
 * judged by its addresses, at the moment of connecting; here only names that can never be public are refused.
 *
 * The text is parsed once, by the WHATWG parser that the connection also uses, so that no second reading of it exists.
 * Text that this parser would quietly repair (backslashes, tabs, missing slashes) is refused: another program may repair
 * it differently.
 */
import { isIP, isIPv4 } from 'node:net';
import { isProxy, mayHideProxy, type LimitingProxy } from './egress-proxy.ts';
import { judgeAddress, type AddressPolicy } from './address.ts';
import { refusePort, type PortPolicy } from './port.ts';
import { quote } from '../text.ts';

export type UrlPolicy = AddressPolicy &
  PortPolicy & {
    /** Whether http:// is allowed beside https://. */
    readonly allowHttp: boolean;
    /** The proxy that requests take: no target itself. */
    readonly egressProxy?: LimitingProxy | undefined;
  };

export type UrlVerdict =
  | { readonly ok: true; /** Normalised: what is stored, shown and requested. */ readonly url: string }
  | { readonly ok: false; readonly code: 'INVALID' | 'TOO_LONG' | 'FORBIDDEN_ADDRESS'; readonly message: string };

export const MAX_URL_LENGTH = 2_048;

/** Names of RFC 6761 and of common practice that never lead to the public internet. */
const PRIVATE_SUFFIXES = ['local', 'internal', 'intranet', 'lan', 'home.arpa', 'localdomain'];
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** The normalised URL (no fragment, no final dot in the host), or the error that its owner should read. */
export function judgeTargetUrl(text: string, policy: UrlPolicy): UrlVerdict {
  if (text.length > MAX_URL_LENGTH) return tooLong(text.length);
  const schemes = policy.allowHttp ? 'https:// or http://' : 'https://';
  if (/[\u0000-\u0020\u007f-\u00a0\\]/.test(text) || !text.isWellFormed()) {
    return invalid('Expected a URL without spaces, control characters and backslashes; percent-encode them.');
  }
  if (!/^https?:\/\/[^/?#]/i.test(text)) return invalid(`Expected ${schemes} and a host, got ${quote(text)}.`);
  if (/^https?:\/\/[^/?#]*@/i.test(text)) {
    return invalid('Expected no user name or password in the URL; requests are signed instead.');
  }
  const url = URL.parse(text);
  if (url === null) return invalid(`Expected a valid host and port, got ${quote(text)}.`);
  if (url.protocol === 'http:' && !policy.allowHttp) return invalid('Expected https://, got http://; use TLS.');
  if (url.port === '0') return invalid('Expected a port from 1 to 65535, got 0.');
  url.hash = '';
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1);
  const refusal = judgeHost(url.hostname, policy);
  if (refusal) return refusal;
  const refusedPort = refusePort(portOf(url), policy);
  if (refusedPort) return { ok: false, code: 'FORBIDDEN_ADDRESS', message: `${refusedPort}.` };
  if (policy.egressProxy && isOwnPlace(bare(url.hostname), portOf(url), policy.egressProxy)) {
    return forbidden('Expected the host of a receiver, got one of the service itself');
  }
  return url.href.length > MAX_URL_LENGTH ? tooLong(url.href.length) : { ok: true, url: url.href };
}

/** The port of a URL, from which the parser drops the default port of the scheme. */
export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

function isOwnPlace(hostname: string, port: number, proxy: LimitingProxy): boolean {
  if (isProxy(hostname, port, proxy)) return true;
  return isIP(hostname) === 0 && !isLocalhost(hostname) && mayHideProxy(port, proxy);
}

const bare = (hostname: string): string => (hostname.startsWith('[') ? hostname.slice(1, -1) : hostname);

/** Judges a host. The parser has turned every notation of an IPv4 address (decimal, octal, hex, short) into the dotted one. */
function judgeHost(hostname: string, policy: UrlPolicy): UrlVerdict | undefined {
  const isIPv6 = hostname.startsWith('[');
  if (isIPv6 || isIPv4(hostname)) {
    const address = bare(hostname);
    const verdict = judgeAddress(address, policy);
    return verdict.allowed ? undefined : forbidden(`Expected a public address, got ${address}: ${verdict.reason}`);
  }
  const labels = hostname.split('.');
  if (hostname.length > 253 || !labels.every((label) => LABEL.test(label))) {
    return invalid(`Expected a DNS host name, got ${quote(hostname)}.`);
  }
  if (isLocalhost(hostname)) {
    return policy.allowLoopback ? undefined : forbidden(`Expected a public host, got ${hostname}: loopback (RFC 6761)`);
  }
  // An operator who allows private networks also has names in them. The addresses of those names are still judged.
  const privateNames = policy.allowedNetworks.length > 0;
  if (labels.length === 1 && !privateNames && !policy.allowLoopback) {
    return forbidden(`Expected a public host name with a dot, got ${quote(hostname)}`);
  }
  const suffix = PRIVATE_SUFFIXES.find((candidate) => hostname === candidate || hostname.endsWith(`.${candidate}`));
  if (suffix && !privateNames) {
    return forbidden(`Expected a public host name, got ${quote(hostname)}: .${suffix} names are private`);
  }
  return undefined;
}

/** `localhost` and every name under it are loopback by definition (RFC 6761, 6.3), whatever a resolver says. */
export function isLocalhost(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost');
}

const invalid = (message: string): UrlVerdict => ({ ok: false, code: 'INVALID', message });

const forbidden = (problem: string): UrlVerdict => ({
  ok: false,
  code: 'FORBIDDEN_ADDRESS',
  message: `${problem}; use a host that is reachable from the internet.`,
});

const tooLong = (length: number): UrlVerdict => ({
  ok: false,
  code: 'TOO_LONG',
  message: `Expected at most ${MAX_URL_LENGTH} characters (percent-encoded), got ${length}; shorten the URL.`,
});

/** The egress proxy: the way that all requests to targets take, so that they come from addresses that customers can allow. */
import { isSameMachine } from './address.ts';

/** Where the proxy is. */
export type ProxyPlace = {
  /** A name without a final dot, or an IP address without brackets. */
  readonly hostname: string;
  readonly port: number;
};

/** The proxy, as it limits the URLs of targets. */
export type LimitingProxy = ProxyPlace & {
  /** It is asked for names, and nobody here sees where they lead. */
  readonly resolvesNames: boolean;
};

export type EgressProxy = ProxyPlace & {
  readonly protocol: 'http' | 'https' | 'socks5';
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
};

const DEFAULT_PORTS = { http: 80, https: 443, socks5: 1080 } as const;
const EXPECTED =
  'expected the URL of a proxy such as http://user:password@proxy.example.com:3128, https://… or socks5://…';

/** Reads EGRESS_PROXY. Throws an Error that never quotes the text: it may hold a password. */
export function parseEgressProxy(text: string): EgressProxy {
  const url = URL.parse(text);
  const protocol = url?.protocol.slice(0, -1) ?? '';
  if (protocol === 'socks5h') {
    throw new Error(
      `${EXPECTED}, got socks5h://; use socks5://, and EGRESS_PROXY_RESOLVES where the proxy must resolve names`,
    );
  }
  if (!url || !isProtocol(protocol)) throw new Error(`${EXPECTED}, got another text`);
  if (url.hostname === '') throw new Error(`${EXPECTED}, got no host`);
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new Error(`${EXPECTED}, got more after the host and port`);
  }
  return {
    protocol,
    hostname: url.hostname
      .replace(/^\[(.*)\]$/, '$1')
      .replace(/\.$/, '')
      .toLowerCase(),
    port: url.port === '' ? DEFAULT_PORTS[protocol] : Number(url.port),
    credentials: readCredentials(url),
  };
}

const isProtocol = (protocol: string): protocol is EgressProxy['protocol'] => protocol in DEFAULT_PORTS;

/** What both kinds of proxies can be sent: at most 255 bytes each (RFC 1929), and no colon in the name (RFC 7617). */
function readCredentials(url: URL): EgressProxy['credentials'] {
  if (url.username === '' && url.password === '') return undefined;
  const [username, password] = [url.username, url.password].map(decode) as [string, string];
  const isUsable = [username, password].every(
    (each) => each !== '' && Buffer.byteLength(each) <= 255 && !/[\0-\x1f\x7f]/.test(each),
  );
  if (isUsable && !username.includes(':')) return { username, password };
  throw new Error(
    `${EXPECTED}, got a user name or password that no proxy takes; each has 1 to 255 bytes, percent-encoded`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/**
 * Whether requests to this host and port would reach the proxy itself, which obeys whoever can speak to it. `known`: further
 * addresses of the proxy, such as those that its name has now.
 */
export const isProxy = (host: string, port: number, proxy: ProxyPlace, known: readonly string[] = []): boolean =>
  port === proxy.port && [proxy.hostname, ...known].some((own) => own === host || isSameMachine(own, host));

/** Ports that receivers have, so that a name with such a port is no sign of a way to the proxy. */
const USUAL_PORTS: readonly number[] = [80, 443];

/** Whether a name could lead to the proxy itself, and nobody here would see it. */
export const mayHideProxy = (port: number, { resolvesNames, port: own }: LimitingProxy): boolean =>
  resolvesNames && port === own && !USUAL_PORTS.includes(port);

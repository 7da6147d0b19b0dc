/** The receiver that `hookcast listen` forwards to: by default on this machine only, whatever its name resolves to. */
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isInNetworks, parseNetworks } from '../../domain/targets/address.ts';
import { UsageError } from '../command.ts';

const LOOPBACK = parseNetworks(['127.0.0.0/8', '::1/128']);

type Options = {
  /** Replaces the path of the URL. */
  readonly path?: string | undefined;
  readonly allowExternal: boolean;
};

/** Reads a port of this machine, or a URL. Throws a UsageError for anything else, and for an address of another machine. */
export function readReceiverUrl(text: string, { path, allowExternal }: Options): URL {
  const url = URL.parse(/^\d+$/.test(text) ? `http://localhost:${text}` : text);
  if (url !== null && url.username + url.password !== '') {
    const cure = 'Give them by --header "Authorization: Basic …"';
    throw new UsageError(`PORT|URL: expected no user and password in the URL, which are not sent. ${cure}`);
  }
  if (url === null || !/^https?:$/.test(url.protocol) || url.port === '0') {
    const shown = JSON.stringify(text.replace(/^.*@/s, '…@')); // What comes before may be a password.
    throw new UsageError(`PORT|URL: expected a port such as 3000, or an http:// URL, got ${shown}`);
  }
  if (path !== undefined) {
    if (!path.startsWith('/'))
      throw new UsageError(`--path: expected a path such as /webhooks, got ${JSON.stringify(path)}`);
    const [pathname = '', query = ''] = path.split(/\?(.*)/s);
    url.pathname = pathname;
    url.search = query;
  }
  url.hash = '';
  const address = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowExternal && isIP(address) > 0 && !isInNetworks(address, LOOPBACK)) {
    throw new UsageError(`PORT|URL: ${explainExternal(address)}`);
  }
  return url;
}

/** A name leads to an address of another machine. */
export class ExternalAddress extends Error {
  override readonly name = 'ExternalAddress';
}

/** Resolves a name as usual, but fails when any of its addresses is not of this machine. For `connect` of node:net. */
export const lookUpLoopback: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    const external = addresses.find(({ address }) => !isInNetworks(address, LOOPBACK));
    if (external) return callback(new ExternalAddress(explainExternal(external.address)), []);
    if (options.all) return callback(null, addresses);
    callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

const explainExternal = (address: string): string =>
  `expected an address of this machine, got ${address}. Add --allow-external to send events to another machine`;

/** Which URLs targets may have, by the settings and by this machine's present addresses. Both roles use it. */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { networkOf } from '../domain/targets/address.ts';
import type { UrlPolicy } from '../domain/targets/target-url.ts';

type Settings = Pick<Config, 'allowLoopback' | 'allowHttpTargets' | 'allowedNetworks' | 'allowedPorts'> &
  Pick<Config, 'egressProxy' | 'egressProxyResolves' | 'egressAddresses'>;
/** `os.networkInterfaces`, or a test's function in its place. */
type ReadInterfaces = () => Readonly<Record<string, readonly { readonly address: string }[] | undefined>>;

/** Interfaces come and go with VPNs, containers and leases. Reading them takes one or more system calls. */
const REREAD_MS = 2_000;

/** Throws when this machine's interfaces cannot be read: their addresses could then not be refused. */
export function createUrlPolicy(settings: Settings, clock: Clock, read: ReadInterfaces = networkInterfaces): UrlPolicy {
  const { allowLoopback, allowHttpTargets: allowHttp, allowedNetworks, allowedPorts } = settings;
  const ownAddresses = createOwnAddresses(clock, read);
  return { allowLoopback, allowHttp, allowedNetworks, allowedPorts, ownAddresses, ...limitsByProxy(settings) };
}

/** The addresses of a proxy that is a name are refused where connections are made: they change. */
function limitsByProxy({ egressProxy, egressProxyResolves: resolvesNames, egressAddresses = [] }: Settings) {
  if (!egressProxy) return {};
  const { hostname, port } = egressProxy;
  const addresses = isIP(hostname) > 0 ? [hostname, ...egressAddresses] : egressAddresses;
  return { egressProxy: { hostname, port, resolvesNames }, egressNetworks: addresses.map(networkOf) };
}

/**
 * The addresses of all interfaces, at most two seconds old; the same array for as long as they stay the same. While they
 * cannot be read, the last ones count: sending must not stop for that.
 */
function createOwnAddresses(clock: Clock, read: ReadInterfaces): () => readonly string[] {
  const readAddresses = () =>
    Object.values(read())
      .flatMap((addresses = []) => addresses.map(({ address }) => address.replace(/%.*/, '')))
      .sort();
  let addresses = readAddresses();
  let readMs = clock.monotonicMs();
  return () => {
    if (clock.monotonicMs() - readMs < REREAD_MS) return addresses;
    readMs = clock.monotonicMs();
    try {
      const latest = readAddresses();
      if (latest.join() !== addresses.join()) addresses = latest;
    } catch {
      // They could be read at the start, and are read again in two seconds.
    }
    return addresses;
  };
}

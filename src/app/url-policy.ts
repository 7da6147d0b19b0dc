/** Which URLs targets may have, by the settings and by the addresses that this machine has now. Both roles judge by it. */
import { networkInterfaces } from 'node:os';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { UrlPolicy } from '../domain/target-url.ts';

type Settings = Pick<Config, 'allowLoopback' | 'allowHttpTargets' | 'allowedNetworks' | 'allowedPorts'>;
/** `os.networkInterfaces`, or what a test has in its place. */
type ReadInterfaces = () => Readonly<Record<string, readonly { readonly address: string }[] | undefined>>;

/** Interfaces come and go with VPNs, containers and leases. Reading them costs a system call or several. */
const REREAD_MS = 2_000;

/** Throws when the interfaces of this machine cannot be read: their addresses could then not be refused. */
export function createUrlPolicy(settings: Settings, clock: Clock, read: ReadInterfaces = networkInterfaces): UrlPolicy {
  const { allowLoopback, allowHttpTargets: allowHttp, allowedNetworks, allowedPorts } = settings;
  const ownAddresses = createOwnAddresses(clock, read);
  return { allowLoopback, allowHttp, allowedNetworks, allowedPorts, ownAddresses };
}

/**
 * The addresses of all interfaces, at most two seconds old; the same array for as long as they stay the same. Where they
 * cannot be read for a while, the last ones count: sending must not stop for it.
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
      // It was readable at the start, and is asked again in two seconds.
    }
    return addresses;
  };
}

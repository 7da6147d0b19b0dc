/**
 * Resolves names to addresses. getaddrinfo would use libuv's four threads, where a few names with a dead name server hold
 * up every other name for many seconds. c-ares asks the name server without a thread, so the DNS of one organization
 * never delays that of another.
 */
import { promises as dns, type LookupAddress } from 'node:dns';
import type { AddressPolicy } from '../../../domain/targets/address.ts';

/** Finds all addresses of a name, in the order to try them; rejects when there are none. `dns.promises.lookup` fits. */
export type Lookup = (hostname: string, options: { readonly all: true }) => Promise<readonly LookupAddress[]>;

/**
 * Creates a Lookup that asks the name server for A and AAAA. Where targets may be private (local mode, ALLOWED_NETWORKS),
 * a name that it does not know may be in the hosts file or a search domain: then the system is asked too. Elsewhere these
 * are not read, because they name machines of our own network, which no target may be. `servers` defaults to those of the
 * system.
 *
 * Each question has a resolver of its own. Questions of one resolver share a c-ares channel, which c-ares drops on a
 * malformed answer. Then the name server of one organization would fail the names of others that are asked for meanwhile.
 */
export function createLookup(policy: AddressPolicy, servers?: readonly string[]): Lookup {
  const mayBePrivate = policy.allowLoopback || policy.allowedNetworks.length > 0;
  const pending = new Map<string, Promise<readonly LookupAddress[]>>();

  const question = () => {
    const resolver = new dns.Resolver({ timeout: 3_000, tries: 2 });
    if (servers) resolver.setServers(servers);
    return resolver;
  };

  async function ask(hostname: string): Promise<readonly LookupAddress[]> {
    const [v4, v6] = await Promise.allSettled([question().resolve4(hostname), question().resolve6(hostname)]);
    // IPv4 first: many networks that have IPv6 addresses have no IPv6 route.
    const found = [...withFamily(4, v4), ...withFamily(6, v6)];
    if (found.length > 0) return found;
    if (mayBePrivate) return await dns.lookup(hostname, { all: true });
    throw v4.status === 'rejected' ? v4.reason : Object.assign(new Error('no address'), { code: 'ENODATA' });
  }

  return (hostname) => {
    const known = pending.get(hostname);
    if (known) return known;
    const asked = ask(hostname).finally(() => pending.delete(hostname));
    pending.set(hostname, asked);
    return asked;
  };
}

function withFamily(family: 4 | 6, answer: PromiseSettledResult<string[]>): LookupAddress[] {
  return answer.status === 'rejected' ? [] : answer.value.map((address) => ({ address, family }));
}

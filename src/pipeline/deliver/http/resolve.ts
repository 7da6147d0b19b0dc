/**
 * Names to addresses. getaddrinfo would do it on libuv's four threads, where a few names with a dead name server hold up
 * every other name for many seconds; c-ares asks the name server without a thread, so one customer's DNS never delays
 * another's.
 */
import { promises as dns, type LookupAddress } from 'node:dns';
import type { AddressPolicy } from '../../../domain/address.ts';

/** All addresses of a name, in the order to try them; `dns.promises.lookup` fits. Rejects when there are none. */
export type Lookup = (hostname: string, options: { readonly all: true }) => Promise<readonly LookupAddress[]>;

/**
 * Asks the name server for A and AAAA. Where targets may be private (local mode, ALLOWED_NETWORKS), names that it does
 * not know may still stand in the hosts file or a search domain: then the system is asked too. Elsewhere these are not
 * read: they name the machines of our own network, which no target may be. `servers`: default, those of the system.
 *
 * Each question has a resolver of its own. Questions of one resolver share a c-ares channel, and c-ares drops the channel
 * on a malformed answer: one customer's name server would fail the names of all others that are asked for meanwhile.
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

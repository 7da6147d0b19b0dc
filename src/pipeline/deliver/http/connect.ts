/**
 * Opens connections to targets. No other code does.
 *
 *     resolve ─▶ judge every address ─▶ connect to the first that accepts ─▶ judge the peer ─▶ TLS (secure.ts)
 *                                    └▶ ask the egress proxy for it (through-proxy.ts) ─────▶┘
 *
 * Invariants:
 *   - a name with one forbidden address is refused before a packet is sent to any of its addresses;
 *   - connections go to the addresses that were judged: the name is not resolved again in between. The egress proxy is asked for
 *     these addresses too, and never for a name, unless it is the one that must resolve names;
 *   - an IP literal is judged in the same way as a name;
 *   - no request goes to the egress proxy itself, nor to another port of its addresses, unless ALLOWED_NETWORKS has them;
 *   - a TLS session is resumed only at an address of the name (sessions.ts). When that fails, the connection is made once
 *     more with a full handshake: a receiver that forgets its sessions, or fails on them, loses nothing.
 */
import type { LookupAddress } from 'node:dns';
import net, { type Socket } from 'node:net';
import type { Clock } from '../../../clock.ts';
import { judgeAddress, type AddressPolicy } from '../../../domain/targets/address.ts';
import { isProxy, type EgressProxy } from '../../../domain/targets/egress-proxy.ts';
import { isLocalhost } from '../../../domain/targets/target-url.ts';
import { connectFirst, whenConnected } from './connect-first.ts';
import type { Lookup } from './resolve.ts';
import { nameOfPlace, type Endpoint, type Place } from './endpoint.ts';
import { ProxyTrouble } from './proxy/dialogue.ts';
import { createSecure } from './secure.ts';
import { addressesFailure, connectFailure, dnsFailure, SendFailure } from './send-failure.ts';
import { createSessions } from './sessions.ts';
import { createThroughProxy, proxyFailure, type Reach } from './through-proxy.ts';
import { createTunnels } from './tunnels.ts';

export type ConnectStage = 'resolving' | 'connecting' | 'proxying' | 'securing';

/** Opens a connection; rejects with a SendFailure. An aborted connect leaves no socket behind. */
export type Connect = (place: Place, signal: AbortSignal, onStage: (stage: ConnectStage) => void) => Promise<Socket>;

/** How requests take the egress proxy. */
export type ProxyUse = {
  readonly proxy: EgressProxy;
  /** The proxy is asked for names: what they lead to is not judged here. */
  readonly resolvesNames: boolean;
  /** The time for a tunnel. */
  readonly timeoutMs: number;
};

type ConnectorOptions = {
  readonly policy: AddressPolicy;
  readonly lookup: Lookup;
  /** More trusted certificate authorities, as PEM, beside those that Node trusts. */
  readonly ca: string | undefined;
  readonly clock: Clock;
  /** Default: requests take no proxy. */
  readonly proxied?: ProxyUse | undefined;
};

export function createConnector({ policy, lookup, ca, clock, proxied }: ConnectorOptions): Connect {
  // All these sessions were verified with the same authorities.
  const sessions = createSessions(clock);
  const secure = createSecure({ sessions, ca, clock });
  const tunnels = proxied && createTunnels({ ...proxied, ca, clock });
  const reach = tunnels ? createThroughProxy(tunnels, clock) : reachDirectly;
  const reaching = tunnels ? 'proxying' : 'connecting';

  async function findAddresses(endpoint: Endpoint): Promise<readonly LookupAddress[]> {
    const { hostname } = endpoint;
    const isForProxy = proxied?.resolvesNames && net.isIP(hostname) === 0 && !isLocalhost(hostname);
    const addresses = isForProxy ? [{ address: hostname, family: 0 }] : await resolve(endpoint);
    if (!isForProxy) for (const { address } of addresses) refuseForbidden(endpoint, address);
    return addresses;
  }

  async function resolve({ host, hostname }: Endpoint): Promise<readonly LookupAddress[]> {
    const family = net.isIP(hostname);
    if (family > 0) return [{ address: hostname, family }];
    if (isLocalhost(hostname)) return LOOPBACK;
    const addresses = await lookup(hostname, { all: true }).catch((error: unknown) => {
      throw dnsFailure(host, error);
    });
    if (addresses.length === 0) throw dnsFailure(host, { code: 'ENODATA' });
    return addresses;
  }

  function refuseForbidden({ host, hostname }: Endpoint, address: string): void {
    const verdict = judgeAddress(address, policy);
    if (verdict.allowed) return;
    const leads = address === hostname ? `${host} is` : `${host} leads to ${address}, which is`;
    throw new SendFailure('FORBIDDEN_ADDRESS', `${leads} not a public address: ${verdict.reason}.`);
  }

  async function refuseProxy(...[{ host, port }, addresses, signal]: Parameters<Reach>): Promise<void> {
    if (!proxied || !tunnels) return;
    const found = await tunnels.addresses(signal).catch((error: unknown) => {
      throw error instanceof ProxyTrouble ? proxyFailure(error) : error;
    });
    const own = found.map(({ address }) => address);
    const ownPolicy = { ...policy, ownAddresses: () => own };
    const isOwn = ({ address, family }: LookupAddress) =>
      isProxy(address, port, proxied.proxy, own) || (family > 0 && !judgeAddress(address, ownPolicy).allowed);
    if (!addresses.some(isOwn)) return;
    throw new SendFailure('FORBIDDEN_ADDRESS', `${host} leads to a place of the service itself.`);
  }

  /** Connects to addresses that were judged, and judges the one that was reached. */
  async function reachDirectly(...[endpoint, addresses, signal]: Parameters<Reach>): ReturnType<Reach> {
    const { host, port } = endpoint;
    const dial = ({ address }: LookupAddress, each: AbortSignal) =>
      whenConnected(net.connect({ host: address, port, noDelay: true }), each);
    const end = await connectFirst(addresses, dial, signal);
    if (!('socket' in end)) throw addressesFailure(host, end);
    try {
      refuseForbidden(endpoint, peerOf(end.socket, endpoint));
      return end;
    } catch (error) {
      end.socket.destroy();
      throw error;
    }
  }

  return async (place, signal, onStage) => {
    const { endpoint, identity } = place;
    onStage('resolving');
    const addresses = await findAddresses(endpoint);
    signal.throwIfAborted();

    onStage(reaching);
    await refuseProxy(endpoint, addresses, signal);
    const reached = await reach(endpoint, addresses, signal);
    if (!endpoint.secure) return reached.socket;

    onStage('securing');
    const key = nameOfPlace(place);
    const session = identity?.isReplaced ? undefined : sessions.take(key, reached.address, addresses);
    const handshake = { key, endpoint, identity, signal };
    try {
      return await secure({ ...handshake, ...reached, session });
    } catch (error) {
      if (session === undefined || signal.aborted) throw error;
    }
    sessions.drop(key);
    onStage(reaching);
    const fresh = await reach(endpoint, addresses, signal);
    onStage('securing');
    return await secure({ ...handshake, ...fresh, session: undefined });
  };
}

const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

function peerOf(socket: Socket, { host }: Endpoint): string {
  if (socket.remoteAddress === undefined) throw connectFailure(host, { code: 'ECONNRESET' });
  return socket.remoteAddress;
}

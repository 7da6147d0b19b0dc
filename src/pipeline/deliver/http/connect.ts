/**
 * Opens connections to targets. No other code does.
 *
 *     resolve ─▶ judge every address ─▶ connect to the first that accepts ─▶ judge the peer ─▶ TLS (secure.ts)
 *
 * Invariants:
 *   - a name with one forbidden address is refused before a packet is sent to any of its addresses;
 *   - connections go to the addresses that were judged: the name is not resolved again in between;
 *   - an IP literal is judged in the same way as a name;
 *   - a TLS session is resumed only at an address of the name (sessions.ts). When that fails, the connection is made once
 *     more with a full handshake: a receiver that forgets its sessions, or fails on them, loses nothing.
 */
import type { LookupAddress } from 'node:dns';
import net, { type Socket } from 'node:net';
import type { Clock } from '../../../clock.ts';
import { judgeAddress, type AddressPolicy } from '../../../domain/targets/address.ts';
import { isLocalhost } from '../../../domain/targets/target-url.ts';
import { connectFirst } from './connect-first.ts';
import type { Lookup } from './resolve.ts';
import { nameOfPlace, type Endpoint, type Place } from './endpoint.ts';
import { createSecure } from './secure.ts';
import { addressesFailure, connectFailure, dnsFailure, SendFailure } from './send-failure.ts';
import { createSessions } from './sessions.ts';

export type ConnectStage = 'resolving' | 'connecting' | 'securing';

/** Opens a connection; rejects with a SendFailure. An aborted connect leaves no socket behind. */
export type Connect = (place: Place, signal: AbortSignal, onStage: (stage: ConnectStage) => void) => Promise<Socket>;

type ConnectorOptions = {
  readonly policy: AddressPolicy;
  readonly lookup: Lookup;
  /** More trusted certificate authorities, as PEM, beside those that Node trusts. */
  readonly ca: string | undefined;
  readonly clock: Clock;
};

export function createConnector({ policy, lookup, ca, clock }: ConnectorOptions): Connect {
  // All these sessions were verified with the same authorities.
  const sessions = createSessions(clock);
  const secure = createSecure({ sessions, ca, clock });

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

  /** Connects to addresses that were judged. */
  async function reach(endpoint: Endpoint, addresses: readonly LookupAddress[], signal: AbortSignal): Promise<Socket> {
    const socket = await open(endpoint, addresses, signal);
    try {
      refuseForbidden(endpoint, peerOf(socket, endpoint));
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  return async (place, signal, onStage) => {
    const { endpoint, identity } = place;
    onStage('resolving');
    const addresses = await resolve(endpoint);
    for (const { address } of addresses) refuseForbidden(endpoint, address);
    signal.throwIfAborted();

    onStage('connecting');
    const socket = await reach(endpoint, addresses, signal);
    if (!endpoint.secure) return socket;

    onStage('securing');
    const key = nameOfPlace(place);
    const session = sessions.take(key, peerOf(socket, endpoint), addresses);
    try {
      return await secure({ key, endpoint, identity, socket, session, signal });
    } catch (error) {
      if (session === undefined || signal.aborted) throw error;
    }
    sessions.drop(key);
    onStage('connecting');
    const fresh = await reach(endpoint, addresses, signal);
    onStage('securing');
    return await secure({ key, endpoint, identity, socket: fresh, session: undefined, signal });
  };
}

const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** Opens a TCP connection to the first address that accepts it. */
async function open(endpoint: Endpoint, addresses: readonly LookupAddress[], signal: AbortSignal): Promise<Socket> {
  const { host, port } = endpoint;
  const dial = ({ address }: LookupAddress) => net.connect({ host: address, port, noDelay: true });
  const end = await connectFirst(addresses, dial, signal);
  if (end instanceof net.Socket) return end;
  throw addressesFailure(host, end);
}

function peerOf(socket: Socket, { host }: Endpoint): string {
  if (socket.remoteAddress === undefined) throw connectFailure(host, { code: 'ECONNRESET' });
  return socket.remoteAddress;
}

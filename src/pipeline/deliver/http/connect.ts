/**
 * The only place where a connection to a target is opened.
 *
 *     resolve ─▶ judge every address ─▶ connect to the first that accepts ─▶ judge the peer ─▶ TLS
 *
 * Invariants:
 *   - one forbidden address among those of a name refuses the name, before any packet is sent to any of them;
 *   - what was judged is what is connected to: the name is not resolved again in between;
 *   - an IP literal takes the same way as a name;
 *   - certificates are verified on every connection, whatever NODE_TLS_REJECT_UNAUTHORIZED says.
 */
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { judgeAddress, type AddressPolicy } from '../../../domain/address.ts';
import { isLocalhost } from '../../../domain/target-url.ts';
import { connectFirst } from './connect-first.ts';
import type { Lookup } from './resolve.ts';
import { addressesFailure, connectFailure, dnsFailure, handshakeFailure, SendFailure } from './send-failure.ts';

export type Endpoint = {
  /** scheme://host:port, normalised. */
  readonly origin: string;
  /** Host and, unless it is the default, port: what error messages name. */
  readonly host: string;
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
};

export type ConnectStage = 'resolving' | 'connecting' | 'securing';

/** Rejects with a SendFailure. An aborted connect leaves no socket behind. */
export type Connect = (
  endpoint: Endpoint,
  signal: AbortSignal,
  onStage: (stage: ConnectStage) => void,
) => Promise<Socket>;

type ConnectorOptions = {
  readonly policy: AddressPolicy;
  readonly lookup: Lookup;
  /** PEM: trusted beside the authorities that Node trusts. */
  readonly ca: string | undefined;
};

export function createConnector({ policy, lookup, ca }: ConnectorOptions): Connect {
  let secureContext: tls.SecureContext | undefined;

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

  async function secure(endpoint: Endpoint, socket: Socket, signal: AbortSignal): Promise<Socket> {
    secureContext ??= tls.createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca: [...tls.getCACertificates('default'), ca] }),
    });
    const secured = tls.connect({
      socket,
      secureContext,
      host: endpoint.hostname, // The name, or the IP address, that the certificate must be for.
      ...(net.isIP(endpoint.hostname) === 0 ? { servername: endpoint.hostname } : {}),
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
    });
    await established(secured, signal).catch((error: unknown) => {
      socket.destroy();
      throw handshakeFailure(endpoint.host, error);
    });
    return secured;
  }

  return async (endpoint, signal, onStage) => {
    onStage('resolving');
    const addresses = await resolve(endpoint);
    for (const { address } of addresses) refuseForbidden(endpoint, address);
    signal.throwIfAborted();

    onStage('connecting');
    const socket = await open(endpoint, addresses, signal);
    try {
      refuseForbidden(endpoint, peerOf(socket, endpoint));
    } catch (error) {
      socket.destroy();
      throw error;
    }
    if (!endpoint.secure) return socket;

    onStage('securing');
    return await secure(endpoint, socket, signal);
  };
}

const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** Over TCP, to the first of the addresses that accepts. */
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

/**
 * The listener stays, as that of connectFirst does. Node emits an alert that comes after the handshake as an error and
 * leaves the socket open. The HTTP client would then report its end, and no longer the alert, which says why.
 */
async function established(secured: tls.TLSSocket, signal: AbortSignal): Promise<void> {
  secured.on('error', (error) => secured.destroy(error));
  try {
    await once(secured, 'secureConnect', { signal });
  } catch (error) {
    secured.destroy();
    throw error;
  }
}

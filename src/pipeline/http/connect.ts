/**
 * The only place where a connection to a target is opened.
 *
 *     resolve ─▶ judge every address ─▶ connect to one of those just judged ─▶ judge the peer ─▶ TLS
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
import { judgeAddress, type AddressPolicy } from '../../domain/address.ts';
import { isLocalhost } from '../../domain/target-url.ts';
import type { Lookup } from './resolve.ts';
import { connectFailure, dnsFailure, handshakeFailure, SendFailure } from './send-failure.ts';

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

/** A name with several addresses: how long one of them is tried before the next. */
const ADDRESS_ATTEMPT_MS = 500;

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
    await established(secured, 'secureConnect', signal).catch((error: unknown) => {
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
  const socket = net.connect({
    host: endpoint.hostname,
    port: endpoint.port,
    lookup: (_hostname, _options, done) => done(null, [...addresses]),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
    noDelay: true,
  });
  await established(socket, 'connect', signal).catch((error: unknown) => {
    throw connectFailure(endpoint.host, error);
  });
  return socket;
}

function peerOf(socket: Socket, { host }: Endpoint): string {
  if (socket.remoteAddress === undefined) throw connectFailure(host, { code: 'ECONNRESET' });
  return socket.remoteAddress;
}

/** The listener stays: between here and the HTTP client, nobody else would hear an error, which then ends the process. */
async function established(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  socket.on('error', () => {});
  try {
    await once(socket, event, { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Connections to the egress proxy, and tunnels through it to receivers: `http` and `https` by CONNECT, `socks5` by its own
 * dialogue. No request and no header of a target is ever sent to the proxy itself, and none of its credentials to a target.
 *
 *     connect to the proxy ─▶ TLS (https) ─▶ log in (socks5) ─▶ ask for the tunnel ─▶ it is open
 *     └──────────── the proxy's own fault when this fails ────┘└ perhaps the receiver's ┘
 *
 * Each tunnel has a connection of its own, and a deadline of its own, shorter than that of the attempt.
 */
import { promises as dns, type LookupAddress } from 'node:dns';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import type { Clock } from '../../../clock.ts';
import type { EgressProxy } from '../../../domain/targets/egress-proxy.ts';
import { connectFirst, whenConnected } from './connect-first.ts';
import { createDialogue, ProxyTrouble } from './proxy/dialogue.ts';
import { connectByHttp, type TunnelEnd } from './proxy/http-connect.ts';
import { connectBySocks5, greetSocks5 } from './proxy/socks5.ts';
import { secureOptions, whenSecured } from './secure.ts';

export type Tunnels = {
  /** The addresses that the name of the proxy has now. Rejects with a ProxyTrouble, or with the signal's reason. */
  addresses(signal: AbortSignal): Promise<readonly LookupAddress[]>;
  /**
   * Opens a tunnel. `onAsked`: the proxy knows now where it leads. Rejects with a ProxyTrouble, or with the signal's reason, and
   * leaves no socket behind then.
   */
  open(end: TunnelEnd, signal: AbortSignal, onAsked: () => void): Promise<Socket>;
};

type TunnelsOptions = {
  readonly proxy: EgressProxy;
  /** From the start of the connection to the open tunnel. */
  readonly timeoutMs: number;
  /** More trusted certificate authorities, as PEM, beside those that Node trusts. */
  readonly ca: string | undefined;
  readonly clock: Clock;
};

/** How long the addresses of the proxy's name are used without asking again. */
const FRESH_MS = 5_000;

export function createTunnels({ proxy, timeoutMs, ca, clock }: TunnelsOptions): Tunnels {
  const { protocol, hostname, port, credentials } = proxy;
  const isName = net.isIP(hostname) === 0;
  const secureContext = protocol === 'https' ? tls.createSecureContext(secureOptions(ca)) : undefined;
  let looked: Promise<readonly LookupAddress[]> | undefined;
  let freshUntilMs = Infinity;

  /** While a question is not answered, no other one is asked. */
  function addresses(signal: AbortSignal): Promise<readonly LookupAddress[]> {
    if (!looked || clock.monotonicMs() >= freshUntilMs) {
      freshUntilMs = Infinity;
      looked = look().finally(() => (freshUntilMs = clock.monotonicMs() + FRESH_MS));
    }
    return unlessAborted(looked, signal);
  }

  /** The operator chose the name, so the system is asked, with its hosts file. */
  async function look(): Promise<readonly LookupAddress[]> {
    if (!isName) return [{ address: hostname, family: net.isIP(hostname) }];
    return await dns.lookup(hostname, { all: true }).catch((error: unknown) => {
      throw new ProxyTrouble('fault', `was not reached: its name could not be resolved${inBrackets(error)}`);
    });
  }

  async function reach(signal: AbortSignal): Promise<Socket> {
    const dial = ({ address }: LookupAddress, each: AbortSignal) =>
      whenConnected(net.connect({ host: address, port, noDelay: true }), each);
    const end = await connectFirst(await addresses(signal), dial, signal);
    if (!('socket' in end)) throw new ProxyTrouble('fault', `was not reached${inBrackets(end[0]?.error)}`);
    return secureContext ? await secureToProxy(end.socket, secureContext, signal) : end.socket;
  }

  async function secureToProxy(socket: Socket, context: tls.SecureContext, signal: AbortSignal): Promise<Socket> {
    const secured = tls.connect({
      socket,
      secureContext: context,
      host: hostname,
      ...(isName ? { servername: hostname } : {}),
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
    });
    await whenSecured(secured, signal).catch((error: unknown) => {
      socket.destroy();
      signal.throwIfAborted();
      throw new ProxyTrouble('fault', `has no secure connection to offer${inBrackets(error)}`);
    });
    return secured;
  }

  /** Gives `work` a signal that aborts with the given one, and when the time for a tunnel is over. */
  async function inTime<T>(
    signal: AbortSignal,
    kind: () => ProxyTrouble['kind'],
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadline = new AbortController();
    const expire = () => deadline.abort(new ProxyTrouble(kind(), `did not answer within ${timeoutMs} ms`));
    const timer = setTimeout(expire, timeoutMs);
    try {
      return await work(AbortSignal.any([signal, deadline.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  async function open(end: TunnelEnd, signal: AbortSignal, onAsked: () => void): Promise<Socket> {
    const socket = await reach(signal);
    try {
      const dialogue = createDialogue(socket, signal, onAsked);
      if (protocol === 'socks5') {
        await greetSocks5(dialogue, credentials);
        await connectBySocks5(dialogue, end);
      } else await connectByHttp(dialogue, end, credentials);
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  return {
    addresses: (signal) => inTime(signal, () => 'fault', addresses),
    open(end, signal, onAsked) {
      let hasAsked = false;
      const noteAsked = () => {
        hasAsked = true;
        onAsked();
      };
      const kind = () => (hasAsked ? 'silence' : 'fault');
      return inTime(signal, kind, (either) => open(end, either, noteAsked));
    },
  };
}

/** Rejects with the signal's reason when that aborts first. What the promise comes to then is ignored. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The code of an error, which can be looked up; the texts of such errors may name the proxy. */
function inBrackets(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? ` (${code})` : '';
}

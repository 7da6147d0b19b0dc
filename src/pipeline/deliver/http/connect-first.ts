/**
 * Tries several addresses of one name as RFC 8305 (5) says: the next address is tried 250 ms after the last, or as soon
 * as the last has failed, and all tries go on until one connects. So an address that loses packets may take as long as
 * the whole attempt, and delays the next address by only a quarter of a second.
 *
 *     first ──250 ms, or failed──▶ second ──250 ms, or failed──▶ third …    the first to connect wins
 *
 * Invariants:
 *   - when one socket has connected, the others are destroyed; when the signal aborts, all are;
 *   - a name with hundreds of addresses makes one request open at most MAX_TRIED sockets.
 */
import type { LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';

/** An address that was reached, and the connection to it. */
export type Reached = { readonly socket: Socket; readonly address: string };

/** An address that was not reached, and why. */
export type AddressFailure = { readonly address: string; readonly error: unknown };

/** RFC 8305, 8: the recommended "Connection Attempt Delay". */
const NEXT_AFTER_MS = 250;
/** Sockets of one request. Load balancers publish two to eight addresses, in an order that changes with each answer. */
const MAX_TRIED = 6;

/**
 * Connects to one of the addresses; there must be at least one. `dial` resolves with an open socket; when its signal aborts, it
 * destroys the socket and rejects. Resolves with the first that has connected, or with the failures of all addresses that were
 * tried; rejects when the signal aborts.
 */
export function connectFirst(
  addresses: readonly LookupAddress[],
  dial: (address: LookupAddress, signal: AbortSignal) => Promise<Socket>,
  signal: AbortSignal,
): Promise<Reached | readonly AddressFailure[]> {
  return new Promise((resolve, reject) => {
    const untried = alternateFamilies(addresses).slice(0, MAX_TRIED);
    const trying = new Set<AbortController>();
    const failures: AddressFailure[] = [];
    let timer: NodeJS.Timeout | undefined;

    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      untried.length = 0;
      for (const attempt of trying) attempt.abort();
      trying.clear();
    }

    function abort(): void {
      end();
      reject(signal.reason as Error);
    }

    function tryNext(): void {
      clearTimeout(timer);
      const lookedUp = untried.shift();
      if (lookedUp === undefined) return;
      const { address } = lookedUp;
      const attempt = new AbortController();
      trying.add(attempt);
      dial(lookedUp, attempt.signal).then(
        (socket) => {
          if (!trying.delete(attempt)) return void socket.destroy();
          end();
          resolve({ socket, address });
        },
        (error: unknown) => {
          if (trying.delete(attempt)) fail({ address, error });
        },
      );
      if (untried.length > 0) timer = setTimeout(tryNext, NEXT_AFTER_MS);
    }

    function fail(failure: AddressFailure): void {
      failures.push(failure);
      tryNext();
      if (trying.size > 0) return;
      end();
      resolve(failures);
    }

    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    else tryNext();
  });
}

/** Waits until a socket has connected. Destroys it, and rejects, when the signal aborts. */
export function whenConnected(socket: Socket, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort);
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
    // This listener stays. Without it an error before the HTTP client takes the socket would end the process.
    socket.on('error', (error) => {
      signal.removeEventListener('abort', abort);
      reject(error);
    });
  });
}

/**
 * Alternates between IPv6 and IPv4, beginning with the family of the first address (RFC 8305, 4): a network may have a
 * route to one family only.
 */
function alternateFamilies(addresses: readonly LookupAddress[]): LookupAddress[] {
  const isLike = ({ family }: LookupAddress) => family === addresses[0]?.family;
  const first = addresses.filter(isLike);
  const second = addresses.filter((address) => !isLike(address));
  const pairs = first.flatMap((address, index) => [address, ...second.slice(index, index + 1)]);
  return [...pairs, ...second.slice(first.length)];
}

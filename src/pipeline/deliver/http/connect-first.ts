/**
 * Several addresses of one name, tried as RFC 8305 (5) says: each begins 250 ms after the one before it, or as soon as
 * that one has failed, and all of them stay open until one connects. So an address that loses packets has as long as the
 * whole attempt, and costs the next one a quarter of a second.
 *
 *     first ──250 ms, or failed──▶ second ──250 ms, or failed──▶ third …    the first to connect wins
 *
 * Invariants:
 *   - the other sockets are destroyed when one has won, and all of them when the signal aborts;
 *   - a name with hundreds of addresses makes one request open at most MAX_TRIED sockets.
 */
import type { LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';

/** Why an address was not reached. */
export type AddressFailure = { readonly address: string; readonly error: unknown };

/** RFC 8305, 8: the recommended "Connection Attempt Delay". */
const NEXT_AFTER_MS = 250;
/** Sockets of one request. Load balancers publish two to eight addresses, in an order that changes with each answer. */
const MAX_TRIED = 6;

/**
 * `addresses`: one or more; `dial` opens a socket and returns it at once. Resolves with the socket that has connected, or
 * with the reasons of all addresses that were tried; rejects when the signal aborts.
 */
export function connectFirst(
  addresses: readonly LookupAddress[],
  dial: (address: LookupAddress) => Socket,
  signal: AbortSignal,
): Promise<Socket | readonly AddressFailure[]> {
  return new Promise((resolve, reject) => {
    const untried = alternateFamilies(addresses).slice(0, MAX_TRIED);
    const trying = new Set<Socket>();
    const failures: AddressFailure[] = [];
    let timer: NodeJS.Timeout | undefined;

    function end(winner?: Socket): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      untried.length = 0;
      if (winner) trying.delete(winner);
      for (const socket of trying) socket.destroy();
      trying.clear();
    }

    function abort(): void {
      end();
      reject(signal.reason as Error);
    }

    function tryNext(): void {
      clearTimeout(timer);
      const address = untried.shift();
      if (address === undefined) return;
      const socket = dial(address);
      trying.add(socket);
      socket.once('connect', () => {
        if (!trying.has(socket)) return;
        end(socket);
        resolve(socket);
      });
      // It stays: between here and the HTTP client nobody else would hear an error, which then ends the process.
      socket.on('error', (error) => {
        if (trying.delete(socket)) fail({ address: address.address, error });
      });
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

/** Beginning with the family of the first address (RFC 8305, 4): a network may have a route to one family only. */
function alternateFamilies(addresses: readonly LookupAddress[]): LookupAddress[] {
  const isLike = ({ family }: LookupAddress) => family === addresses[0]?.family;
  const first = addresses.filter(isLike);
  const second = addresses.filter((address) => !isLike(address));
  const pairs = first.flatMap((address, index) => [address, ...second.slice(index, index + 1)]);
  return [...pairs, ...second.slice(first.length)];
}

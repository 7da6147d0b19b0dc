/**
 * The address that a request without an API key is counted by: that of the peer. X-Forwarded-For is the client's own word, so
 * it is read only where a trusted proxy wrote the end of it.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isInNetworks, parseNetworks } from '../../domain/targets/address.ts';

/** An IPv4 address, or the /64 of an IPv6 address: a network gives each of its users a /64. */
export type AddressOf = (request: IncomingMessage) => string;

/** `trustedProxies` are CIDRs. Throws when an entry is not a CIDR; the settings check them (config.ts). */
export function createAddressOf(trustedProxies: readonly string[]): AddressOf {
  const trusted = parseNetworks(trustedProxies);
  const isTrusted = (address: string) => isInNetworks(address, trusted);

  return ({ socket, headers }) => {
    let address = unmapped(socket.remoteAddress ?? '');
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    // Each proxy appends the address that called it: the last address that is not a trusted proxy is the client.
    while (isTrusted(address)) {
      const before = unmapped(forwarded.pop()?.trim() ?? '');
      if (isIP(before) === 0) break;
      address = before;
    }
    return isIP(address) === 6 ? prefixOf(address) : address;
  };
}

/** An IPv4 address as such: a socket that listens for both families shows it inside of IPv6. */
const unmapped = (address: string): string => address.replace(/^::ffff:(?=[\d.]+$)/i, '');

function prefixOf(address: string): string {
  const [head = '', tail = ''] = address.split('%')[0]!.split('::');
  const [before, after] = [head, tail].map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: Math.max(0, 8 - before!.length - after!.length) }, () => '0');
  const groups = [...before!, ...zeros, ...after!].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

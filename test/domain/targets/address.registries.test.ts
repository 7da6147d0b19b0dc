/**
 * The table of addresses beside the registries it is made from, so that neither a typo nor an entry left out goes unseen:
 * iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry and …/ipv6-address-space.
 */
import { BlockList, isIPv4 } from 'node:net';
import { expect, test } from 'vitest';
import { judgeAddress } from '../../../src/domain/targets/address.ts';

const PRODUCTION = { allowLoopback: false, allowedNetworks: [] };

/** Every entry of the IPv4 registry; those it calls globally reachable (AS112, AMT, PCP and TURN anycast) serve no webhooks. */
const IPV4_SPECIAL = [
  '0.0.0.0/8',
  '0.0.0.0/32',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.0.0/29',
  '192.0.0.8/32',
  '192.0.0.9/32',
  '192.0.0.10/32',
  '192.0.0.170/32',
  '192.0.0.171/32',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
  '255.255.255.255/32',
  '224.0.0.0/4', // iana.org/assignments/multicast-addresses
];

const IPV6_SPECIAL = [
  '::1/128',
  '::/128',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '100:0:0:1::/64',
  '2001::/23',
  '2001::/32',
  '2001:1::1/128',
  '2001:1::2/128',
  '2001:1::3/128',
  '2001:2::/48',
  '2001:3::/32',
  '2001:4:112::/48',
  '2001:10::/28',
  '2001:20::/28',
  '2001:30::/28',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  // Everything outside 2000::/3 of the IPv6 address space, with the retired site-local and multicast.
  '::/8',
  '100::/8',
  '200::/7',
  '400::/6',
  '800::/5',
  '1000::/4',
  '4000::/3',
  '6000::/3',
  '8000::/3',
  'a000::/3',
  'c000::/3',
  'e000::/4',
  'f000::/5',
  'f800::/6',
  'fe00::/9',
  'fec0::/10',
  'ff00::/8',
];

test.each([...IPV4_SPECIAL, ...IPV6_SPECIAL])('no address of %s is public', (network) => {
  for (const address of edges(network)) {
    expect({ address, ...judgeAddress(address, PRODUCTION) }).toMatchObject({ address, allowed: false });
  }
});

test('of the rest of IPv4, all is public but the platform addresses that no registry knows', () => {
  const special = new BlockList();
  for (const network of IPV4_SPECIAL) special.addSubnet(...subnet(network));
  const refused: string[] = [];
  for (let high = 0; high < 65_536; high++) {
    const address = `${high >> 8}.${high & 255}.${(high * 7) & 255}.${(high * 13) & 255}`;
    if (judgeAddress(address, PRODUCTION).allowed === special.check(address)) refused.push(address);
  }
  expect(refused).toEqual([]);
  expect(special.check('168.63.129.16')).toBe(false);
  expect(judgeAddress('168.63.129.16', PRODUCTION).allowed).toBe(false);
});

function subnet(network: string): [base: string, length: number] {
  const [base, length] = network.split('/');
  return [base!, Number(length)];
}

/** The first address, the last one, and one of the middle. */
function edges(network: string): string[] {
  const [base, length] = subnet(network);
  const width = isIPv4(base) ? 32 : 128;
  const first = toNumber(base);
  const size = 1n << BigInt(width - length);
  return [first, first + size / 2n, first + size - 1n].map((value) => toText(value, width));
}

function toNumber(address: string): bigint {
  if (isIPv4(address)) return BigInt(address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0));
  const [head = '', tail = ''] = address.split('::');
  const [before, after] = [head, tail].map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(8 - before!.length - after!.length).fill('0');
  return BigInt(`0x${[...before!, ...zeros, ...after!].map((group) => group.padStart(4, '0')).join('')}`);
}

function toText(value: bigint, width: number): string {
  const [digits, size, separator, radix] = width === 32 ? [8, 2, '.', 10] : [32, 4, ':', 16];
  const groups = value
    .toString(16)
    .padStart(digits, '0')
    .match(new RegExp(`.{${size}}`, 'g'))!;
  return groups.map((group) => Number(`0x${group}`).toString(radix)).join(separator);
}

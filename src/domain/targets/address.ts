/**
 * Which IP addresses a request may go to. Strangers name the targets, so everything that is not plainly public is
 * refused: our own machine, the network it stands in, the cloud's metadata services. Our own machine may have public
 * addresses too, which no table knows: the caller of judgeAddress passes them in.
 *
 * IPv4 is public unless the table below names its range. IPv6 is the other way round: only global unicast (2000::/3) is
 * public, without the ranges in the table. Most of the space is either unassigned or carries an IPv4 address inside (mapped,
 * compatible, NAT64, 6to4, Teredo), which would lead past the IPv4 rules.
 */
import { isIPv4, isIPv6 } from 'node:net';

export type AddressPolicy = {
  /** Local mode: 127.0.0.0/8 and ::1, in no other notation. */
  readonly allowLoopback: boolean;
  /** CIDRs that are allowed although they are not public. */
  readonly allowedNetworks: readonly string[];
  /**
   * The addresses of this machine's interfaces as they are now: refused, unless a network of `allowedNetworks` has them.
   * Returns the same array for as long as they stay the same. Without it, only the table is asked.
   */
  readonly ownAddresses?: (() => readonly string[]) | undefined;
  /**
   * CIDRs that requests come from: refused like the machine's own addresses, because what stands there trusts the sender more than
   * strangers. Default: none.
   */
  readonly egressNetworks?: readonly string[] | undefined;
};

export type AddressVerdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

type IpAddress = { readonly bits: 32 | 128; readonly value: bigint };
type Network = { readonly bits: 32 | 128; readonly value: bigint; readonly hostBits: bigint };
type Range = Network & { readonly reason: string };

/**
 * The first match gives the reason, so a range inside another stands before it. Names and RFCs are those of the IANA
 * special-purpose address registries (iana.org/assignments/iana-ipv4-special-registry, …-ipv6-special-registry).
 */
const FORBIDDEN: readonly Range[] = [
  range('169.254.169.254/32', 'the metadata service of most clouds'),
  range('169.254.170.0/24', 'the credentials service of AWS containers'),
  range('100.100.100.200/32', 'the metadata service of Alibaba Cloud'),
  range('192.0.0.192/32', 'the metadata service of Oracle Cloud'),
  // Looks public and is in no registry: the host agent of every Azure machine.
  range('168.63.129.16/32', 'the platform service of Azure'),

  range('0.0.0.0/8', '"this network", which reaches the sender itself (RFC 791)'),
  range('10.0.0.0/8', 'a private network (RFC 1918)'),
  range('100.64.0.0/10', 'shared carrier space (RFC 6598)'),
  range('127.0.0.0/8', 'loopback (RFC 1122)'),
  range('169.254.0.0/16', 'link-local (RFC 3927)'),
  range('172.16.0.0/12', 'a private network (RFC 1918)'),
  range('192.0.0.0/24', 'reserved for protocol assignments (RFC 6890)'),
  range('192.0.2.0/24', 'reserved for documentation (RFC 5737)'),
  range('192.31.196.0/24', 'an AS112 sink (RFC 7535)'),
  range('192.52.193.0/24', 'a multicast relay (RFC 7450)'),
  range('192.88.99.0/24', 'a retired 6to4 relay (RFC 7526)'),
  range('192.168.0.0/16', 'a private network (RFC 1918)'),
  range('192.175.48.0/24', 'an AS112 sink (RFC 7534)'),
  range('198.18.0.0/15', 'reserved for benchmarks (RFC 2544)'),
  range('198.51.100.0/24', 'reserved for documentation (RFC 5737)'),
  range('203.0.113.0/24', 'reserved for documentation (RFC 5737)'),
  range('224.0.0.0/4', 'multicast (RFC 5771)'),
  range('255.255.255.255/32', 'broadcast (RFC 8190)'),
  range('240.0.0.0/4', 'reserved (RFC 1112)'),

  range('fd00:ec2::/32', 'a metadata service of AWS'),
  range('fd20:ce::254/128', 'the metadata service of Google Cloud'),
  range('::/128', 'the unspecified address (RFC 4291)'),
  range('::1/128', 'loopback (RFC 4291)'),
  range('::ffff:0:0/96', 'an IPv4 address in IPv6 notation (RFC 4291)'),
  range('::/96', 'an IPv4 address in a retired IPv6 notation (RFC 4291)'),
  range('64:ff9b::/96', 'an IPv4 address behind NAT64 (RFC 6052)'),
  range('64:ff9b:1::/48', 'an IPv4 address behind a private NAT64 (RFC 8215)'),
  range('100::/64', 'discarded traffic (RFC 6666)'),
  range('100:0:0:1::/64', 'a dummy prefix (RFC 9780)'),
  range('2001::/32', 'an IPv4 address behind Teredo (RFC 4380)'),
  range('2001::/23', 'reserved for protocol assignments (RFC 2928)'),
  range('2001:db8::/32', 'reserved for documentation (RFC 3849)'),
  range('2002::/16', 'an IPv4 address behind 6to4 (RFC 3056)'),
  range('2620:4f:8000::/48', 'an AS112 sink (RFC 7534)'),
  range('3fff::/20', 'reserved for documentation (RFC 9637)'),
  range('5f00::/16', 'segment routing inside a network (RFC 9602)'),
  range('fc00::/7', 'a private network (RFC 4193)'),
  range('fe80::/10', 'link-local (RFC 4291)'),
  range('fec0::/10', 'a retired private network (RFC 3879)'),
  range('ff00::/8', 'multicast (RFC 4291)'),
];

const LOOPBACK = [network('127.0.0.0/8'), network('::1/128')];
const GLOBAL_UNICAST = network('2000::/3');

/**
 * Judges one address, in the text form that a resolver or a parsed URL gives (without brackets). An address that cannot be
 * read strictly is refused. Throws when an entry of `allowedNetworks` is not a network.
 */
export function judgeAddress(address: string, policy: AddressPolicy): AddressVerdict {
  const parsed = parseAddress(address);
  if (parsed === undefined) return { allowed: false, reason: 'not an IP address' };
  if (policy.allowLoopback && LOOPBACK.some((loopback) => contains(loopback, parsed))) return { allowed: true };
  if (parseNetworks(policy.allowedNetworks).some((allowed) => contains(allowed, parsed))) return { allowed: true };
  const forbidden = FORBIDDEN.find((candidate) => contains(candidate, parsed));
  if (forbidden) return { allowed: false, reason: forbidden.reason };
  if (parsed.bits === 128 && !contains(GLOBAL_UNICAST, parsed)) {
    return { allowed: false, reason: 'outside the public IPv6 space 2000::/3 (RFC 4291)' };
  }
  if (policy.ownAddresses && isOneOf(policy.ownAddresses(), parsed)) return { allowed: false, reason: OWN };
  if (policy.egressNetworks && parseNetworks(policy.egressNetworks).some((egress) => contains(egress, parsed))) {
    return { allowed: false, reason: 'an address that requests of the service come from' };
  }
  return { allowed: true };
}

const OWN = 'an address of the machine that sends';

const setsOf = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Compares by value, since one address can be written in many ways. Reads a list once. */
function isOneOf(addresses: readonly string[], address: IpAddress): boolean {
  let known = setsOf.get(addresses);
  if (!known) {
    const parsed = addresses.map(parseAddress).filter((each) => each !== undefined);
    setsOf.set(addresses, (known = new Set(parsed.map(keyOf))));
  }
  return known.has(keyOf(address));
}

/** A text that is equal for equal addresses: ::ffff:192.0.2.1 is the IPv4 address 192.0.2.1. */
function keyOf({ bits, value }: IpAddress): string {
  const isIPv4Inside = bits === 128 && value >> 32n === 0xffffn;
  return isIPv4Inside ? `32 ${value & 0xffff_ffffn}` : `${bits} ${value}`;
}

const networksOf = new WeakMap<readonly string[], readonly Network[]>();

/** Reads CIDRs once per list. Throws on the first text that is not a CIDR: a typo must never silently allow or refuse. */
export function parseNetworks(cidrs: readonly string[]): readonly Network[] {
  const known = networksOf.get(cidrs);
  if (known) return known;
  const networks = cidrs.map(network);
  networksOf.set(cidrs, networks);
  return networks;
}

/** The network of one address; a network stays as it is. */
export const networkOf = (place: string): string =>
  isIPv4(place) ? `${place}/32` : isIPv6(place) ? `${place}/128` : place;

/** Whether the address, in text, is in one of the networks. False for a text that is not an address. */
export function isInNetworks(address: string, networks: readonly Network[]): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && networks.some((each) => contains(each, parsed));
}

/** Whether two texts are addresses that lead to the same machine: equal ones, or two of the loopback addresses. */
export function isSameMachine(one: string, other: string): boolean {
  const [first, second] = [parseAddress(one), parseAddress(other)];
  if (first === undefined || second === undefined) return false;
  const isLoopback = (address: IpAddress) => LOOPBACK.some((loopback) => contains(loopback, address));
  return keyOf(first) === keyOf(second) || (isLoopback(first) && isLoopback(second));
}

/** The 4 or 16 bytes of an address; undefined for a text that is not an address. */
export function addressBytes(text: string): Buffer | undefined {
  const parsed = parseAddress(text);
  return parsed && Buffer.from(parsed.value.toString(16).padStart(parsed.bits / 4, '0'), 'hex');
}

function contains({ bits, value, hostBits }: Network, address: IpAddress): boolean {
  return bits === address.bits && value >> hostBits === address.value >> hostBits;
}

function range(cidr: string, reason: string): Range {
  return { ...network(cidr), reason };
}

function network(cidr: string): Network {
  const [base = '', prefix = '', ...rest] = cidr.split('/');
  const address = parseAddress(base);
  const length = /^(0|[1-9]\d{0,2})$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (address === undefined || rest.length > 0 || !(length <= address.bits)) {
    throw new Error(`Expected a network such as 10.0.0.0/8 or fd00::/8, got ${JSON.stringify(cidr)}.`);
  }
  const hostBits = BigInt(address.bits - length);
  if ((address.value >> hostBits) << hostBits !== address.value) {
    throw new Error(
      `Expected the first address of a network, got ${cidr}, which has bits set after its first ${length}.`,
    );
  }
  return { bits: address.bits, value: address.value, hostBits };
}

/** Dotted decimal without leading zeros, or RFC 4291 text; no zone, no brackets. Undefined for anything else. */
function parseAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { bits: 32, value: BigInt(ipv4Value(text)) };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail] = text.replace(/[\d.]+\.[\d.]+$/, ipv4AsGroups).split('::');
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const hex = [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('');
  return { bits: 128, value: BigInt(`0x${hex}`) };
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

function ipv4Value(text: string): number {
  return text.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
}

function ipv4AsGroups(text: string): string {
  const value = ipv4Value(text);
  return `${Math.floor(value / 0x1_0000).toString(16)}:${(value % 0x1_0000).toString(16)}`;
}

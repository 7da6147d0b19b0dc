import { expect, test } from 'vitest';
import { judgeAddress, type AddressPolicy } from '../../../src/domain/targets/address.ts';

const PUBLIC_ONLY: AddressPolicy = { allowLoopback: false, allowedNetworks: [] };
const LOCAL: AddressPolicy = { allowLoopback: true, allowedNetworks: [] };
const allowing = (...allowedNetworks: string[]): AddressPolicy => ({ allowLoopback: false, allowedNetworks });

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '223.255.255.255',
  // The neighbours of every range that a wrong mask would take in.
  '1.0.0.0',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '168.63.129.15',
  '168.63.129.17',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '191.255.255.255',
  '192.0.1.0',
  '192.0.3.0',
  '192.31.195.255',
  '192.52.194.0',
  '192.88.98.255',
  '192.167.255.255',
  '192.169.0.0',
  '192.175.49.0',
  '198.17.255.255',
  '198.20.0.0',
  '198.51.99.255',
  '203.0.112.255',
  '203.0.114.0',
  '2606:4700:4700::1111',
  '2001:4860:4860::8888',
  '2a00:1450:4001:80f::200e',
  '2001:200::1',
  '2003::1',
  '2001:db7:ffff::1',
  '2001:db9::',
  '2620:4f:7fff::1',
  '2620:4f:8001::1',
  '3fff:1000::',
  '2000::',
  '3ffe::1',
  '2606:4700:4700:0000:0000:0000:0000:1111',
];

test.each(PUBLIC)('%s is public', (address) => {
  expect(judgeAddress(address, PUBLIC_ONLY)).toEqual({ allowed: true });
});

const FORBIDDEN: [address: string, reason: RegExp][] = [
  ['0.0.0.0', /this network/],
  ['0.255.255.255', /this network/],
  ['10.0.0.0', /private.*RFC 1918/],
  ['10.255.255.255', /private/],
  ['100.64.0.0', /carrier/],
  ['100.127.255.255', /carrier/],
  ['127.0.0.1', /loopback/],
  ['127.255.255.255', /loopback/],
  ['169.254.0.1', /link-local/],
  ['169.254.169.254', /metadata/],
  ['169.254.170.2', /AWS containers/],
  ['100.100.100.200', /Alibaba/],
  ['192.0.0.192', /Oracle/],
  ['168.63.129.16', /Azure/],
  ['172.16.0.0', /private/],
  ['172.31.255.255', /private/],
  ['192.0.0.1', /protocol assignments/],
  ['192.0.2.1', /documentation/],
  ['192.31.196.1', /AS112/],
  ['192.52.193.1', /multicast relay/],
  ['192.88.99.1', /6to4/],
  ['192.168.0.0', /private/],
  ['192.168.255.255', /private/],
  ['192.175.48.1', /AS112/],
  ['198.18.0.0', /benchmarks/],
  ['198.19.255.255', /benchmarks/],
  ['198.51.100.1', /documentation/],
  ['203.0.113.255', /documentation/],
  ['224.0.0.1', /multicast/],
  ['239.255.255.255', /multicast/],
  ['240.0.0.0', /reserved/],
  ['255.255.255.254', /reserved/],
  ['255.255.255.255', /broadcast/],
  ['::', /unspecified/],
  ['::1', /loopback/],
  ['0:0:0:0:0:0:0:1', /loopback/],
  ['::2', /retired IPv6 notation/],
  ['::127.0.0.1', /retired IPv6 notation/],
  ['::7f00:1', /retired IPv6 notation/],
  ['::ffff:127.0.0.1', /IPv6 notation/],
  ['::ffff:7f00:1', /IPv6 notation/],
  ['::FFFF:10.0.0.1', /IPv6 notation/],
  ['::ffff:8.8.8.8', /IPv6 notation/],
  ['::ffff:0:127.0.0.1', /2000::\/3/],
  ['64:ff9b::7f00:1', /NAT64/],
  ['64:ff9b::8.8.8.8', /NAT64/],
  ['64:ff9b:1::1', /private NAT64/],
  ['100::1', /discarded/],
  ['100:0:0:1::1', /dummy/],
  ['2001::1', /Teredo/],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', /Teredo/],
  ['2001:20::1', /protocol assignments/],
  ['2001:1ff:ffff::1', /protocol assignments/],
  ['2001:db8::1', /documentation/],
  ['2002:7f00:1::', /6to4/],
  ['2002:808:808::1', /6to4/],
  ['2620:4f:8000::42', /AS112/],
  ['3fff::1', /documentation/],
  ['3fff:fff:ffff::1', /documentation/],
  ['5f00::1', /segment routing/],
  ['1fff:ffff::1', /2000::\/3/],
  ['4000::1', /2000::\/3/],
  ['fc00::1', /private/],
  ['fd00:ec2::254', /AWS/],
  ['fd00:ec2::23', /AWS/],
  ['fd20:ce::254', /Google/],
  ['fdff::1', /private/],
  ['fe80::1', /link-local/],
  ['fec0::1', /retired private/],
  ['ff02::1', /multicast/],
];

test.each(FORBIDDEN)('%s is refused with its reason: %s', (address, reason) => {
  expect(judgeAddress(address, PUBLIC_ONLY)).toEqual({ allowed: false, reason: expect.stringMatching(reason) });
});

const UNREADABLE = [
  '',
  ' ',
  'localhost',
  'example.com',
  '8.8.8',
  '8.8.8.8.8',
  '8.8.8.256',
  '08.8.8.8',
  '010.0.0.1',
  '0x8.8.8.8',
  '134744072',
  '8.8.8.8 ',
  ' 8.8.8.8',
  '8.8.8.8\0',
  '8.8.8.8:80',
  '8.8.8.8/32',
  '+8.8.8.8',
  '８.8.8.8',
  '-1.1.1.1',
  ':',
  ':::',
  '1::2::3',
  '2606:4700',
  '2606:4700:::1',
  '2606:4700::11111',
  '2606:4700::g',
  '1:2:3:4:5:6:7:8:9',
  '[2606:4700::1]',
  '2606:4700::1%eth0',
  'fe80::1%1',
  '2606:4700::1.2.3',
  '2606:4700::1.2.3.4.5',
  '2606:4700::1 ',
];

test.each(UNREADABLE)('%j is refused because it is not strictly an IP address', (address) => {
  expect(judgeAddress(address, LOCAL)).toEqual({ allowed: false, reason: 'not an IP address' });
});

test.each(['127.0.0.1', '127.8.9.10', '::1', '0:0:0:0:0:0:0:1'])('%s is allowed in local mode', (address) => {
  expect(judgeAddress(address, LOCAL)).toEqual({ allowed: true });
});

test.each(['::ffff:127.0.0.1', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '0.0.0.0', '::', '::2', '10.0.0.1'])(
  '%s is refused in local mode: loopback has no other notation, and nothing else is opened',
  (address) => {
    expect(judgeAddress(address, LOCAL).allowed).toBe(false);
  },
);

test('an allowed network opens exactly its own addresses', () => {
  const policy = allowing('10.1.0.0/16', '192.168.7.7/32', 'fd12:3456::/32');
  const judge = (address: string) => judgeAddress(address, policy).allowed;
  expect(['10.1.0.0', '10.1.255.255', '192.168.7.7', 'fd12:3456::1'].map(judge)).toEqual([true, true, true, true]);
  const others = ['10.0.255.255', '10.2.0.0', '192.168.7.6', '192.168.7.8', 'fd12:3457::1', '127.0.0.1', '::1'];
  expect(others.map(judge)).toEqual(others.map(() => false));
});

test('an allowed IPv4 network does not open its addresses in IPv6 notation', () => {
  const policy = allowing('10.0.0.0/8');
  expect(judgeAddress('10.1.2.3', policy).allowed).toBe(true);
  expect(judgeAddress('::ffff:10.1.2.3', policy).allowed).toBe(false);
  expect(judgeAddress('::10.1.2.3', policy).allowed).toBe(false);
});

test('the widest networks take in every address of their own family only', () => {
  expect(judgeAddress('10.0.0.1', allowing('0.0.0.0/0')).allowed).toBe(true);
  expect(judgeAddress('fd00::1', allowing('0.0.0.0/0')).allowed).toBe(false);
  expect(judgeAddress('fd00::1', allowing('::/0')).allowed).toBe(true);
  expect(judgeAddress('10.0.0.1', allowing('::/0')).allowed).toBe(false);
});

test.each([
  '10.0.0.0',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0/8',
  'fd00::/129',
  'x/8',
  '',
])('the allowed network %j is reported, not ignored', (network) => {
  expect(() => judgeAddress('8.8.8.8', allowing(network))).toThrow(/Expected a network/);
});

test('an allowed network that is written with an address inside it is reported, since either could be meant', () => {
  expect(() => judgeAddress('8.8.8.8', allowing('10.1.2.3/8'))).toThrow(/10\.1\.2\.3\/8.*first 8/);
});

const ownAddresses = (...addresses: string[]) => ({ ...PUBLIC_ONLY, ownAddresses: () => addresses });

test.each([
  ['93.184.216.34', '93.184.216.34'],
  ['2606:2800:220:1:248:1893:25c8:1946', '2606:2800:0220:0001:0248:1893:25c8:1946'],
  ['2606:2800:220::1', '2606:2800:220:0:0:0:0:1'],
  ['::ffff:93.184.216.34', '93.184.216.34'],
])('an own address is refused although it is public: the interface has %s, the target %s', (own, address) => {
  expect(judgeAddress(address, PUBLIC_ONLY)).toEqual({ allowed: true });
  const policy = ownAddresses('192.168.1.5', own, '1.1.1.1');
  expect(judgeAddress(address, policy)).toEqual({ allowed: false, reason: 'an address of the machine that sends' });
});

test('the neighbours of an own address are public, and in IPv6 notation an own address is refused as ever', () => {
  const policy = ownAddresses('93.184.216.34', '2606:2800:220::1');
  for (const address of ['93.184.216.33', '93.184.216.35', '2606:2800:220::2']) {
    expect(judgeAddress(address, policy)).toEqual({ allowed: true });
  }
  for (const address of ['::ffff:93.184.216.34', '::ffff:5db8:d822', '64:ff9b::93.184.216.34', '2002:5db8:d822::1']) {
    expect(judgeAddress(address, policy)).toMatchObject({ allowed: false });
  }
});

test('ALLOWED_NETWORKS can allow own addresses', () => {
  const own = ownAddresses('93.184.216.34', '93.184.216.35');
  const policy = { ...own, allowedNetworks: ['93.184.216.34/32'] };
  expect(judgeAddress('93.184.216.34', policy)).toEqual({ allowed: true });
  expect(judgeAddress('93.184.216.35', policy)).toMatchObject({ allowed: false });
});

test('own addresses are refused in local mode too, but for loopback', () => {
  const policy = { ...ownAddresses('127.0.0.1', '::1', '93.184.216.34'), allowLoopback: true };
  expect(judgeAddress('127.0.0.1', policy)).toEqual({ allowed: true });
  expect(judgeAddress('::1', policy)).toEqual({ allowed: true });
  expect(judgeAddress('93.184.216.34', policy)).toMatchObject({ allowed: false });
});

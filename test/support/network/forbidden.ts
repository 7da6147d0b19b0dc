/**
 * Everything that a stranger may try to reach a place that is not public: URLs, answers of a name server, redirects,
 * ports. network.test.ts plays it against the guard at production settings.
 */

/** The only places that may be connected to, and only on port 443. */
export const PUBLIC_ADDRESSES = ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'] as const;
const [PUBLIC_V4, PUBLIC_V6] = PUBLIC_ADDRESSES;

/** A name whose answers are all public, served by a receiver with a valid certificate. */
export const PUBLIC_NAME = 'public.hookcast.test';

/** What each of these hides: this machine, its network, its cloud. */
const PLACES = ['127.0.0.1', '10.0.0.1', '169.254.169.254', '172.16.0.1', '192.168.1.1', '100.100.100.200', '0.0.0.0'];

/** Every way to write an IPv4 address in a URL, of which the parser folds some and IPv6 hides the others. */
function notations(address: string): string[] {
  const octets = address.split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const hex = value.toString(16).padStart(8, '0');
  const [high, low] = [hex.slice(0, 4), hex.slice(4)];
  const inverted = (0xffff_ffff - value).toString(16).padStart(8, '0');
  return [
    address,
    `${address}.`,
    `${value}`,
    `0x${hex}`,
    `0${value.toString(8)}`,
    octets.map((octet) => `0x${octet.toString(16)}`).join('.'),
    octets.map((octet) => `0${octet.toString(8)}`).join('.'),
    `${a}.${(b * 256 + c) * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    `0x${a.toString(16)}.${b}.0${(c * 256 + d).toString(8)}`,
    [...address].map((character) => `%${character.charCodeAt(0).toString(16)}`).join(''),
    address.replaceAll('.', '。'),
    address.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    `[::ffff:${address}]`,
    `[0:0:0:0:0:FFFF:${high}:${low}]`,
    `[::${address}]`,
    `[::ffff:0:${address}]`,
    `[64:ff9b::${address}]`,
    `[64:ff9b:1::${address}]`,
    `[2002:${high}:${low}::1]`,
    `[2001:0:4136:e378:8000:63bf:${inverted.slice(0, 4)}:${inverted.slice(4)}]`,
  ];
}

const OTHER_HOSTS = [
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::2]',
  '[fd00:ec2::254]',
  '[fd20:ce::254]',
  '[fc00::1]',
  '[fe80::1]',
  '[fe80::1%25lo]',
  '[fe80::1%lo]',
  '[::1%25lo]',
  '[fec0::1]',
  '[ff02::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[100::1]',
  '[5f00::1]',
  '[4000::1]',
  '[2001:20::1]',
  '168.63.129.16',
  '192.0.0.192',
  '169.254.170.2',
  '100.64.0.1',
  '198.18.0.1',
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '0.1.2.3',
  '192.88.99.1',
  '127.1',
  '0',
  '127.127.1',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'a.localhost',
  'a.b.localhost.',
  'LocalHost',
  'loc%61lhost',
  'ⓛocalhost',
  'metadata',
  'metadata.google.internal',
  'instance-data.ec2.internal',
  'kubernetes',
  'db.local',
  'router.lan',
  'app.localdomain',
  'printer.home.arpa',
  'wiki.intranet',
  'ip6-localhost',
  'host.docker.internal',
];

const OTHER_URLS = [
  'http://169.254.169.254/latest/meta-data/',
  `http://${PUBLIC_NAME}/`,
  `https://${PUBLIC_NAME}@127.0.0.1/`,
  `https://${PUBLIC_NAME}:443@127.0.0.1/`,
  `https://127.0.0.1#@${PUBLIC_NAME}/`,
  `https://127.0.0.1\\@${PUBLIC_NAME}/`,
  `https://${PUBLIC_NAME}\\@127.0.0.1/`,
  'https:127.0.0.1/',
  'https:/127.0.0.1/',
  'https:\\\\127.0.0.1\\',
  'https://127.0.0.1\t/',
  'https://127.0.\n0.1/',
  ' https://127.0.0.1/',
  'https://[::1',
  'https://[[::1]]/',
  'https://0x7f.1:443/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_FLUSHALL',
  'ftp://127.0.0.1/',
  'unix:///var/run/docker.sock',
  'data:,x',
];

const PORTS = [1, 7, 22, 25, 53, 110, 143, 389, 445, 465, 587, 636, 993, 1433, 2049, 2375, 2379, 3306, 3389];
const MORE_PORTS = [5432, 5984, 6000, 6379, 6443, 6667, 8500, 9092, 9200, 10250, 11211, 27017];

/** Refused where a target is created, and again at every attempt. */
export const FORBIDDEN_URLS: readonly string[] = [
  ...PLACES.flatMap(notations).map((host) => `https://${host}/`),
  ...OTHER_HOSTS.map((host) => `https://${host}/`),
  ...OTHER_URLS,
  ...[0, ...PORTS, ...MORE_PORTS].map((port) => `https://${PUBLIC_NAME}:${port}/`),
];

export type Records = {
  readonly cname?: readonly string[];
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
};

const mixed = (a: string): Records => ({ a: [PUBLIC_V4, a] });

/** By name, below hookcast.test: what the name server answers. One of them is a place that is not public. */
const ANSWERS: Readonly<Record<string, Records>> = {
  loopback: { a: ['127.0.0.1'] },
  'loopback-high': { a: ['127.255.255.254'] },
  zero: { a: ['0.0.0.0'] },
  'private-10': { a: ['10.1.2.3'] },
  'private-172': { a: ['172.31.255.255'] },
  'private-192': { a: ['192.168.0.1'] },
  carrier: { a: ['100.64.0.1'] },
  metadata: { a: ['169.254.169.254'] },
  containers: { a: ['169.254.170.2'] },
  alibaba: { a: ['100.100.100.200'] },
  oracle: { a: ['192.0.0.192'] },
  azure: { a: ['168.63.129.16'] },
  documentation: { a: ['203.0.113.9'] },
  benchmark: { a: ['198.18.0.1'] },
  multicast: { a: ['224.0.0.1'] },
  reserved: { a: ['240.0.0.1'] },
  broadcast: { a: ['255.255.255.255'] },
  'loopback-6': { aaaa: ['::1'] },
  'unspecified-6': { aaaa: ['::'] },
  mapped: { aaaa: ['::ffff:127.0.0.1'] },
  'mapped-public': { aaaa: ['::ffff:93.184.216.34'] },
  compatible: { aaaa: ['::127.0.0.1'] },
  nat64: { aaaa: ['64:ff9b::7f00:1'] },
  'nat64-private': { aaaa: ['64:ff9b:1::a00:1'] },
  '6to4': { aaaa: ['2002:7f00:1::1'] },
  teredo: { aaaa: ['2001:0:4136:e378:8000:63bf:80ff:fffe'] },
  'unique-local': { aaaa: ['fd12:3456::1'] },
  'metadata-6': { aaaa: ['fd00:ec2::254'] },
  'google-6': { aaaa: ['fd20:ce::254'] },
  'link-local-6': { aaaa: ['fe80::1'] },
  'site-local-6': { aaaa: ['fec0::1'] },
  'multicast-6': { aaaa: ['ff02::1'] },
  'documentation-6': { aaaa: ['2001:db8::1'] },
  'segment-routing': { aaaa: ['5f00::1'] },
  'mixed-last': mixed('10.0.0.1'),
  'mixed-first': { a: ['10.0.0.1', PUBLIC_V4] },
  'mixed-metadata': mixed('169.254.169.254'),
  'mixed-many': { a: [PUBLIC_V4, '192.168.7.7', '10.9.8.7'] },
  'mixed-families': { a: [PUBLIC_V4], aaaa: ['::1'] },
  'mixed-families-reversed': { a: ['127.0.0.1'], aaaa: [PUBLIC_V6] },
  'mixed-6': { aaaa: [PUBLIC_V6, 'fc00::1'] },
  alias: { cname: ['metadata.google.internal'], a: ['169.254.169.254'] },
  'alias-localhost': { cname: ['localhost'], a: ['127.0.0.1'] },
  'alias-chain': { cname: ['a.hookcast.test', 'b.hookcast.test', 'c.hookcast.test'], a: ['10.0.0.7'] },
  'alias-chain-mixed': { cname: ['a.hookcast.test', 'b.hookcast.test'], a: [PUBLIC_V4, '127.0.0.1'] },
  'alias-6': { cname: ['a.hookcast.test'], aaaa: ['fd00:ec2::254'] },
  'alias-nowhere': { cname: ['127.0.0.1'] },
};

export const FORBIDDEN_NAMES: ReadonlyMap<string, Records> = new Map(
  Object.entries(ANSWERS).map(([name, records]) => [`${name}.hookcast.test`, records]),
);

const REBOUND: readonly Records[] = [
  ...['127.0.0.1', '0.0.0.0', '10.0.0.1', '169.254.169.254', '192.168.1.1', '100.64.0.1'].map((a) => ({ a: [a] })),
  ...['::1', 'fd00:ec2::254', '::ffff:10.0.0.1', '64:ff9b::7f00:1'].map((aaaa) => ({ aaaa: [aaaa] })),
  mixed('127.0.0.1'),
  { cname: ['a.hookcast.test'], a: ['10.0.0.1'] },
];

/** Public at the first lookup, and this at every later one. */
export const REBINDING_NAMES: ReadonlyMap<string, Records> = new Map(
  REBOUND.map((records, index) => [`rebinding-${index}.hookcast.test`, records]),
);

/** Paths at which the public receiver answers with a redirect. */
export const REDIRECTS: readonly { readonly path: string; readonly status: number; readonly location: string }[] = [
  [301, 'https://127.0.0.1/'],
  [302, 'https://169.254.169.254/latest/meta-data/'],
  [303, 'https://10.0.0.1/'],
  [307, 'https://127.0.0.1/'],
  [307, `https://${PUBLIC_NAME}:6379/`],
  [307, 'https://loopback.hookcast.test/'],
  [308, 'https://[::1]/'],
  [308, '//192.168.1.1/'],
  [300, 'https://10.0.0.1/'],
  [305, 'https://10.0.0.1:3128/'],
]
  .map(([status, location]) => ({ status: Number(status), location: String(location) }))
  .map((redirect, index) => ({ ...redirect, path: `/redirect-${index}` }));

const PUBLIC_RECORDS: Records = { a: [PUBLIC_V4], aaaa: [PUBLIC_V6] };

/** A name server's answers, in the order in which it is asked; undefined where there is no such name. */
export function createAnswers(): (name: string, question: string) => Records | undefined {
  const asked = new Set<string>();
  return (name, question) => {
    const rebound = REBINDING_NAMES.get(name);
    if (!rebound) return name === PUBLIC_NAME ? PUBLIC_RECORDS : FORBIDDEN_NAMES.get(name);
    const isFirst = !asked.has(`${name} ${question}`);
    asked.add(`${name} ${question}`);
    return isFirst ? PUBLIC_RECORDS : rebound;
  };
}

/** Every address that the table leads to. */
export const FORBIDDEN_ADDRESSES: readonly string[] = [
  ...new Set([
    ...PLACES,
    ...[...FORBIDDEN_NAMES.values(), ...REBOUND].flatMap(({ a = [], aaaa = [] }) => [...a, ...aaaa]),
  ]),
].filter((address) => !PUBLIC_ADDRESSES.some((known) => known === address));

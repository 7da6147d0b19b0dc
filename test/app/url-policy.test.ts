/** Which addresses count as the machine's own: those of its interfaces now, not those of its start. */
import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { createUrlPolicy } from '../../src/app/url-policy.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config.ts';
import { judgeTargetUrl } from '../../src/domain/targets/target-url.ts';
import { createManualClock } from '../support/clock.ts';
import { runInNamespace, whyNoNamespace } from '../support/network/namespace.ts';
import type { OwnReport } from '../support/network/own.ts';

const MASTER_KEY = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64');
const PRODUCTION = { DATABASE_URL: 'postgresql://localhost/x', MASTER_KEY };

function setup(settings: Record<string, string> = {}) {
  const clock = createManualClock();
  const interfaces = { addresses: ['127.0.0.1', '93.184.216.34'], reads: 0 };
  const read = () => {
    interfaces.reads++;
    return { lo: [], eth0: interfaces.addresses.map((address) => ({ address })), gone: undefined };
  };
  const policy = createUrlPolicy(loadConfig({ ...PRODUCTION, ...settings }), clock, read);
  const codeOf = (host: string) => {
    const verdict = judgeTargetUrl(`https://${host}/`, policy);
    return verdict.ok ? 'ok' : verdict.code;
  };
  return { clock, interfaces, policy, codeOf };
}

test('a target at an address of an interface is refused as FORBIDDEN_ADDRESS, in every notation', () => {
  const { codeOf } = setup();
  for (const host of ['93.184.216.34', '1572395042', '0x5d.0xb8.0xd8.0x22', '[::ffff:93.184.216.34]']) {
    expect([host, codeOf(host)]).toEqual([host, 'FORBIDDEN_ADDRESS']);
  }
  expect(codeOf('93.184.216.35')).toBe('ok');
});

test('ALLOWED_NETWORKS can allow it', () => {
  expect(setup({ ALLOWED_NETWORKS: '93.184.216.34/32' }).codeOf('93.184.216.34')).toBe('ok');
});

test('where a proxy is set, its address and EGRESS_ADDRESSES are refused on every port, unless ALLOWED_NETWORKS has them', () => {
  const proxied = { EGRESS_PROXY: 'http://93.184.216.40:3128', EGRESS_ADDRESSES: '93.184.216.41,93.184.217.0/24' };
  const hosts = ['93.184.216.40', '93.184.216.41:8443', '93.184.217.9', '93.184.218.1'];
  const codes = (settings: Record<string, string>) => hosts.map(setup(settings).codeOf);
  expect(codes(proxied)).toEqual([...Array<string>(3).fill('FORBIDDEN_ADDRESS'), 'ok']);
  expect(codes({ ...proxied, ALLOWED_NETWORKS: '93.184.216.0/23' })).toEqual(Array(4).fill('ok'));
  expect(codes({ EGRESS_ADDRESSES: proxied.EGRESS_ADDRESSES })).toEqual(Array(4).fill('ok'));
});

test('an address that an interface gets or loses counts within two seconds', async () => {
  const { clock, interfaces, codeOf } = setup();
  interfaces.addresses = ['127.0.0.1', '2606:2800:220::1', 'fe80::1%eth0'];
  await clock.advance(2_000);
  expect([codeOf('93.184.216.34'), codeOf('[2606:2800:220::1]')]).toEqual(['ok', 'FORBIDDEN_ADDRESS']);
});

test('the interfaces are read once in two seconds, however many addresses are judged', async () => {
  const { clock, interfaces, policy, codeOf } = setup();
  const before = policy.ownAddresses!();
  for (let turn = 0; turn < 100; turn++) codeOf('1.1.1.1');
  expect(interfaces.reads).toBe(1);
  await clock.advance(2_000);
  for (let turn = 0; turn < 100; turn++) codeOf('1.1.1.1');
  expect(interfaces.reads).toBe(2);
  expect(policy.ownAddresses!()).toBe(before);
});

test('while the interfaces cannot be read, the last addresses count', async () => {
  const { clock, interfaces, codeOf } = setup();
  interfaces.addresses = undefined as never;
  await clock.advance(2_000);
  expect(codeOf('93.184.216.34')).toBe('FORBIDDEN_ADDRESS');
});

test('by default the interfaces are those of this machine', () => {
  const { ownAddresses } = createUrlPolicy(loadConfig(PRODUCTION), systemClock);
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
  expect(ownAddresses!()).toEqual(addresses.sort());
});

test('in a network where every address answers, the worker connects to none that an interface has', async (context) => {
  const reason = process.platform === 'linux' ? whyNoNamespace() : 'network namespaces are a feature of Linux';
  if (reason) context.skip(`no network namespace on this machine: ${reason}`);
  const script = new URL('../support/network/own.ts', import.meta.url).pathname;
  const { connections, ...outcomes } = await runInNamespace<OwnReport>(script);
  expect(outcomes).toEqual({
    before: ['TLS_ERROR', 'TLS_ERROR', '200'], // The certificate is for the name.
    own: ['FORBIDDEN_ADDRESS', 'FORBIDDEN_ADDRESS', 'FORBIDDEN_ADDRESS'],
    other: ['TLS_ERROR'],
    allowed: ['TLS_ERROR', 'TLS_ERROR', '200'],
  });
  expect(connections).toEqual({ before: 3, own: 0, other: 1, allowed: 3 });
});

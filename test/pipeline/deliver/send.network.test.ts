/**
 * Where the guard at production settings lets a connection go, whatever URLs and name servers say: first with every
 * connection recorded instead of made, then for real, in a network namespace where every address of the world answers.
 */
import type { LookupAddress } from 'node:dns';
import net, { isIP, type LookupFunction } from 'node:net';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { judgeTargetUrl } from '../../../src/domain/targets/target-url.ts';
import type { Lookup } from '../../../src/pipeline/deliver/http/resolve.ts';
import { createSender } from '../../../src/pipeline/deliver/send.ts';
import { hang, startHostile } from '../../support/network/hostile.ts';
import { runProcess } from '../../support/processes/start.ts';
import type { AttackReport } from '../../support/network/attack.ts';
import {
  createAnswers,
  FORBIDDEN_ADDRESSES,
  FORBIDDEN_NAMES,
  FORBIDDEN_URLS,
  PUBLIC_ADDRESSES,
  PUBLIC_NAME,
  REBINDING_NAMES,
  REDIRECTS,
} from '../../support/network/forbidden.ts';
import { runInNamespace, whyNoNamespace } from '../../support/network/namespace.ts';
import { startProxy } from '../../support/network/proxies.ts';
import { startReceiver } from '../../support/receiver.ts';

const PRODUCTION = { allowLoopback: false, allowedNetworks: [], allowHttp: false };
const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];

const proxyEnvironment = (url: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(PROXY_VARIABLES.map((name) => [name, url])),
  NO_PROXY: '',
  NODE_USE_ENV_PROXY: '1',
});

test('at least 120 URLs and answers of a name server are tried', () => {
  expect(new Set([...FORBIDDEN_URLS, ...FORBIDDEN_NAMES.keys(), ...REBINDING_NAMES.keys()]).size).toBeGreaterThan(300);
});

test('none of the URLs can be given to a target', () => {
  expect(FORBIDDEN_URLS.filter((url) => judgeTargetUrl(url, PRODUCTION).ok)).toEqual([]);
});

/** Connects nowhere: every connection fails, and where it would have gone is noted. */
function recordConnections() {
  const addresses: string[] = [];
  const spy = vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(function (this: net.Socket, ...args) {
    const [{ host, lookup }] = (Array.isArray(args[0]) ? args[0] : args) as unknown as [
      { host: string; lookup: LookupFunction },
    ];
    if (isIP(host)) addresses.push(host);
    else
      lookup(host, { all: true }, (_error, all) =>
        addresses.push(...(all as LookupAddress[]).map(({ address }) => address)),
      );
    setImmediate(() => this.destroy(Object.assign(new Error('recorded'), { code: 'ECONNREFUSED' })));
    return this;
  } as typeof net.Socket.prototype.connect);
  return { addresses, [Symbol.dispose]: () => spy.mockRestore() };
}

/** As a resolver does it: both families, first the one and then the other. */
function createTableLookup(): Lookup {
  const answer = createAnswers();
  return async (name) => {
    const { a = [], aaaa = [] } = answer(name, 'both') ?? {};
    return [...a, ...aaaa].map((address) => ({ address, family: isIP(address) }));
  };
}

test('nothing leads to a connection, except to public addresses', async () => {
  using recorded = recordConnections();
  const sender = createSender({
    policy: PRODUCTION,
    timeoutMs: 5_000,
    connectionsPerOrigin: 4,
    clock: systemClock,
    lookup: createTableLookup(),
  });
  const post = async (url: string) => {
    const result = await sender.send({ url, headers: {}, body: '{}', organizationId: 'org1' });
    return result.kind === 'failure' ? result.outcome : result.status;
  };
  expect(await post(`https://${PUBLIC_NAME}/`)).toBe('CONNECTION_ERROR');
  expect(recorded.addresses.splice(0)).toEqual(PUBLIC_ADDRESSES);

  const names = [...FORBIDDEN_NAMES.keys()].map((name) => `https://${name}/`);
  for (const url of [...FORBIDDEN_URLS, ...names]) {
    expect([url, await post(url)]).toEqual([url, expect.stringMatching(/^(FORBIDDEN_ADDRESS|DNS_ERROR)$/)]);
  }
  expect(recorded.addresses).toEqual([]);

  for (const name of REBINDING_NAMES.keys()) {
    expect(await post(`https://${name}/`)).toBe('CONNECTION_ERROR');
    expect(recorded.addresses.splice(0)).toEqual(PUBLIC_ADDRESSES);
    expect(await post(`https://${name}/`)).toBe('FORBIDDEN_ADDRESS');
    expect(recorded.addresses).toEqual([]);
  }
  await sender.close();
});

test('the egress proxy is asked for public addresses only, whatever URLs and name servers say', async () => {
  await using proxy = await startProxy();
  proxy.behave('refuse'); // The addresses are real: no test leads to them.
  const sender = createSender({
    policy: PRODUCTION,
    timeoutMs: 5_000,
    connectionsPerOrigin: 4,
    clock: systemClock,
    lookup: createTableLookup(),
    proxied: { proxy: proxy.settings, resolvesNames: false },
  });
  const post = async (url: string) => {
    const result = await sender.send({ url, headers: {}, body: '{}', organizationId: 'org1' });
    return result.kind === 'failure' ? result.outcome : result.status;
  };
  const asked = PUBLIC_ADDRESSES.map((address) => `${isIP(address) === 6 ? `[${address}]` : address}:443`);
  expect(await post(`https://${PUBLIC_NAME}/`)).toBe('PROXY_ERROR');
  expect(proxy.asked).toEqual(asked);

  const before = proxy.connectionCount;
  const names = [...FORBIDDEN_NAMES.keys()].map((name) => `https://${name}/`);
  for (const url of [...FORBIDDEN_URLS, ...names]) {
    expect([url, await post(url)]).toEqual([url, expect.stringMatching(/^(FORBIDDEN_ADDRESS|DNS_ERROR)$/)]);
  }
  expect(proxy.connectionCount).toBe(before);

  for (const name of REBINDING_NAMES.keys()) {
    expect(await post(`https://${name}/`)).toBe('PROXY_ERROR');
    expect(await post(`https://${name}/`)).toBe('FORBIDDEN_ADDRESS');
  }
  expect(new Set(proxy.asked)).toEqual(new Set(asked));
  await sender.close();
  console.log(
    `egress proxy: ${FORBIDDEN_URLS.length + names.length + REBINDING_NAMES.size} attempts refused, 0 forbidden asked for`,
  );
});

test('in a network where every address answers, only public ones are connected to', async (context) => {
  const reason = process.platform === 'linux' ? whyNoNamespace() : 'network namespaces are a feature of Linux';
  if (reason) context.skip(`no network namespace on this machine: ${reason}`);
  const { href } = new URL('http://203.0.113.7:3128/');
  const attack = new URL('../../support/network/attack.ts', import.meta.url).pathname;
  const report = await runInNamespace<AttackReport>(attack, proxyEnvironment(href));
  const { attempts, reachable, connections, begun, questionCount } = report;

  // Without the guard they are connected to: what the listeners do not count was not tried.
  const unreachable = FORBIDDEN_ADDRESSES.filter((address) => !reachable.includes(address));
  expect(UNREACHABLE).toEqual(expect.arrayContaining(unreachable));
  expect(questionCount).toBeGreaterThan(2 * (FORBIDDEN_NAMES.size + 2 * REBINDING_NAMES.size));

  const expected = [
    ...[PUBLIC_NAME, ...REBINDING_NAMES.keys()].map(() => '200'),
    ...PUBLIC_ADDRESSES.map(() => 'TLS_ERROR'), // The certificate is for names.
    ...REDIRECTS.map(({ status }) => String(status)),
  ];
  const connected = attempts.filter(({ connectedTo }) => connectedTo.length > 0);
  expect(connected.map(({ outcome }) => outcome).sort()).toEqual(expected.sort());
  const places = new Set(connected.flatMap(({ connectedTo }) => connectedTo));
  expect([...places].sort()).toEqual(PUBLIC_ADDRESSES.map((address) => `${address} 443`).sort());
  expect({ connections, begun }).toEqual({ connections: expected.length, begun: expected.length });

  const refused = attempts.filter(({ connectedTo }) => connectedTo.length === 0).map(({ outcome }) => outcome);
  expect(new Set(refused)).toEqual(new Set(['FORBIDDEN_ADDRESS', 'DNS_ERROR']));
  expect(refused.length).toBe(FORBIDDEN_URLS.length + FORBIDDEN_NAMES.size + REBINDING_NAMES.size);
  console.log(`network namespace: ${refused.length} attempts refused, ${begun} connections, all to public addresses`);
});

/** The kernel connects to none of them: multicast, broadcast, and link-local without a zone. */
const UNREACHABLE = ['224.0.0.1', '255.255.255.255', 'fe80::1', 'ff02::1'];

test('proxy variables have no effect', async () => {
  await using receiver = await startReceiver();
  await using proxy = await startHostile(hang);
  const post = new URL('../../support/network/post.ts', import.meta.url).pathname;
  const env = { PATH: process.env['PATH'], ...proxyEnvironment(`http://127.0.0.1:${proxy.port}`) };
  const { stdout } = await runProcess(process.execPath, [post, receiver.url], { env, timeout: 20_000 });
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'response', status: 200 });
  expect(receiver.requests[0]).toMatchObject({ url: '/hook', method: 'POST' });
  expect(proxy.connectionCount).toBe(0);
});

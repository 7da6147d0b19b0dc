/** The egress proxies that operators have: from the system's packages, where they are installed. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSender } from '../../../../src/pipeline/deliver/send.ts';
import { certificates, testAuthority } from '../../../support/certificates/certificates.ts';
import { createManualClock } from '../../../support/clock.ts';
import {
  findProxy,
  PROXY_CREDENTIALS,
  PROXY_PROGRAMS,
  startInstalledProxy,
} from '../../../support/network/installed-proxies.ts';
import { freePort } from '../../../support/network/free-port.ts';
import { startReceiver } from '../../../support/receiver.ts';
import type { EgressProxy } from '../../../../src/domain/targets/egress-proxy.ts';

function setup(proxy: EgressProxy) {
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 20_000,
    connectionsPerOrigin: 4,
    clock: createManualClock(),
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    ca: testAuthority(),
    proxied: { proxy, resolvesNames: false },
  });
  const post = (url: string) => sender.send({ url, headers: {}, body: '{}', organizationId: 'org1' });
  return { post, [Symbol.asyncDispose]: sender.close };
}

for (const [name, { takesCredentials }] of Object.entries(PROXY_PROGRAMS)) {
  const file = await findProxy(name);
  describe.skipIf(!file)(file ? name : `${name} (not installed, so not tested)`, () => {
    test('leads to receivers over https and http, over connections that are kept', async () => {
      await using proxy = await startInstalledProxy(name, file!);
      await using secure = await startReceiver(200, { certificate: certificates.valid(), host: 'hooks.hookcast.test' });
      await using plain = await startReceiver(200, { host: 'plain.hookcast.test' });
      await using sender = setup(proxy.settings);
      for (const { url } of [secure, secure, plain, plain])
        expect(await sender.post(url)).toMatchObject({ status: 200 });
      for (const { requests, connectionCount } of [secure, plain]) {
        expect([requests.length, connectionCount]).toEqual([2, 1]);
        expect(JSON.stringify(requests)).not.toMatch(/proxy-|via|forwarded|authorization/i);
      }
    });

    test('that cannot reach a receiver is taken for the cause until it has led to another one', async () => {
      await using proxy = await startInstalledProxy(name, file!);
      await using receiver = await startReceiver();
      await using sender = setup(proxy.settings);
      const bad = `http://bad.hookcast.test:${await freePort()}/`;
      expect(await sender.post(bad)).toMatchObject({ outcome: 'PROXY_ERROR' });
      expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
      await sender.post(bad);
      expect(await sender.post(bad)).toMatchObject({ outcome: 'CONNECTION_ERROR' });
    });

    test.skipIf(!takesCredentials)('without its credentials it is a PROXY_ERROR that holds none', async () => {
      await using proxy = await startInstalledProxy(name, file!);
      await using receiver = await startReceiver();
      await using sender = setup({ ...proxy.settings, credentials: undefined });
      const result = await sender.post(receiver.url);
      expect(result).toMatchObject({ outcome: 'PROXY_ERROR', error: expect.stringContaining('credentials') });
      expect(inspect(result, { depth: Infinity })).not.toContain(PROXY_CREDENTIALS.password);
      expect(receiver.connectionCount).toBe(0);
    });
  });
}

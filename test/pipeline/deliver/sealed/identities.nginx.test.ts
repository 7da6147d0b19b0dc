/** Mutual TLS with nginx from the system's packages. Where it is not installed, these tests are skipped and say so. */
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { ClientIdentity } from '../../../../src/pipeline/deliver/http/client-identity.ts';
import { createSender } from '../../../../src/pipeline/deliver/send.ts';
import { certificates, testAuthority } from '../../../support/certificates/certificates.ts';
import { clientAuthority, clientPem, type ClientName } from '../../../support/certificates/client-certificates.ts';
import { findNginx, startMutualNginx } from '../../../support/network/nginx.ts';

const nginx = await findNginx();

async function setup(version: 'TLSv1.2' | 'TLSv1.3') {
  const authority = clientAuthority();
  const receiver = await startMutualNginx({ file: nginx!, certificate: certificates.valid(), authority, version });
  const policy = { allowLoopback: true, allowedNetworks: [], allowHttp: true };
  const sender = createSender({
    policy,
    timeoutMs: 10_000,
    connectionsPerOrigin: 4,
    clock: systemClock,
    ca: testAuthority(),
  });
  return {
    async post(name: ClientName | null) {
      const pem = name && clientPem(name);
      const identity = pem && new ClientIdentity(name, { chainPem: pem.certificatePem, keyPem: pem.privateKeyPem });
      const result = await sender.send({
        url: receiver.url,
        headers: {},
        body: '{}',
        organizationId: 'org1',
        identity,
      });
      return result.kind === 'failure' ? result.outcome : `${result.status} ${result.body.split('\r\n')[0]}`;
    },
    [Symbol.asyncDispose]: async () => {
      await sender.close();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(!nginx).each(['TLSv1.2', 'TLSv1.3'] as const)(
  'nginx that demands a client certificate in %s',
  (version) => {
    test('takes those of its authority, with RSA and EC, and with a chain', async () => {
      await using t = await setup(version);
      for (const name of ['ec', 'ec-384', 'rsa', 'chained'] as const) {
        expect(await t.post(name)).toBe(`200 CN=${name},O=Hookcast test`);
      }
    });

    test('answers 400 to a certificate of another authority, to an expired one, and to none', async () => {
      await using t = await setup(version);
      for (const name of ['stranger', 'expired', null] as const) expect(await t.post(name)).toMatch(/^400 /);
    });
  },
);

test.skipIf(nginx)('nginx is not installed here: mutual TLS was not tried with it', () => {});

/** Connections of a client certificate that is opened, replaced and opened again. */
import { expect, test } from 'vitest';
import { ClientIdentity } from '../../../../src/pipeline/deliver/http/client-identity.ts';
import { createSender } from '../../../../src/pipeline/deliver/send.ts';
import { certificates, testAuthority } from '../../../support/certificates/certificates.ts';
import { clientPem } from '../../../support/certificates/client-certificates.ts';
import { createManualClock } from '../../../support/clock.ts';
import { startReceiver } from '../../../support/receiver.ts';

async function setup() {
  const receiver = await startReceiver(200, { certificate: certificates.valid(), host: 'hooks.hookcast.test' });
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 5_000,
    connectionsPerOrigin: 4,
    clock: createManualClock(),
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    ca: testAuthority(),
  });
  const { certificatePem: chainPem, privateKeyPem: keyPem } = clientPem('ec');
  return {
    receiver,
    sender,
    /** The same version of the same certificate each time, as it is opened anew. */
    open: () => new ClientIdentity('target version', { chainPem, keyPem }),
    async post(identity: ClientIdentity) {
      const request = { url: receiver.url, headers: {}, body: '{}', organizationId: 'org1', identity };
      expect(await sender.send(request)).toMatchObject({ status: 200 });
    },
    async [Symbol.asyncDispose]() {
      await sender.close();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

test('connections of a version are closed with it, whichever opening of it made them', async () => {
  await using t = await setup();
  await t.post(t.open());
  t.sender.forget(t.open());
  await t.post(t.open());
  expect(t.receiver.connectionCount).toBe(2);
});

test('a version that was retired and is opened again keeps its connections again', async () => {
  await using t = await setup();
  const retired = t.open();
  const answer = Promise.withResolvers<number>();
  t.receiver.respondWith(() => answer.promise);
  const first = t.post(retired); // Its connection outlives the change.
  await t.receiver.next();
  retired.replace();
  t.receiver.respondWith(200);
  const again = t.open();
  await t.post(again);
  await t.post(again);
  answer.resolve(200);
  await first;
  expect(t.receiver.connectionCount).toBe(2);
});

/** Mutual TLS: the client certificate of a target, as receivers that demand one get it. */
import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import type { Sql } from '../../../../src/database/statement.ts';
import { sealCertificate } from '../../../../src/domain/targets/certificates/sealed-certificate.ts';
import type { ClientIdentity } from '../../../../src/pipeline/deliver/http/client-identity.ts';
import { createIdentities } from '../../../../src/pipeline/deliver/sealed/identities.ts';
import { testAuthority } from '../../../support/certificates/certificates.ts';
import { clientPem, type ClientName } from '../../../support/certificates/client-certificates.ts';
import { startMutualReceiver } from '../../../support/network/mutual-tls.ts';
import { createPipeline, SCHEDULE_MS } from '../../../support/pipeline.ts';
import { startReceiver } from '../../../support/receiver.ts';

async function setup(options: Parameters<typeof createPipeline>[0] = {}) {
  const pipeline = await createPipeline({ ca: testAuthority(), ...options });
  const { targets, caller, rows } = pipeline;
  const pem = (name: ClientName | null) => (name === null ? null : clientPem(name));
  return Object.assign(pipeline, {
    async targetWith(url: string, name: ClientName | null): Promise<string> {
      const created = await targets.create(caller, { url, clientCertificate: pem(name) });
      if (!created.ok) throw new Error(created.userErrors[0]!.message);
      return created.value.targetId;
    },
    /** As a person does, and then the doorbell rings for the worker. */
    async give(id: string, name: ClientName | null): Promise<void> {
      expect(await targets.update(caller, { id, clientCertificate: pem(name) })).toMatchObject({ ok: true });
    },
    /** Puts a certificate into the database that no mutation would take. */
    async force(id: string, name: ClientName): Promise<void> {
      const owner = { id, organizationId: pipeline.organizationId };
      const { certificatePem: chainPem, privateKeyPem: keyPem } = clientPem(name);
      const sealed = sealCertificate(pipeline.seal, owner, { chainPem, keyPem });
      await rows('update target_certificates set sealed = $2 where target_id = $1', [id, sealed]);
    },
    /** Publishes, sends, and returns how each attempt of the delivery ended. */
    async deliver(): Promise<{ outcome: string; error: string | null }[]> {
      const { deliveryIds } = await pipeline.publish();
      await pipeline.runDue();
      return (await pipeline.attempts(deliveryIds[0]!)).map(({ outcome, error }) => ({ outcome, error }));
    },
  });
}

const shownBy = ({ requests }: { requests: readonly { shownBy: string }[] }) => requests.map((each) => each.shownBy);

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('a receiver that demands a client certificate in %s', (version) => {
  test.each(['ec', 'ec-384', 'rsa', 'chained'] as const)('is shown that of its target: %s', async (name) => {
    await using t = await setup();
    await using receiver = await startMutualReceiver({ version });
    await t.targetWith(receiver.url, name);
    for (let time = 0; time < 2; time++) expect(await t.deliver()).toMatchObject([{ outcome: 'DELIVERED' }]);
    expect(shownBy(receiver)).toEqual([name, name]);
  });

  test('refuses a target without one, and the attempt says why', async () => {
    await using t = await setup();
    await using receiver = await startMutualReceiver({ version });
    await t.targetWith(receiver.url, null);
    const error = expect.stringMatching(/client certificate, and the sender has none/);
    expect(await t.deliver()).toEqual([{ outcome: 'TLS_ERROR', error }]);
    expect(receiver.requests).toEqual([]);
  });

  test.each<[ClientName, string]>([
    ['stranger', 'from an authority that it does not know'],
    ['expired', 'that has expired'],
  ])('refuses a certificate, and the attempt says what may be the reason: %s', async (name) => {
    await using t = await setup();
    await using receiver = await startMutualReceiver({ version });
    const id = await t.targetWith(receiver.url, 'ec');
    await t.force(id, name);
    const [attempt] = await t.deliver();
    expect(attempt).toMatchObject({
      outcome: expect.stringMatching(/^(CONNECTION_ERROR|TLS_ERROR)$/),
      error: expect.stringContaining('client certificate'),
    });
    expect(receiver.requests).toEqual([]);
  });

  test('that takes another certificate later is sent the retry with the one of then', async () => {
    await using t = await setup();
    await using receiver = await startMutualReceiver({ version });
    const id = await t.targetWith(receiver.url, 'stranger');
    const { deliveryIds } = await t.publish();
    await t.runDue();
    await t.give(id, 'rsa');
    await t.clock.advance(SCHEDULE_MS[0]!);
    await t.runDue();
    expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'DELIVERED', attempt_count: 2 });
    expect(shownBy(receiver)).toEqual(['rsa']);
  });

  test('resumes a session only with the certificate that it was made with', async () => {
    await using t = await setup();
    await using receiver = await startMutualReceiver({ version, isStrict: false });
    const id = await t.targetWith(receiver.url, 'ec');
    await t.deliver();
    await t.clock.advance(61_000); // The connection is too old to be used again.
    await t.deliver();
    await t.give(id, 'rsa');
    await t.deliver();
    await t.give(id, 'ec');
    await t.deliver();
    await t.give(id, null);
    await t.deliver();
    expect(receiver.requests).toEqual([
      { shownBy: 'ec', isResumed: false },
      { shownBy: 'ec', isResumed: true },
      { shownBy: 'rsa', isResumed: false },
      { shownBy: 'ec', isResumed: false },
      { shownBy: 'nobody', isResumed: false },
    ]);
  });
});

test('two targets of one organization at one receiver never share a connection or a session', async () => {
  await using t = await setup();
  await using receiver = await startMutualReceiver({ isStrict: false });
  for (const name of ['ec', 'rsa', null] as const) await t.targetWith(receiver.url, name);
  for (let time = 0; time < 2; time++) {
    await t.publish();
    await t.runDue();
    await t.clock.advance(61_000);
  }
  expect(shownBy(receiver).sort()).toEqual(['ec', 'ec', 'nobody', 'nobody', 'rsa', 'rsa']);
  const resumed = receiver.requests.filter(({ isResumed }) => isResumed);
  expect(resumed.map((each) => each.shownBy).sort()).toEqual(['ec', 'nobody', 'rsa']);
});

test.each([
  ['replaced', 'rsa'],
  ['taken away', null],
] as const)('the idle connections of a certificate that was %s are closed when the doorbell rings', async (_, next) => {
  await using t = await setup();
  await using receiver = await startMutualReceiver({ isStrict: false });
  const id = await t.targetWith(receiver.url, 'ec');
  await t.deliver();
  await t.worker.identities.heedChanges();
  expect(receiver.openConnectionCount).toBe(1);
  await t.give(id, next);
  await t.worker.identities.heedChanges();
  await receiver.whenDisconnected();
  expect(receiver.openConnectionCount).toBe(0);
});

test('a connection that is in use while its certificate is replaced ends with its request', async () => {
  await using t = await setup();
  await using receiver = await startMutualReceiver({ isStrict: false });
  const id = await t.targetWith(receiver.url, 'ec');
  await t.publish();
  const [claim] = (await t.worker.claim.claim(1, t.clock.now(), {})).ready;
  await t.give(id, 'rsa');
  await t.worker.identities.heedChanges();
  await t.worker.attempt(claim!);
  await receiver.whenDisconnected();
  expect(receiver.requests).toEqual([{ shownBy: 'ec', isResumed: false }]);
});

test('no session is resumed with a certificate that was replaced', async () => {
  await using t = await setup();
  await using receiver = await startMutualReceiver({ isStrict: false });
  const id = await t.targetWith(receiver.url, 'ec');
  await t.deliver();
  await t.clock.advance(61_000); // The connection is too old to be used again.
  await t.publish();
  const [claim] = (await t.worker.claim.claim(1, t.clock.now(), {})).ready;
  await t.give(id, 'rsa');
  await t.worker.identities.heedChanges();
  await t.worker.attempt(claim!);
  expect(receiver.requests[1]).toEqual({ shownBy: 'ec', isResumed: false });
});

test('a version that is opened while changes are looked up is not retired for the one before', async () => {
  await using t = await setup();
  const owner = { id: 'target', organizationId: t.organizationId };
  const { certificatePem: chainPem, privateKeyPem: keyPem } = clientPem('ec');
  const sealedCertificate = sealCertificate(t.seal, owner, { chainPem, keyPem });
  const version = (certificateVersion: string) => ({
    targetId: owner.id,
    organizationId: owner.organizationId,
    certificateVersion,
    sealedCertificate,
  });
  const replaced: ClientIdentity[] = [];
  // The answer is about the first version, and comes after the second was opened.
  const query = async () => {
    identities.open(version('second'));
    return { rows: [{ id: owner.id, version: 'first' }] };
  };
  const sql = { query } as unknown as Sql;
  const identities = createIdentities({ sql, seal: t.seal, onReplaced: (identity) => void replaced.push(identity) });
  const first = identities.open(version('first'))!;
  await identities.heedChanges();
  expect(replaced).toEqual([first]);
  expect(identities.known(version('second'))).toMatchObject({ isReplaced: false });
});

test('a receiver that does not ask is shown no certificate, and plain http has no use for one', async () => {
  await using t = await setup();
  await using plain = await startReceiver(200);
  await t.targetWith(plain.url, 'ec');
  expect(await t.deliver()).toMatchObject([{ outcome: 'DELIVERED' }]);
});

test('what a process hands over is sent with it too, and it is opened once', async () => {
  await using t = await setup({ handsOver: true });
  await t.runDue();
  await using receiver = await startMutualReceiver();
  await t.targetWith(receiver.url, 'ec');
  const query = vi.spyOn(t.database.pool, 'query');
  for (let time = 0; time < 3; time++) expect(await t.deliver()).toMatchObject([{ outcome: 'DELIVERED' }]);
  const named = (name: string) =>
    query.mock.calls.filter(([statement]) => (statement as { name?: string }).name === name).length;
  expect({ belongings: named('find_belongings'), claims: named('find_claimed_deliveries') }).toEqual({
    belongings: 1,
    claims: 1,
  });
  expect(shownBy(receiver)).toEqual(['ec', 'ec', 'ec']);
});

test('a certificate that was sealed for another target does not open, and nothing is sent without it', async () => {
  await using t = await setup();
  await using receiver = await startMutualReceiver({ isStrict: false });
  const victim = await t.targetWith('https://hooks.hookcast.test/', 'ec');
  const thief = await t.targetWith(receiver.url, 'rsa');
  const steal = `update target_certificates set sealed = (select sealed from target_certificates where target_id = $1)
    where target_id = $2`;
  await t.rows(steal, [victim, thief]);
  await t.targets.update(t.caller, { id: victim, status: 'DISABLED' });
  await t.publish();
  await expect(t.worker.claim.claim(1, t.clock.now(), {})).rejects.toThrow(`to target ${thief} cannot be signed`);
  expect(receiver.requests).toEqual([]);
});

test('a claim that is logged or thrown shows nothing of the key', async () => {
  await using t = await setup();
  await using receiver = await startMutualReceiver();
  await t.targetWith(receiver.url, 'ec');
  await t.publish();
  const [claim] = (await t.worker.claim.claim(1, t.clock.now(), {})).ready;
  expect(claim!.identity).not.toBeNull();
  const error = new Error('failed', { cause: claim });
  const texts = [inspect(error, { depth: Infinity, showHidden: true, getters: true }), JSON.stringify(claim)];
  const { privateKeyPem, certificatePem } = clientPem('ec');
  for (const line of [privateKeyPem, certificatePem].flatMap((pem) => pem.split('\n').slice(1, -2))) {
    for (const text of texts) expect(text).not.toContain(line);
  }
});

test('a certificate that OpenSSL refuses to use is a TLS_ERROR, and no connection is left', async () => {
  await using t = await setup();
  await using receiver = await startMutualReceiver({ isStrict: false });
  const id = await t.targetWith(receiver.url, 'ec');
  await t.force(id, 'weak');
  expect(await t.deliver()).toMatchObject([{ outcome: 'TLS_ERROR', error: expect.stringMatching(/ERR_(OS)?SSL_/) }]);
  await receiver.whenDisconnected();
  expect(receiver.requests).toEqual([]);
});

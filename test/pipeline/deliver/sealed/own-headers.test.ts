/** The own headers of a target, as a real receiver gets them. */
import { randomBytes } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { Sql } from '../../../../src/database/statement.ts';
import { createSeal, type Seal } from '../../../../src/domain/seal/seal.ts';
import { createDestinations } from '../../../../src/pipeline/deliver/sealed/destinations.ts';
import { createIdentities } from '../../../../src/pipeline/deliver/sealed/identities.ts';
import { createOwnHeaders } from '../../../../src/pipeline/deliver/sealed/own-headers.ts';
import { sealHeaders } from '../../../../src/domain/targets/headers/sealed-headers.ts';
import { masterKeyBytes } from '../../../support/master-key.ts';
import { createPipeline, SCHEDULE_MS } from '../../../support/pipeline.ts';
import { startReceiver } from '../../../support/receiver.ts';

type Headers = { name: string; value: string }[];

async function setup(options: Parameters<typeof createPipeline>[0] = {}) {
  const pipeline = await createPipeline(options);
  const receiver = await startReceiver(200);
  const { targets, caller, rows } = pipeline;
  return {
    ...pipeline,
    receiver,
    async targetWith(headers: Headers): Promise<string> {
      const created = await targets.create(caller, { url: receiver.url, headers });
      if (!created.ok) throw new Error(created.userErrors[0]!.message);
      return created.value.targetId;
    },
    async setHeaders(id: string, headers: Headers): Promise<void> {
      expect(await targets.update(caller, { id, headers })).toMatchObject({ ok: true });
    },
    /** How many statements of this name PostgreSQL was sent. */
    countStatements: (name: string) => {
      const query = vi.spyOn(pipeline.database.pool, 'query');
      return () => query.mock.calls.filter(([statement]) => (statement as { name?: string }).name === name).length;
    },
    sealedHeaders: async (id: string) =>
      (await rows('select sealed_headers from webhook_targets where id = $1', [id]))[0].sealed_headers as Buffer | null,
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

/** What a worker opens destinations with. */
const opening = (sql: Sql, seal: Seal, brand = 'Dakota') =>
  createDestinations(sql, createOwnHeaders(seal, brand), createIdentities({ sql, seal, onReplaced: () => {} }));

/** Names and values as they were sent. */
const sent = ({ rawHeaders }: { rawHeaders: readonly string[] }): [string, string][] =>
  rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1]!] as [string, string]] : []));

test('every request carries the headers, with their names as they were given, beside those of the guide', async () => {
  await using t = await setup();
  await t.targetWith([
    { name: 'Authorization', value: 'Bearer a.b.c' },
    { name: 'x-tenantID', value: '' },
    { name: '__proto__', value: 'own' },
    { name: 'constructor', value: '1' },
  ]);
  const { eventId } = await t.publish();
  await t.runDue();
  const request = await t.receiver.next();
  expect(sent(request)).toEqual(
    expect.arrayContaining([
      ['Authorization', 'Bearer a.b.c'],
      ['x-tenantID', ''],
      ['__proto__', 'own'],
      ['constructor', '1'],
      ['X-Dakota-Event-ID', eventId],
      ['User-Agent', 'Dakota-Webhooks/1.0'],
    ]),
  );
});

test('a retry and a test event carry them, each with the value of its time', async () => {
  await using t = await setup();
  const id = await t.targetWith([{ name: 'X-Key', value: 'one' }]);
  t.receiver.respondWith(500);
  await t.publish();
  await t.runDue();
  await t.setHeaders(id, [{ name: 'X-Key', value: 'two' }]);
  await t.clock.advance(SCHEDULE_MS[0]!);
  await t.runDue();
  await t.setHeaders(id, [{ name: 'X-Other', value: 'three' }]);
  await t.publisher.sendTest(t.caller, { targetId: id });
  await t.runDue();
  await t.setHeaders(id, []);
  await t.publisher.sendTest(t.caller, { targetId: id });
  await t.runDue();
  const own = t.receiver.requests.map((request) => sent(request).filter(([name]) => /^X-(Key|Other)$/.test(name)));
  expect(own).toEqual([[['X-Key', 'one']], [['X-Key', 'two']], [['X-Other', 'three']], []]);
});

test('a claim that waited for over a second is sent with the headers of now, a younger one as it was read', async () => {
  await using t = await setup();
  const id = await t.targetWith([{ name: 'X-Key', value: 'old' }]);
  await t.publish();
  await t.publish();
  const { ready } = await t.worker.claim.claim(2, t.clock.now(), {});
  await t.setHeaders(id, [{ name: 'X-Key', value: 'new' }]);
  const headersOf = async (claim: (typeof ready)[number]) =>
    (await t.worker.claim.refresh(claim, t.clock.now())).claim.headers;
  await t.clock.advance(1_000);
  expect(await headersOf(ready[0]!)).toEqual({ 'X-Key': 'old' });
  await t.clock.advance(1);
  expect(await headersOf(ready[1]!)).toEqual({ 'X-Key': 'new' });
});

test('a claim that waited while its target moved goes to the new URL with the new headers, and not to the old one', async () => {
  await using t = await setup();
  await using elsewhere = await startReceiver(200);
  const id = await t.targetWith([{ name: 'Authorization', value: 'of the old receiver' }]);
  await t.publish();
  const { ready } = await t.worker.claim.claim(1, t.clock.now(), {});
  const headers = [{ name: 'Authorization', value: 'of the new receiver' }];
  expect(await t.targets.update(t.caller, { id, url: elsewhere.url, headers })).toMatchObject({ ok: true });
  const asRead = { url: t.receiver.url, headers: { Authorization: 'of the old receiver' } };
  expect((await t.worker.claim.refresh(ready[0]!, t.clock.now())).claim).toMatchObject(asRead);
  await t.clock.advance(1_001);
  const { claim } = await t.worker.claim.refresh(ready[0]!, t.clock.now());
  expect(claim).toMatchObject({ url: elsewhere.url, headers: { Authorization: 'of the new receiver' } });
});

test('what a process hands over carries them too, from the second delivery on without a question', async () => {
  await using t = await setup({ handsOver: true });
  await t.runDue();
  const id = await t.targetWith([{ name: 'X-Key', value: 'one' }]);
  const countHeaders = t.countStatements('find_belongings');
  const countClaims = t.countStatements('find_claimed_deliveries');
  for (let time = 0; time < 3; time++) {
    await t.publish();
    await t.runDue();
  }
  await t.setHeaders(id, [{ name: 'X-Key', value: 'two' }]);
  await t.publish();
  await t.runDue();
  expect(t.receiver.requests.map(({ headers }) => headers['x-key'])).toEqual(['one', 'one', 'one', 'two']);
  expect({ headers: countHeaders(), claims: countClaims() }).toEqual({ headers: 2, claims: 2 });
});

test('deliveries to targets without headers ask for none, and versions that are known are not read again', async () => {
  await using t = await setup();
  await t.target(t.receiver.url);
  const count = t.countStatements('find_belongings');
  await t.publish();
  await t.runDue();
  expect(count()).toBe(0);
  await t.targetWith([{ name: 'X-Key', value: 'v' }]);
  for (let time = 0; time < 3; time++) {
    await t.publish();
    await t.runDue();
  }
  expect(t.receiver.requests.filter(({ headers }) => headers['x-key'] === 'v')).toHaveLength(3);
  expect(count()).toBe(1);
});

test('headers that were sealed for another target do not open, and those of others do', async () => {
  await using t = await setup();
  const victim = await t.targetWith([{ name: 'X-Key', value: 'of the victim' }]);
  const thief = await t.targetWith([]);
  await t.rows('update webhook_targets set sealed_headers = $2 where id = $1', [thief, await t.sealedHeaders(victim)]);
  const opener = opening(t.database.pool, t.seal);
  const row = { url: 'of the row', headersVersion: 'of the row', certificateVersion: null };
  const destinationOf = await opener.read([thief, victim].map((targetId) => ({ targetId, ...row })));
  expect(destinationOf(victim)).toMatchObject({ url: t.receiver.url, headers: { 'X-Key': 'of the victim' } });
  expect(() => destinationOf(thief)).toThrow('sealed for another place');
});

test('a header that the brand has reserved since it was set is left out', async () => {
  await using t = await setup();
  const id = await t.targetWith([
    { name: 'X-Acme-Event-ID', value: 'forged' },
    { name: 'X-Key', value: 'v' },
  ]);
  const renamed = opening(t.database.pool, t.seal, 'Acme');
  const destinationOf = await renamed.read([
    { targetId: id, url: '', headersVersion: 'unknown', certificateVersion: null },
  ]);
  expect(destinationOf(id).headers).toEqual({ 'X-Key': 'v' });
});

test('a header of ours is sent once and is ours, even when the database holds another', async () => {
  await using t = await setup();
  const id = await t.targetWith([{ name: 'X-Key', value: 'v' }]);
  const forged = [
    { name: 'x-dakota-event-id', value: 'forged' },
    { name: 'Webhook-Signature', value: 'forged' },
    { name: 'User-Agent', value: 'forged' },
  ];
  const sealed = sealHeaders(t.seal, { id, organizationId: t.organizationId }, forged);
  await t.rows('update webhook_targets set sealed_headers = $2 where id = $1', [id, sealed]);
  await t.publish();
  await t.runDue();
  expect(JSON.stringify((await t.receiver.next()).rawHeaders)).not.toContain('forged');
});

test('a few MB of headers are kept; what makes room is read again, and none is lost on the way', async () => {
  const seal = createSeal(masterKeyBytes('headers'), randomBytes);
  const headers = [{ name: 'X-Key', value: 'v'.repeat(4_000) }];
  const rowOf = (id: string) => {
    const owner = {
      organizationId: 'o',
      url: '',
      headersVersion: '1',
      certificateVersion: null,
      sealedCertificate: null,
    };
    return { targetId: id, ...owner, sealedHeaders: sealHeaders(seal, { id, organizationId: 'o' }, headers) };
  };
  const sql = { query: async ({ values: [ids] }: { values: [string[]] }) => ({ rows: ids.map(rowOf) }) };
  const opener = opening(sql as unknown as Sql, seal);
  const none = { url: '', certificateVersion: null };
  const owners = Array.from({ length: 3_000 }, (_, index) => ({ targetId: `${index}`, headersVersion: '1', ...none }));
  for (let round = 0; round < 2; round++) {
    const destinationOf = await opener.read(owners);
    for (const { targetId } of owners) expect(destinationOf(targetId).headers!['X-Key']).toHaveLength(4_000);
  }
  const kept = owners.filter((owner) => opener.known(owner) !== undefined).length;
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThanOrEqual(1_100);
});

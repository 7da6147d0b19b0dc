import { expect, test } from 'vitest';
import { readAttemptRequest } from '../../../../src/domain/signing/attempt-request.ts';
import { openHeaders, sealHeaders } from '../../../../src/domain/targets/headers/sealed-headers.ts';
import { createDestinationRecorder, RECORDED_MS } from '../../../../src/pipeline/deliver/settle/record-destinations.ts';
import type { Verdict } from '../../../../src/pipeline/deliver/judge.ts';
import { createPipeline, STAMP } from '../../../support/pipeline.ts';
import { startReceiver } from '../../../support/receiver.ts';

const SECRET = 'marker-of-a-header-value';

async function setup() {
  const pipeline = await createPipeline();
  const receiver = await startReceiver();
  const { organizationId, seal, rows } = pipeline;
  const { id } = await pipeline.target(receiver.url);
  return {
    ...pipeline,
    receiver,
    id,
    owner: { id, organizationId },
    setHeaders: (value: string) =>
      rows('update webhook_targets set sealed_headers = $2 where id = $1', [
        id,
        sealHeaders(seal, { id, organizationId }, [{ name: 'Authorization', value }]),
      ]),
    /** Publishes and sends; returns what is stored of the request. */
    send: async () => {
      const { deliveryIds } = await pipeline.publish();
      await pipeline.runDue();
      const [attempt] = await pipeline.attempts(deliveryIds[0]!);
      return readAttemptRequest(attempt!.request);
    },
    destinations: () => rows('select * from target_destinations order by last_used_at, url'),
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

test('a destination is a row, however many attempts go there; a new URL is another one, and the old one stays', async () => {
  await using t = await setup();
  await using other = await startReceiver();
  const [first, second] = [await t.send(), await t.send()];
  expect(first.destinationId).toBe(second.destinationId);
  expect(await t.destinations()).toMatchObject([
    { target_id: t.id, id: first.destinationId, url: t.receiver.url, brand: 'Dakota', sealed_headers: null },
  ]);
  await t.rows('update webhook_targets set url = $2 where id = $1', [t.id, other.url]);
  const moved = await t.send();
  expect((await t.destinations()).map(({ id, url }) => [id, url]).sort()).toEqual(
    [
      [first.destinationId, t.receiver.url],
      [moved.destinationId, other.url],
    ].sort(),
  );
});

test('own headers are kept sealed, each version of them, and no value stands in the database', async () => {
  await using t = await setup();
  await t.setHeaders(`${SECRET} one`);
  await t.send();
  await t.setHeaders(`${SECRET} two`);
  await t.send();
  const values = (await t.destinations()).map(({ sealed_headers: sealed }) => openHeaders(t.seal, t.owner, sealed));
  expect(
    values
      .flat()
      .map(({ value }) => value)
      .sort(),
  ).toEqual([`${SECRET} one`, `${SECRET} two`]);
  const dumped = await t.rows(
    'select d::text as text from target_destinations d union all select a::text from delivery_attempts a',
  );
  expect(dumped.length).toBeGreaterThan(3);
  for (const { text } of dumped) expect(text).not.toContain(SECRET);
});

test('the headers go when the target is deleted, and an attempt that ends later does not bring them back', async () => {
  await using t = await setup();
  await t.setHeaders(SECRET);
  t.receiver.respondWith(async () => {
    const removed = await t.targets.remove(t.caller, { id: t.id });
    return removed.ok ? 200 : 500;
  });
  await t.send();
  await t.rows(`update target_destinations set last_used_at = last_used_at - interval '2 days'`);
  expect(await t.destinations()).toMatchObject([{ target_id: t.id, sealed_headers: null }]);
});

test('a destination is written again a day later, for retention, and by each process once', async () => {
  await using t = await setup();
  const recorder = createDestinationRecorder({ seal: t.seal, brand: 'Dakota' });
  const claim = { targetId: t.id, organizationId: t.organizationId, url: t.receiver.url, headers: null };
  const verdict = { claim, stamp: STAMP, result: {} } as unknown as Verdict;
  const now = t.clock.now();
  const later = new Date(now.getTime() + RECORDED_MS);
  const first = recorder.recording([verdict, verdict], now)!;
  await t.rows(first.statement.text, first.statement.values);
  expect(recorder.recording([verdict], now)).toBeDefined(); // Not committed yet, as far as it knows.
  first.done();
  expect(recorder.recording([verdict], new Date(later.getTime() - 1))).toBeUndefined();
  const second = recorder.recording([verdict], later)!;
  await t.rows(second.statement.text, second.statement.values);
  expect(await t.destinations()).toMatchObject([{ last_used_at: later }]);
});

test('two processes give a destination the same id, and no other destination has it', async () => {
  await using t = await setup();
  const idOf = (brand: string, claim: object) => {
    const recorder = createDestinationRecorder({ seal: t.seal, brand });
    return readAttemptRequest(recorder.requestOf({ claim, stamp: STAMP, result: {} } as unknown as Verdict))
      .destinationId;
  };
  const plain = { url: 'https://a.example/', headers: null };
  const ids = [
    idOf('Dakota', plain),
    idOf('Acme', plain),
    idOf('Dakota', { ...plain, url: 'https://b.example/' }),
    idOf('Dakota', { ...plain, headers: { a: '1' } }),
    idOf('Dakota', { ...plain, headers: { a: '2' } }),
  ];
  expect(new Set(ids).size).toBe(5);
  expect(idOf('Dakota', { ...plain, headers: { a: '2' } })).toBe(ids[4]);
});

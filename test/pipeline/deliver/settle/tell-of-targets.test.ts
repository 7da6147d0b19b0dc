/** What the service tells of its targets by events of its own, and how often. */
import { expect, test } from 'vitest';
import { SERVICE_EVENT_TYPES } from '../../../../src/domain/event-types/service-event-types.ts';
import { startReceiver } from '../../../support/receiver.ts';
import { setup } from './tell-of-targets-setup.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
test('target.failing is told at half of DISABLE_AFTER_FAILURES, once, and target.recovered at the next success', async () => {
  await using t = await setup();
  await t.fails(9);
  expect(await t.types()).toEqual([]);
  const failingSince = t.clock.now().toISOString();
  await t.clock.advance(MINUTE);
  await t.fails(1);
  await t.fails(5);
  const lastOutcome = { outcome: 'HTTP_ERROR', responseStatus: 500 };
  const failing = { ...t.data, status: 'ACTIVE', failureCount: 10, failingSince, lastOutcome };
  expect(await t.told()).toEqual([{ type: 'target.failing', data: failing }]);

  await t.settle([204, 204]);
  await t.settle([204]);
  const recovered = { outcome: 'DELIVERED', responseStatus: 204 };
  expect((await t.told()).slice(1)).toEqual([
    { type: 'target.recovered', data: { ...t.data, status: 'ACTIVE', failingSince, lastOutcome: recovered } },
  ]);
});

test('a success and failures of one batch count in their order', async () => {
  await using t = await setup();
  await t.settle([...Array<number>(10).fill(500), 200]);
  expect(await t.types()).toEqual([]);
  await t.settle([200, ...Array<number>(10).fill(500)]);
  expect(await t.types()).toEqual(['target.failing']);
});

test('a target that goes up and down is told failing at most once an hour', async () => {
  await using t = await setup();
  for (let round = 0; round < 12; round++) {
    await t.fails(10);
    await t.settle([200]);
    await t.clock.advance(10 * MINUTE);
  }
  expect(await t.types()).toEqual(Array(2).fill(['target.failing', 'target.recovered']).flat());
});

test('a target that is still failing when the hour is over is told then', async () => {
  await using t = await setup();
  await t.fails(10);
  await t.settle([200]);
  await t.fails(10);
  expect(await t.types()).toEqual(['target.failing', 'target.recovered']);
  await t.clock.advance(HOUR);
  await t.fails(1);
  expect(await t.types()).toEqual(['target.failing', 'target.recovered', 'target.failing']);
});

test('target.disabled is told with the reason, without the last error, of a target that failed for long', async () => {
  await using t = await setup();
  await t.fails(15);
  await t.clock.advance(6 * DAY);
  await t.fails(10);
  const row = (await t.rows('select status, disabled_reason from webhook_targets where id = $1', [t.targetId]))[0];
  expect(row.status).toBe('DISABLED');
  expect(row.disabled_reason).toContain('the last one with: The target answered 500');
  expect((await t.told()).at(-1)).toEqual({
    type: 'target.disabled',
    data: {
      ...t.data,
      status: 'DISABLED',
      reason: row.disabled_reason.replace(/, the last one with: .* was expected\./, '.'),
      failureCount: 25,
      failingSince: expect.any(String),
      lastOutcome: { outcome: 'HTTP_ERROR', responseStatus: 500 },
    },
  });
  expect(await t.types()).toEqual(['target.failing', 'target.disabled']);
});

test('target.disabled is told of a target that answered 410 Gone', async () => {
  await using t = await setup();
  await t.settle([410]);
  expect(await t.told()).toMatchObject([
    { type: 'target.disabled', data: { reason: expect.stringContaining('410 Gone'), failureCount: 1 } },
  ]);
});

test('an attempt that failed at the proxy is never the last outcome of a target that fails', async () => {
  await using t = await setup();
  await t.fails(9);
  const verdicts = [await t.verdict(500, {}), await t.verdict(502, {})];
  const proxied = { ...verdicts[1]!, outcome: 'PROXY_ERROR' } as const;
  await Promise.all([verdicts[0]!, proxied].map((verdict) => t.worker.settler.settle(verdict)));
  const lastOutcome = { outcome: 'HTTP_ERROR', responseStatus: 500 };
  expect(await t.told()).toMatchObject([{ type: 'target.failing', data: { lastOutcome } }]);
});

test('a target that is ACTIVE again is not told recovered of failures before', async () => {
  await using t = await setup();
  await t.fails(10);
  await t.settle([410]);
  await t.targets.update(t.caller, { id: t.targetId, status: 'ACTIVE' });
  expect(await t.health(t.targetId)).toMatchObject({ is_told_failing: false });
  await t.settle([200]);
  await t.clock.advance(HOUR);
  await t.fails(10);
  expect(await t.types()).toEqual(['target.failing', 'target.disabled', 'target.failing']);
});

test('delivery.exhausted is told at most once an hour, with the count since', async () => {
  await using t = await setup();
  const [, second] = await t.fails(2, { maxAttempts: 1 });
  for (let minute = 0; minute < 59; minute++) {
    await t.clock.advance(MINUTE);
    await t.settle([500, 200], { maxAttempts: 1 });
  }
  const exhausted = {
    organizationId: t.organizationId,
    targetId: t.targetId,
    targetName: 'Orders',
    urlHost: 'hooks.example.com',
    deliveryId: second,
    eventId: 'e',
    eventType: 'user.created',
    count: 2,
    lastOutcome: { outcome: 'HTTP_ERROR', responseStatus: 500 },
  };
  expect(await t.told()).toEqual([{ type: 'delivery.exhausted', data: exhausted }]);
  await t.clock.advance(MINUTE);
  const [last] = await t.fails(1, { maxAttempts: 1 });
  expect((await t.told()).slice(1)).toEqual([
    { type: 'delivery.exhausted', data: { ...exhausted, deliveryId: last, count: 60 } },
  ]);
});

test.each(SERVICE_EVENT_TYPES)(
  'a delivery of %s counts for the health, and causes only target.disabled',
  async (eventType) => {
    await using t = await setup();
    await t.fails(25, { eventType, maxAttempts: 1 });
    await t.settle([200], { eventType });
    expect(await t.types()).toEqual([]);
    await t.settle([410], { eventType });
    expect(await t.told()).toMatchObject([
      { type: 'target.disabled', data: { lastOutcome: { outcome: 'HTTP_ERROR', responseStatus: 410 } } },
    ]);
    expect(await t.health(t.targetId)).toMatchObject({ failure_count: 1 });
    expect(await t.targetHistory(t.targetId)).toEqual(['ACTIVE>DISABLED']);
  },
);

test('a run of failures that such deliveries began is told with the first failure of another', async () => {
  await using t = await setup();
  await t.fails(15, { eventType: 'target.failing' });
  await t.fails(1);
  expect(await t.told()).toMatchObject([{ type: 'target.failing', data: { failureCount: 16 } }]);
  await t.settle([200], { eventType: 'target.failing' });
  await t.settle([200]);
  expect(await t.types()).toEqual(['target.failing', 'target.recovered']);
});

test('an endless failing target that names them all yields a bounded number an hour', async () => {
  await using t = await setup({ maxAttempts: 2, disable: { afterMs: 365 * DAY, afterFailures: 20 } });
  await t.rows(`update webhook_targets set status = 'DISABLED' where id = $1`, [t.targetId]);
  await using receiver = await startReceiver();
  receiver.respondWith(500);
  const { id } = await t.target(receiver.url, { eventTypes: ['user.created', ...SERVICE_EVENT_TYPES] });
  const hours = 4;
  for (let round = 0; round < hours * 3; round++) {
    for (let count = 0; count < 4; count++) await t.publish();
    await t.runDue();
    await t.clock.advance(20 * MINUTE);
  }
  const events = await t.rows(
    `select event_type as type, count(*)::int as count from deliveries where target_id = $1 group by 1 order by 1`,
    [id],
  );
  expect(events).toEqual([
    { type: 'delivery.exhausted', count: hours },
    { type: 'target.failing', count: 1 },
    { type: 'user.created', count: hours * 12 },
  ]);
  expect((await t.told()).filter(({ data }) => (data.id ?? data.targetId) === id)).toHaveLength(hours + 1);
});

test('the event is committed by the transaction that settles the attempt', async () => {
  await using t = await setup();
  const [deliveryId] = await t.settle([410]);
  const [change] = await t.rows('select xid from delivery_changes where delivery_id = $1', [deliveryId]);
  expect(await t.rows('select event_type, xid from event_changes')).toEqual([
    { event_type: 'target.disabled', xid: change.xid },
  ]);
});

test('passing trouble when the event is written loses none: the attempt is settled again, with it', async () => {
  const untold: unknown[] = [];
  await using t = await setup({ onTellError: (error) => void untold.push(error) });
  await t.rows(
    `create sequence tries;
     create function fail_once() returns trigger language plpgsql as $$
       begin if nextval('tries') = 1 then raise exception 'no' using errcode = '40P01'; end if; return new; end $$;
     create trigger fails before insert on events for each row when (new.event_type = 'target.disabled') execute function fail_once()`,
  );
  await t.settle([410]);
  expect(await t.types()).toEqual(['target.disabled']);
  expect(untold).toEqual([]);
});

test('without service events, nothing is told and nothing is counted', async () => {
  await using t = await setup({ tells: false });
  await t.fails(30, { maxAttempts: 1 });
  await t.settle([200, 410]);
  expect((await t.rows('select from events')).length).toBe(0);
  expect(await t.health(t.targetId)).toMatchObject({ is_told_failing: false, exhausted_count: 0 });
});

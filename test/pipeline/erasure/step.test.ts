import { expect, test } from 'vitest';
import { startReceiver } from '../../support/receiver.ts';
import { setup } from './setup.ts';

test('takes the body out of the events of a customer that were published before, and of no others', async () => {
  await using t = await setup();
  const erased = await t.publishAbout('c1', { secret: 'marker' });
  const other = await t.publishAbout('c2', { secret: 'kept' });
  const id = await t.begin({ customerId: 'c1' });
  await t.clock.advance(1);
  const later = await t.publishAbout('c1', { secret: 'later' });
  expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', event_count: 1, cancelled_count: 0 });
  expect(await t.event(erased.eventId)).toMatchObject({ body: '', customer_id: 'c1', event_type: 'user.created' });
  expect((await t.event(erased.eventId)).erased_at).not.toBeNull();
  for (const { eventId } of [other, later]) {
    expect(await t.event(eventId)).toMatchObject({ body: expect.stringMatching(/kept|later/), erased_at: null });
  }
});

test('takes the trace context out of the events', async () => {
  await using t = await setup();
  const early = await t.publishAbout('c1', {}, 'a key'); // It keeps its key for now, and so has a statement of its own.
  const whole = await t.publishAbout('c1');
  await t.rows(`update events set traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'`);
  await t.makeStep(await t.begin({ customerId: 'c1' }));
  for (const { eventId } of [early, whole]) expect(await t.event(eventId)).toMatchObject({ traceparent: null });
});

test('cancels the open deliveries in the same step, and nothing of them is sent any more', async () => {
  await using t = await setup();
  await using receiver = await startReceiver();
  await t.target(receiver.url);
  await t.target(receiver.url, { status: 'PAUSED' });
  const { deliveryIds } = await t.publishAbout('c1');
  const id = await t.begin({ customerId: 'c1' });
  expect(await t.makeStep(id)).toMatchObject({ erased: 1, cancelled: 2 });
  await t.runDue();
  expect(receiver.requests).toEqual([]);
  for (const each of deliveryIds) {
    expect(await t.delivery(each)).toMatchObject({ status: 'CANCELLED', job_id: null, held: false });
    expect(await t.history(each)).toEqual(['>PENDING', 'PENDING>CANCELLED']);
  }
});

test('takes out what targets answered, and error texts, and leaves outcomes and status codes', async () => {
  await using t = await setup();
  await using receiver = await startReceiver({ status: 500, headers: { 'x-told': 'marker' }, body: 'marker' });
  await t.target(receiver.url);
  const { eventId, deliveryIds } = await t.publishAbout('c1');
  await t.runDue();
  expect((await t.attempts(deliveryIds[0]!))[0]).toMatchObject({ response_body: 'marker' });
  await t.erase({ eventId });
  expect(await t.attempts(deliveryIds[0]!)).toMatchObject([
    { outcome: 'HTTP_ERROR', response_status: 500, response_headers: null, response_body: null, error: null },
  ]);
});

test('an error text that holds words of the receiver goes from the health of the target too', async () => {
  await using t = await setup();
  const target = await t.target('http://127.0.0.1:9/', {
    status: 'DISABLED',
    disabledReason: 'the last one with: marker.',
  });
  const { id: eventId } = await t.fixtures.event({ organizationId: t.organizationId, customerId: 'c1' });
  const { id: deliveryId } = await t.fixtures.delivery({
    organizationId: t.organizationId,
    targetId: target.id,
    eventId,
    status: 'FAILED',
  });
  await t.rows(
    `insert into delivery_attempts (delivery_id, number, trigger, outcome, error, duration_ms, started_at)
     values ($1, 1, 'SCHEDULE', 'TLS_ERROR', 'marker', 1, now())`,
    [deliveryId],
  );
  await t.rows(`update target_health set last_failure_reason = 'marker'`);
  await t.rows(
    `insert into target_changes (organization_id, target_id, status, reason, occurred_at) values ($1, $2, 'DISABLED', 'it was: marker', now())`,
    [t.organizationId, target.id],
  );
  await t.rows(
    `insert into audit_log (id, organization_id, at, actor, operation, subject_type, subject_id, after)
     values ('a', $1, now(), 'SERVICE', 'disableFailingTarget', 'WebhookTarget', $2, '{"disabledReason":"it was: marker"}')`,
    [t.organizationId, target.id],
  );
  const { id: replayId } = await t.fixtures.replay({ organizationId: t.organizationId, targetId: target.id });
  await t.rows(`update replays set reason = 'The target was DISABLED: it was: marker.' where id = $1`, [replayId]);
  await t.erase({ customerId: 'c1' });
  const places = ['delivery_attempts', 'target_health', 'webhook_targets', 'target_changes', 'audit_log', 'replays'];
  for (const table of places) {
    expect(JSON.stringify(await t.rows(`select row::text from ${table} row`)), table).not.toContain('marker');
  }
});

test('a late repeat of the publish answers the erased event and does not bring the data back', async () => {
  await using t = await setup();
  const { eventId } = await t.publishAbout('c1', { secret: 'marker' }, 'key-marker');
  await t.erase({ customerId: 'c1' });
  expect(JSON.stringify(await t.event(eventId))).not.toContain('marker');
  expect(await t.publishAbout('c1', { secret: 'marker' }, 'key-marker')).toMatchObject({ eventId });
  expect(await t.rows('select from events')).toHaveLength(1);
  const other = await t.publisher.publish(t.caller, {
    eventType: 'user.created',
    data: { secret: 'marker' },
    customerId: 'c2',
    idempotencyKey: 'key-marker',
  });
  expect(other).toMatchObject({ userErrors: [{ code: 'IDEMPOTENCY_MISMATCH' }] });
});

test('a key stays until no publish can be under way that has not seen it, and its event is erased before', async () => {
  await using t = await setup();
  const { eventId } = await t.publishAbout('c1', { secret: 'marker' }, 'key');
  const id = await t.begin({ customerId: 'c1' });
  expect(await t.makeStep(id)).toMatchObject({ erased: 1, isOver: false });
  expect(await t.event(eventId)).toMatchObject({ body: '', idempotency_key: 'key' });
  expect(await t.makeStep(id)).toMatchObject({ erased: 0, isOver: false });
  expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', event_count: 1 });
  expect((await t.event(eventId)).idempotency_key).toMatch(/^§/);
});

test('erases an event whose publish was under way, and commits after the look', async () => {
  await using t = await setup();
  await using publishing = await t.database.pool
    .connect()
    .then((client) => Object.assign(client, { [Symbol.asyncDispose]: async () => client.release() }));
  await publishing.query('begin');
  const eventId = t.ids.next();
  await publishing.query(
    `insert into events (id, organization_id, event_type, customer_id, body, created_at) values ($1, $2, 'user.created', 'c1', 'marker', $3)`,
    [eventId, t.organizationId, t.clock.now()],
  );
  await t.clock.advance(1);
  const id = await t.begin({ customerId: 'c1' });
  expect(await t.makeStep(id)).toMatchObject({ erased: 0, isOver: false });
  await publishing.query('commit');
  expect(await t.runToEnd(id)).toMatchObject({ event_count: 1 });
  expect(await t.event(eventId)).toMatchObject({ body: '' });
});

test('goes through many events in steps, and counts each once', async () => {
  await using t = await setup();
  for (let nth = 0; nth < 7; nth++) await t.publishAbout('c1', { nth });
  const id = await t.begin({ customerId: 'c1' });
  expect(await t.makeStep(id, 3)).toMatchObject({ erased: 3, waitMs: 0 });
  expect(await t.makeStep(id, 3)).toMatchObject({ erased: 3, waitMs: 0 });
  expect(await t.runToEnd(id, 3)).toMatchObject({ event_count: 7, status: 'COMPLETED' });
  expect(await t.rows(`select from events where body <> ''`)).toEqual([]);
});

test('an event with more deliveries than a step takes is erased in several, and listed as erased when all are', async () => {
  await using t = await setup();
  const { id: eventId } = await t.fixtures.event({ organizationId: t.organizationId, customerId: 'c1' });
  const target = await t.target('http://127.0.0.1:9/');
  await t.rows(
    `insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, created_at, updated_at)
     select lpad(n::text, 27, '0'), $1, $2, $3, 'user.created', 'RETRYING', 10, now(), now() from generate_series(1, 1500) n`,
    [t.organizationId, eventId, target.id],
  );
  const id = await t.begin({ customerId: 'c1' });
  expect(await t.makeStep(id)).toMatchObject({ erased: 0, cancelled: 1000, waitMs: 0 });
  expect(await t.event(eventId)).toMatchObject({ erased_at: null });
  expect(await t.makeStep(id)).toMatchObject({ erased: 1, cancelled: 500 });
  expect(await t.rows(`select from deliveries where status <> 'CANCELLED'`)).toEqual([]);
});

test('a worker whose lease was taken over changes nothing', async () => {
  await using t = await setup();
  const { eventId } = await t.publishAbout('c1');
  const id = await t.begin({ customerId: 'c1' });
  await t.take(id, t.clock.uuid());
  expect(await t.makeStep(id)).toBeUndefined();
  expect(await t.event(eventId)).toMatchObject({ erased_at: null });
});

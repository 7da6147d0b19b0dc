/** Dakota, update a webhook target: PATCH /webhooks/targets/{webhook_target_id}. */
import { afterAll, expect, test } from 'vitest';
import { startProduct } from '../support/product.ts';
import { startReceiver } from '../support/receiver.ts';
import { EVENT_TYPES, listed } from '../support/reference/event-types.ts';
import { TARGET, UPDATE_TARGET } from '../support/tenant.ts';
import { testEventTypes } from './event-type-rows.ts';

const t = await startProduct();
afterAll(() => t.stop());

const URL = 'https://example.com/webhooks/receive';
const KSUID = /^[0-9A-Za-z]{27}$/;
/** KSUIDs count seconds from here (github.com/segmentio/ksuid). */
const KSUID_EPOCH_SECONDS = 1_400_000_000;

const unixSeconds = (dateTime: string) => Math.floor(Date.parse(dateTime) / 1_000);

test('update target: x-api-key is required', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL });
  const input = { id, global: true };
  expect(await tenant.ask(UPDATE_TARGET, { input }, { 'x-api-key': '' })).toMatchObject({ status: 401 });
  expect(await tenant.target(id)).toMatchObject({ global: false });
});

test('update target: the answer is 200 and the whole target', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL });
  const { status, body } = await tenant.ask(UPDATE_TARGET, {
    input: { id, global: false, eventTypes: ['api_key.created'] },
  });
  expect(status).toBe(200);
  expect(body.data.updateWebhookTarget).toMatchObject({
    target: { id, url: URL, global: false, eventTypes: ['api_key.created'] },
    userErrors: [],
  });
});

test('update target: webhook_target_id is a KSUID of 27 characters', async () => {
  const tenant = await t.tenant();
  expect((await tenant.createTarget({ url: URL })).id).toMatch(KSUID);
});

test.each([
  ['that no target has', '1NFHrqBHb3cTfLVkFSGmHZqdDPi'],
  ['of 26 characters', '1NFHrqBHb3cTfLVkFSGmHZqdDP'],
  ['with a character outside of 0-9A-Za-z', '1NFHrqBHb3cTfLVkFSGmHZqdDP-'],
  ['that is empty', ''],
])('update target: an id %s is not found', async (_, id) => {
  const tenant = await t.tenant();
  const refusals = await tenant.refused(UPDATE_TARGET, { input: { id, global: true } });
  expect(refusals).toMatchObject([{ code: 'NOT_FOUND', field: ['input', 'id'] }]);
});

test('update target: KSUIDs name all entities: a timestamp, then a random component', async () => {
  const tenant = await t.tenant();
  const [one, other] = [
    await tenant.createTarget({ url: URL, status: 'PAUSED' }),
    await tenant.createTarget({ url: URL }),
  ];
  const event = await tenant.publish('user.created');
  const keys = await tenant.run('{ viewer { organization { id } apiKey { id } } }');
  const ids = [one.id, other.id, event.id, event.deliveries[0].id, keys.organization.id, keys.apiKey.id];
  const seconds = unixSeconds(one.createdAt);
  for (const id of ids) {
    expect(id).toMatch(KSUID);
    expect(Math.abs(timestampOf(id) - seconds)).toBeLessThanOrEqual(1);
  }
  expect(new Set(ids).size).toBe(ids.length);
});

/** The first 4 of the 20 bytes that the 27 base62 digits stand for. */
function timestampOf(ksuid: string): number {
  const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const value = [...ksuid].reduce((sum, digit) => sum * 62n + BigInt(DIGITS.indexOf(digit)), 0n);
  return Number(value >> 128n) + KSUID_EPOCH_SECONDS;
}

test('update target: global true receives all event types, and event_types is then ignored', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL, eventTypes: ['api_key.created'], status: 'PAUSED' });
  expect((await tenant.publish('user.created')).deliveries).toHaveLength(0);
  expect(await tenant.updateTarget({ id, global: true })).toMatchObject({
    global: true,
    eventTypes: ['api_key.created'],
  });
  expect((await tenant.publish('user.created')).deliveries).toHaveLength(1);
});

test('update target: global false restricts the target to event_types again', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({
    url: URL,
    global: true,
    eventTypes: ['user.deleted'],
    status: 'PAUSED',
  });
  await tenant.updateTarget({ id, global: false });
  expect((await tenant.publish('user.created')).deliveries).toHaveLength(0);
  expect((await tenant.publish('user.deleted')).deliveries).toHaveLength(1);
});

test('update target: event_types replaces the list', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL, eventTypes: ['api_key.created', 'user.created'] });
  expect(await tenant.updateTarget({ id, eventTypes: ['wallet.deposit'] })).toMatchObject({
    eventTypes: ['wallet.deposit'],
  });
});

test('update target: an event type outside of the enumeration is refused by name', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL });
  const [refusal] = await tenant.refused(UPDATE_TARGET, { input: { id, eventTypes: ['api_key.renamed'] } });
  expect(refusal).toMatchObject({ code: 'UNKNOWN_EVENT_TYPE', field: ['input', 'eventTypes', '0'] });
  expect(refusal!.message).toContain('api_key.renamed');
});

test('update target: the fields that the response requires are never null', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL });
  const target = await tenant.updateTarget({ id, global: false });
  for (const field of ['id', 'url', 'global', 'timeLastHealthy', 'timeLastAttempted']) {
    expect(target[field], field).not.toBeNull();
  }
});

test('update target: time_last_healthy and time_last_attempted are the creation time at first', async () => {
  const tenant = await t.tenant();
  const { id, createdAt } = await tenant.createTarget({ url: URL });
  await t.advance(60_000);
  expect(await tenant.updateTarget({ id, global: false })).toMatchObject({
    createdAt,
    timeLastHealthy: createdAt,
    timeLastAttempted: createdAt,
  });
});

test('update target: time_last_healthy is that of the last success, time_last_attempted that of the last attempt', async () => {
  await using receiver = await startReceiver(200);
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: receiver.url });
  await t.advance(60_000);
  const healthyAt = t.clock.now().toISOString();
  await tenant.reached((await tenant.publish('user.created')).deliveries[0].id, 'DELIVERED');
  expect(await tenant.target(id)).toMatchObject({ timeLastHealthy: healthyAt, timeLastAttempted: healthyAt });

  receiver.respondWith(500);
  await t.advance(60_000);
  const attemptedAt = t.clock.now().toISOString();
  await tenant.reached((await tenant.publish('user.created')).deliveries[0].id, 'RETRYING');
  expect(await tenant.target(id)).toMatchObject({ timeLastHealthy: healthyAt, timeLastAttempted: attemptedAt });
});

test('update target: times are RFC 3339 here, from which the Unix timestamps of the document are a conversion', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL });
  const { timeLastHealthy } = await tenant.run(`query ($id: ID!) { webhookTarget(id: $id) { ${TARGET} } }`, { id });
  expect(timeLastHealthy).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(unixSeconds(timeLastHealthy)).toBe(Math.floor(t.clock.now().getTime() / 1_000));
});

const UUID = '3b241101-e2bb-4255-8caf-4136c566a962';

test('update target: the same x-idempotency-key returns the original response, and nothing is executed again', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL });
  const send = () => tenant.ask(UPDATE_TARGET, { input: { id, global: true } }, { 'x-idempotency-key': UUID });
  const original = await send();
  await t.advance(1_000);
  await tenant.updateTarget({ id, global: false });
  const again = await send();
  expect(again.body).toEqual(original.body);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await tenant.target(id)).toMatchObject({ global: false });
});

test('update target: the time window of an x-idempotency-key is 24 hours', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL });
  const send = () => tenant.ask(UPDATE_TARGET, { input: { id, global: true } }, { 'x-idempotency-key': UUID });
  await send();
  await tenant.updateTarget({ id, global: false });
  await t.advance(24 * 3_600_000 - 1);
  expect((await send()).headers.get('idempotency-replayed')).toBe('true');
  expect(await tenant.target(id)).toMatchObject({ global: false });
  await t.advance(1);
  expect((await send()).headers.get('idempotency-replayed')).toBeNull();
  expect(await tenant.target(id)).toMatchObject({ global: true });
});

test('update target: x-idempotency-key is required there and optional here', async () => {
  const tenant = await t.tenant();
  const { id } = await tenant.createTarget({ url: URL });
  expect(await tenant.updateTarget({ id, global: true })).toMatchObject({ global: true });
});

testEventTypes('update target', t, 'dakota', listed(EVENT_TYPES.dakota));

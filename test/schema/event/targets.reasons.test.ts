/** What a support engineer asks, with the API alone: why does this delivery wait, and why did that target get nothing? */
import { expect, test } from 'vitest';
import { postGraphql } from '../../support/client.ts';
import { createDatabaseUrl } from '../../support/database.ts';
import { startReceiver } from '../../support/receiver.ts';
import { startService, type Service } from '../../support/service.ts';

const CREATE = `mutation ($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) { target { id } userErrors { message } } }`;
const SET = `mutation ($id: ID!, $status: WebhookTargetStatus!) {
  updateWebhookTarget(input: { id: $id, status: $status }) { userErrors { message } } }`;
const PUBLISH = `mutation ($eventType: String!, $customerId: String) {
  publishEvent(input: { eventType: $eventType, customerId: $customerId, data: {} }) {
    event { id deliveries { nodes { id target { id } } } } userErrors { message } } }`;
const WHY_LATE = 'query ($id: ID!) { delivery(id: $id) { status waitingFor } }';
const WHY_NOT = `query ($id: ID!) { event(id: $id) {
  targets(first: 100) { nodes { target { id } delivery { id } reason } } } }`;

// The answers are compared with what is expected.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Data = any;

/** Waits for the service, on a machine of any speed. */
const LOOK = { timeout: 60_000, interval: 100 };

const askOf = ({ api }: Service) => ({
  create: async (input: object): Promise<string> => {
    const { createWebhookTarget } = await api<Data>(CREATE, { input });
    return createWebhookTarget.target.id;
  },
  set: (id: string, status: string) => api<Data>(SET, { id, status }),
  publish: async (eventType: string, customerId?: string): Promise<{ id: string; delivery: string }> => {
    const { event } = (await api<Data>(PUBLISH, { eventType, customerId })).publishEvent;
    return { id: event.id, delivery: event.deliveries.nodes[0]?.id };
  },
  late: async (id: string): Promise<Data> => (await api<Data>(WHY_LATE, { id })).delivery,
  targets: async (id: string): Promise<Data[]> => (await api<Data>(WHY_NOT, { id })).event.targets.nodes,
});

test('of ten deliveries that wait or never came, each for another reason, the reason is told from the API alone', async () => {
  const DATABASE_URL = await createDatabaseUrl();
  const answer = Promise.withResolvers<number>();
  await using broken = await startReceiver(() => 500);
  await using silent = await startReceiver(() => answer.promise);
  await using asking = await startReceiver(() => ({ status: 503, headers: { 'retry-after': '600' } }));
  await using quick = await startReceiver();
  await using service = await startService({ DATABASE_URL, ROLES: 'api' });
  const ask = askOf(service);
  const worker = await startService({ DATABASE_URL, ROLES: 'worker' });
  await using _worker = worker;

  const late = (id: string, waitingFor: string | null) =>
    expect.poll(() => ask.late(id), LOOK).toMatchObject({ waitingFor });

  // 1. The next attempt is dated.
  await ask.create({ url: broken.url, eventTypes: ['user.created'] });
  const retrying = await ask.publish('user.created');
  await late(retrying.delivery, 'SCHEDULE');

  // 2. The target is paused.
  await ask.create({ url: quick.url, eventTypes: ['user.updated'], status: 'PAUSED' });
  const paused = await ask.publish('user.updated');
  await late(paused.delivery, 'TARGET_PAUSED');

  // 3. The target was disabled when the delivery was open.
  const disabling = await ask.create({ url: broken.url, eventTypes: ['customer.created'] });
  const stopped = await ask.publish('customer.created');
  await late(stopped.delivery, 'SCHEDULE');
  await ask.set(disabling, 'DISABLED');
  await late(stopped.delivery, 'TARGET_DISABLED');

  // 4. The target has as many requests open as it allows; the request that is open waits for nothing.
  await ask.create({ url: silent.url, eventTypes: ['customer.updated'], maxConcurrency: 1 });
  const sent = await ask.publish('customer.updated');
  await silent.next();
  const behind = await ask.publish('customer.updated');
  await late(behind.delivery, 'TARGET_BUSY');
  expect(await ask.late(sent.delivery)).toEqual({ status: 'PENDING', waitingFor: null });

  // 5. The target asked for time.
  await ask.create({ url: asking.url, eventTypes: ['wallet.created'] });
  const refused = await ask.publish('wallet.created');
  await late(refused.delivery, 'SCHEDULE');
  const deferred = await ask.publish('wallet.created');
  await late(deferred.delivery, 'RATE_LIMIT');

  // 6. No worker takes it.
  answer.resolve(200); // A worker that is told to stop waits for its open requests.
  await worker.kill('SIGTERM');
  const free = await ask.create({ url: quick.url, eventTypes: ['wallet.updated'], customerIds: ['c1'] });
  const queued = await ask.publish('wallet.updated', 'c1');
  await late(queued.delivery, 'QUEUE');

  // 7 to 10. A target has no delivery of the event.
  const during = await ask.publish('customer.created');
  await ask.set(disabling, 'ACTIVE');
  const other = await ask.publish('wallet.updated', 'c2');
  const missed = await ask.publish('wallet.created');
  const later = await ask.create({ url: quick.url });
  const reasonOf = async (id: string, target: string) =>
    (await ask.targets(id)).find((node) => node.target.id === target);
  expect(await reasonOf(missed.id, free)).toMatchObject({ delivery: null, reason: 'EVENT_TYPE' });
  expect(await reasonOf(other.id, free)).toMatchObject({ delivery: null, reason: 'CUSTOMER' });
  expect(await reasonOf(other.id, later)).toMatchObject({ delivery: null, reason: 'CREATED_LATER' });
  expect(await reasonOf(during.id, disabling)).toMatchObject({ delivery: null, reason: 'DISABLED' });
  expect(await reasonOf(queued.id, free)).toMatchObject({ delivery: { id: queued.delivery }, reason: null });
}, 300_000);

const WHOLE = `query ($id: ID!) { delivery(id: $id) {
  status waitingFor target { deletedAt deferredUntil }
  attempts { nodes { outcome error } } changes { nodes { previousStatus status attempt { number } } } } }`;
const REPLAY = `mutation ($targetId: ID!, $from: DateTime!, $until: DateTime!) {
  createReplay(input: { scope: { targetId: $targetId, mode: ALL, createdAt: { gte: $from, lt: $until } }, ratePerSecond: 1 }) {
    replay { id } userErrors { message } } }`;

test('nor do ten others puzzle: limits, failures, cancellations, filters, changes, test events, replays and quotas', async () => {
  await using broken = await startReceiver(() => 500);
  await using asking = await startReceiver(() => ({ status: 503, headers: { 'retry-after': '600' } }));
  await using quick = await startReceiver();
  // So the first failure is the last.
  await using service = await startService({ MAX_ATTEMPTS: '1' });
  const ask = askOf(service);
  const run = (query: string, variables: object = {}) => service.api<Data>(query, variables);
  const whole = async (id: string): Promise<Data> => (await run(WHOLE, { id })).delivery;
  const become = (id: string, expected: object) => expect.poll(() => whole(id), LOOK).toMatchObject(expected);
  const reasonOf = async (id: string, target: string) =>
    (await ask.targets(id)).find((node) => node.target.id === target)?.reason;
  const from = new Date(Date.now() - 60_000).toISOString();

  // 1. The target takes one request a second.
  await ask.create({ url: quick.url, eventTypes: ['user.created'], rateLimitPerSecond: 1 });
  const events = Array.from({ length: 100 }, () => ({ eventType: 'user.created', data: {} }));
  const many = `mutation ($events: [PublishEventInput!]!) { publishEvents(input: { events: $events }) {
    events { deliveries { nodes { id } } } userErrors { message } } }`;
  const published = (await run(many, { events })).publishEvents.events;
  await become(published[99].deliveries.nodes[0].id, { waitingFor: 'RATE_LIMIT', target: { deferredUntil: null } });

  // 2. Every attempt failed.
  await ask.create({ url: broken.url, eventTypes: ['user.updated'] });
  const failed = await ask.publish('user.updated');
  await become(failed.delivery, {
    status: 'FAILED',
    waitingFor: null,
    attempts: { nodes: [{ outcome: 'HTTP_ERROR', error: expect.stringContaining('500') }] },
  });

  // 3. The target asked for time, and says until when.
  await ask.create({ url: asking.url, eventTypes: ['customer.created'] });
  await become((await ask.publish('customer.created')).delivery, { status: 'FAILED' });
  await become((await ask.publish('customer.created')).delivery, {
    waitingFor: 'RATE_LIMIT',
    target: { deferredUntil: expect.stringMatching(/Z$/) },
  });

  // 4 and 5. It was cancelled: by hand, and with its target.
  const holding = await ask.create({ url: quick.url, eventTypes: ['customer.updated'], status: 'PAUSED' });
  const [byHand, withTarget] = [await ask.publish('customer.updated'), await ask.publish('customer.updated')];
  await run('mutation ($id: ID!) { cancelDelivery(input: { id: $id }) { userErrors { message } } }', {
    id: byHand.delivery,
  });
  const cancelled = { status: 'CANCELLED', waitingFor: null };
  const changes = {
    nodes: [
      { previousStatus: null, status: 'PENDING', attempt: null },
      { previousStatus: 'PENDING', status: 'CANCELLED', attempt: null },
    ],
  };
  await become(byHand.delivery, { ...cancelled, changes, target: { deletedAt: null } });
  await run('mutation ($id: ID!) { deleteWebhookTarget(input: { id: $id }) { userErrors { message } } }', {
    id: holding,
  });
  await become(withTarget.delivery, { ...cancelled, changes, target: { deletedAt: expect.stringMatching(/Z$/) } });

  // 6 to 8. It never came: a filter, a change of the target, a test event for another one.
  const filter = { where: { path: ['data', 'amount'], equals: 1 } };
  const filtering = await ask.create({ url: quick.url, eventTypes: ['wallet.created'], filter });
  const filtered = await ask.publish('wallet.created');
  expect(await reasonOf(filtered.id, filtering)).toBe('FILTER');
  await run(
    'mutation ($id: ID!) { updateWebhookTarget(input: { id: $id, filter: null }) { userErrors { message } } }',
    {
      id: filtering,
    },
  );
  expect(await reasonOf(filtered.id, filtering)).toBe('CHANGED');
  const other = await ask.create({ url: quick.url });
  const sent = await run(
    `mutation ($id: ID!) { sendTestEvent(input: { targetId: $id, eventType: "wallet.created" }) {
      delivery { event { id } } userErrors { message } } }`,
    { id: other },
  );
  expect(await reasonOf(sent.sendTestEvent.delivery.event.id, filtering)).toBe('TEST_EVENT');

  // 9. A replay has not come to it, and says why it never will.
  const until = new Date(Date.now() + 60_000).toISOString();
  const { replay } = (await run(REPLAY, { targetId: other, from, until })).createReplay;
  await ask.set(other, 'DISABLED');
  const halted = async () =>
    (await run('query ($id: ID!) { replay(id: $id) { status reason } }', { id: replay.id })).replay;
  await expect.poll(halted, LOOK).toMatchObject({ status: 'HALTED', reason: expect.stringContaining('DISABLED') });

  // 10. It was never published: the quota of the organization was used up.
  const made = `mutation { createOrganization(input: { name: "Small", externalId: "small", rateLimitPerMinute: 1 }) {
    userErrors { message } } }`;
  await run(made);
  const key = `mutation { createApiKey(input: { name: "k", scopes: [EVENTS_PUBLISH], organizationId: "small" }) {
    secret userErrors { message } } }`;
  const { secret: apiKey } = (await run(key)).createApiKey;
  const publish = () =>
    postGraphql(service.origin, { query: PUBLISH, variables: { eventType: 'user.created' } }, { apiKey });
  await publish();
  expect((await publish()).body.errors).toMatchObject([
    { extensions: { code: 'RATE_LIMITED', limitOf: 'ORGANIZATION' }, message: expect.stringContaining('organization') },
  ]);
}, 300_000);

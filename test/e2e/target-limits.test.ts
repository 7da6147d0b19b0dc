/** A limit of a target over three worker processes, of which the one that sends is killed. */
import { expect, test } from 'vitest';
import { createDatabaseUrl } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { startService, type Service } from '../support/service.ts';

const CREATE_LIMITED = `mutation ($url: String!) {
  createWebhookTarget(input: { url: $url, rateLimitPerSecond: 10 }) { target { id } userErrors { message } }
}`;
const PUBLISH_MANY = `mutation ($events: [PublishEventInput!]!) {
  publishEvents(input: { events: $events }) { userErrors { message } }
}`;
const SECOND_MS = 1_000;
/** From one look to the next. */
const LOOK = { timeout: 30_000, interval: 50 };

const attemptsOf = ({ logs }: Service) => logs.filter(({ msg }) => msg === 'delivery.attempted').length;

test('10 a second are never more over three worker processes, also when the one that sends is killed', async () => {
  const DATABASE_URL = await createDatabaseUrl();
  await using receiver = await startReceiver();
  await using api = await startService({ DATABASE_URL, ROLES: 'api' });
  const start = () => startService({ DATABASE_URL, ROLES: 'worker' });
  await using one = await start();
  await using two = await start();
  await using three = await start();
  await api.api(CREATE_LIMITED, { url: receiver.url });
  const events = Array.from({ length: 100 }, (_, index) => ({ eventType: 'user.created', data: { index } }));
  await api.api(PUBLISH_MANY, { events });

  const arrived = (atLeast: number) =>
    expect.poll(() => receiver.requests.length, LOOK).toBeGreaterThanOrEqual(atLeast);
  await arrived(20);
  const [holder, ...others] = [one, two, three].sort((first, second) => attemptsOf(second) - attemptsOf(first));
  expect(others.map(attemptsOf)).toEqual([0, 0]);
  const killedAt = Date.now();
  await holder!.kill('SIGKILL');
  const before = receiver.requests.length;
  await arrived(before + 1);
  const takeoverMs = receiver.requests[before]!.receivedAt.getTime() - killedAt;
  await arrived(before + 25);
  await others[0]!.kill('SIGTERM'); // Of the two that are left, it may have the lease.
  await arrived(before + 40);

  expect(takeoverMs).toBeLessThan(10_000);
  const arrivals = receiver.requests.map(({ receivedAt }) => receivedAt.getTime());
  const inSecondFrom = (fromMs: number) =>
    arrivals.filter((atMs) => atMs >= fromMs && atMs < fromMs + SECOND_MS).length;
  // On a busy machine requests that were sent apart may arrive together, a few at a time; three limits would be 30.
  expect(Math.max(...arrivals.map(inSecondFrom))).toBeLessThanOrEqual(13);
  const sentInSeconds = Map.groupBy(receiver.requests, ({ headers }) => String(headers['x-webhook-timestamp']));
  expect(Math.max(...[...sentInSeconds.values()].map(({ length }) => length))).toBeLessThanOrEqual(11);
}, 120_000);

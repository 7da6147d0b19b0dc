/** A limit of a target over three worker processes, of which the one that sends is killed. */
import { expect, test } from 'vitest';
import { createDatabaseUrl } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { startService, type Service } from '../support/service.ts';
import { openSql } from '../support/sql.ts';

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
  const killed = holder!.kill('SIGKILL');
  const killedAt = Date.now();
  await killed;
  const before = receiver.requests.length;
  await arrived(before + 25);
  await others[0]!.kill('SIGTERM'); // Of the two that are left, it may have the lease.
  await arrived(before + 40);

  // By the clock of the workers: on a busy machine, requests that were sent apart may be seen together here, and late.
  await using sql = await openSql(DATABASE_URL);
  const { rows } = await sql.query<{ started_at: Date }>(
    'select started_at from delivery_attempts order by started_at',
  );
  const startedMs = rows.map(({ started_at }) => started_at.getTime());
  expect(startedMs.find((atMs) => atMs > killedAt)! - killedAt).toBeLessThan(10_000);
  const inSecondFrom = (fromMs: number) =>
    startedMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + SECOND_MS).length;
  // A few may be late; three limits would be 30.
  expect(Math.max(...startedMs.map(inSecondFrom))).toBeLessThanOrEqual(13);
  const sentInSeconds = Map.groupBy(receiver.requests, ({ headers }) => String(headers['x-webhook-timestamp']));
  expect(Math.max(...[...sentInSeconds.values()].map(({ length }) => length))).toBeLessThanOrEqual(11);
}, 120_000);

/** The live stream on the stock server: over both transports, through ended connections, from one process to another. */
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { recordDeliveryChanges } from '../../src/live/changes/delivery-changes.ts';
import { requireHistory } from '../fault/stage/check.ts';
import { startPublishers } from '../fault/stage/publishers.ts';
import { startSubscribers } from '../fault/stage/subscribers.ts';
import { createPlaceOf } from '../support/cursors.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { databaseOf } from '../support/postgres/database-url.ts';
import { createFixtures } from '../support/fixtures.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, startService, type CreatedTarget } from '../support/service.ts';
import { openSql } from '../support/sql.ts';
import { administer } from './databases.ts';

const EVENTS = 150;
const OPEN = `select from deliveries where status in ('PENDING', 'RETRYING') and id <> $1`;
const HISTORY = `select xid || '.' || seq as place from delivery_changes order by xid, seq`;
const CONNECTIONS = `pg_stat_activity where datname = current_database() and application_name like 'hookcast%'`;
const TERMINATE = `select pg_terminate_backend(pid) from ${CONNECTIONS}`;

async function setup() {
  const DATABASE_URL = await createDatabaseUrl();
  const stack = new AsyncDisposableStack();
  const one = stack.use(await startService({ DATABASE_URL }));
  const two = stack.use(await startService({ DATABASE_URL, ROLES: 'api' }));
  const receiver = stack.use(await startReceiver());
  const sql = stack.use(await openSql(DATABASE_URL));
  const { createWebhookTarget } = await one.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
  const targetId = createWebhookTarget.target.id;
  const organizationId: string = (await sql.query('select organization_id as id from webhook_targets')).rows[0].id;
  const fixtures = createFixtures({ database: { pool: sql }, clock: systemClock });
  const { id: lastId } = await fixtures.delivery({ organizationId, targetId });
  const { deliveryStreamCursor } = await one.api<{ deliveryStreamCursor: string }>('{ deliveryStreamCursor }');
  return {
    sql,
    lastId,
    origins: [one.origin, two.origin],
    cursor: deliveryStreamCursor,
    placeOf: await createPlaceOf(sql, organizationId),
    countConnections: async () => (await administer(databaseOf(DATABASE_URL), `select from ${CONNECTIONS}`)).rowCount,
    endConnections: () => administer(databaseOf(DATABASE_URL), TERMINATE),
    async endStreams() {
      const ids = { organizationId, targetId, deliveryId: lastId, eventId: targetId };
      const change = { ...ids, eventType: 'user.created', previousStatus: null, status: 'PENDING' } as const;
      await recordDeliveryChanges(sql, [{ ...change, attemptNumber: null, occurredAt: systemClock.now() }]);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('subscribers see the history of the table, in order and nothing twice, while connections are ended', async () => {
  await using t = await setup();
  const { origins, cursor, lastId, placeOf } = t;
  const subscribers = startSubscribers({ origins, cursor, lastId, placeOf, stayFor: 50 });
  const eventTypes = ['user.created'];
  const publishers = startPublishers({ origins, publishers: 4, events: EVENTS, eventTypes, everyMs: 10 });
  for (const share of [1, 2]) {
    await publishers.count.reached((share * EVENTS) / 3);
    await expect.poll(t.countConnections).toBeGreaterThan(2); // Those that were ended are back.
    expect((await t.endConnections()).rowCount).toBeGreaterThan(2);
  }
  await publishers.finished;
  await expect.poll(async () => (await t.sql.query(OPEN, [lastId])).rowCount, { timeout: 30_000 }).toBe(0);
  await t.endStreams();
  await Promise.all(subscribers.map(({ finished }) => finished));

  const places = (await t.sql.query<{ place: string }>(HISTORY)).rows.map(({ place }) => place);
  const history = places.slice(places.indexOf(placeOf(cursor)) + 1);
  expect(history.length).toBe(2 * EVENTS + 1);
  for (const { name, seen } of subscribers) requireHistory(name, seen, history);
}, 90_000);

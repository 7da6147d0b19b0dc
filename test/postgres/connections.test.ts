/** How many connections a process holds: what operators are told, so that `max_connections` can be set by it. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { createDatabaseUrl } from '../support/database.ts';
import { readDocument } from '../support/documents.ts';
import { databaseOf } from '../support/postgres/database-url.ts';
import { startReceiver } from '../support/receiver.ts';
import { CREATE_TARGET, PUBLISH, startService } from '../support/service.ts';
import { openSql } from '../support/sql.ts';

const BUSY_MS = 5_000;
const LISTS =
  '{ events(first: 20) { nodes { id } } deliveries(first: 20) { nodes { id attempts { nodes { number } } } } }';

test('a busy process with default settings holds no more connections than operators are told', async () => {
  const DATABASE_URL = await createDatabaseUrl();
  await using service = await startService({ DATABASE_URL });
  await using receiver = await startReceiver();
  await using admin = await openSql(inject('adminUrl'));
  await service.api(CREATE_TARGET, { url: receiver.url });
  const endMs = performance.now() + BUSY_MS;
  const repeat = async (work: () => Promise<unknown>) => {
    while (performance.now() < endMs) await work();
  };
  let most = 0;
  const count = async () => {
    const { rows } = await admin.query('select count(*)::int as count from pg_stat_activity where datname = $1', [
      databaseOf(DATABASE_URL),
    ]);
    most = Math.max(most, rows[0].count);
    await delay(20);
  };
  const publish = () => service.api(PUBLISH, { type: 'user.created', data: {} });
  const read = () => service.api(LISTS);
  const busy = Array.from({ length: 24 }, (_, nth) => repeat(nth % 2 ? publish : read));
  await Promise.all([...busy, repeat(count)]);
  const document = await readDocument('src/app/README.md');
  const counted = Number(/^\| `DATABASE_CONNECTIONS` \| (\d+) \|/m.exec(document)?.[1]);
  const growing = await readDocument('src/app/GROWING.md');
  expect(growing).toContain(`${counted} by default. Ten processes fit`);
  expect(10 * counted).toBeLessThanOrEqual(100 - 3); // Three of the default are kept for superusers.
  expect(most).toBeGreaterThan(2);
  expect(most).toBeLessThanOrEqual(counted);
}, 60_000);

import { expect, test } from 'vitest';
import { recordDeliveryChanges } from '../../../src/live/changes/delivery-changes.ts';
import { newChange, openTransaction } from '../../support/changes.ts';
import { createTestDatabase } from '../../support/database.ts';

const day = (day: number) => new Date(Date.UTC(2026, 0, day));

test('changes are appended in the order given, with all their fields', async () => {
  await using database = await createTestDatabase();
  const created = newChange({ deliveryId: 'd1', previousStatus: null, status: 'PENDING', attemptNumber: null });
  const failed = newChange({ deliveryId: 'd1', previousStatus: 'PENDING', status: 'RETRYING', eventType: 'a.b' });
  const other = newChange({ organizationId: 'o2', targetId: 't2', eventId: 'e2', occurredAt: day(3) });
  await recordDeliveryChanges(database.pool, [created, failed, other]);
  const { rows } = await database.pool.query(
    `select organization_id as "organizationId", delivery_id as "deliveryId", target_id as "targetId",
       event_id as "eventId", event_type as "eventType", previous_status as "previousStatus", status,
       attempt_number as "attemptNumber", occurred_at as "occurredAt" from delivery_changes order by seq`,
  );
  expect(rows).toEqual([created, failed, other]);
});

test('changes of one transaction share its id; those of one rolled back are not there', async () => {
  await using database = await createTestDatabase();
  await database.transaction(async (tx) => {
    await recordDeliveryChanges(tx, [newChange()]);
    await recordDeliveryChanges(tx, [newChange(), newChange()]);
  });
  await using open = await openTransaction(database.pool, newChange());
  await open.rollback();
  const { rows } = await database.pool.query(
    'select count(distinct xid)::int as ids, count(*)::int from delivery_changes',
  );
  expect(rows).toEqual([{ ids: 1, count: 3 }]);
});

test('recording no change asks nothing of Postgres', async () => {
  await recordDeliveryChanges({ query: () => expect.unreachable() } as never, []);
});

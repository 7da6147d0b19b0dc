/** How a publish to many targets is written. */
import { expect, test } from 'vitest';
import type { Statement } from '../../../src/database/statement.ts';
import type { Pieces } from '../../../src/database/transaction.ts';
import { publicationStatements } from '../../../src/pipeline/publish/write.ts';
import { createPipeline } from '../../support/pipeline.ts';

async function setup(count: number) {
  const t = await createPipeline();
  const target = await t.fixtures.target({ organizationId: t.organizationId });
  const createdAt = t.clock.now();
  const event = {
    id: t.ids.next(),
    organizationId: t.organizationId,
    eventType: 'user.created',
    customerId: null,
    idempotencyKey: null,
    orderingKey: null,
    body: '{}',
    createdAt,
    filteredCount: null,
  };
  const deliveries = Array.from({ length: count }, (_, nth) => ({
    id: t.ids.next(),
    eventId: event.id,
    targetId: target.id,
    jobId: nth % 10 === 0 ? null : t.clock.uuid(), // Every tenth is held.
    isTaken: nth % 10 === 1,
    dueAt: createdAt,
    priority: nth,
    chain: null,
  }));
  const more: Statement[] = [{ name: 'insert_setting', text: `insert into settings values ('more', 'x')`, values: [] }];
  const options = { maxAttempts: 10, queue: t.queue, more };
  const statements = await publicationStatements({ events: [event], deliveries }, options);
  return { ...t, deliveries, statements, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

test.each([1_000, 1_001, 2_300])(
  '%i deliveries are written with their changes and jobs, in one transaction',
  async (count) => {
    await using t = await setup(count);
    await t.database.transact(t.statements);
    const [written] = await t.rows(`
    select count(*)::int as deliveries, count(distinct xmin::text)::int as transactions,
      count(*) filter (where held)::int as held, bool_and(max_attempts = 10 and event_type = 'user.created') as copied,
      (select count(*)::int from delivery_changes) as changes, (select count(*)::int from settings where name = 'more') as more,
      (select count(*)::int from pgboss.job_common j join deliveries d on d.job_id = j.id) as jobs
    from deliveries`);
    const held = Math.ceil(count / 10);
    const expected = {
      deliveries: count,
      transactions: 1,
      held,
      copied: true,
      changes: count,
      more: 1,
      jobs: count - held,
    };
    expect(written).toEqual(expected);
    const order = await t.rows('select delivery_id as id from delivery_changes order by xid, seq');
    expect(order).toEqual(t.deliveries.map(({ id }) => ({ id })));
  },
);

test('up to 1,000 deliveries are sent at once; of more, each piece has at most 1,000', async () => {
  await using few = await setup(1_000);
  expect(Array.isArray(few.statements)).toBe(true);
  await using many = await setup(2_300);
  const sizes: number[] = [];
  for await (const piece of many.statements as Pieces) {
    for (const { name, values } of piece) if (name === 'insert_deliveries') sizes.push((values[0] as unknown[]).length);
  }
  expect(sizes).toEqual([1_000, 1_000, 300]);
});

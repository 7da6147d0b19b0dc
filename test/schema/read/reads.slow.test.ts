import { expect, test } from 'vitest';
import { createApi } from '../../support/api.ts';

async function setup({ readTimeoutMs = 200 } = {}) {
  const api = await createApi({ readTimeoutMs });
  const { id: organizationId } = await api.fixtures.organization();
  await api.fixtures.eventType({ name: 'customer.created' });
  const member = await api.caller(organizationId);
  /** Makes every statement on the table wait until `open`, as one that searches for long would. */
  const lock = async (table: string) => {
    const tx = await api.database.pool.connect();
    await tx.query(`begin; lock table ${table} in access exclusive mode`);
    return async () => {
      await tx.query('commit');
      tx.release();
    };
  };
  return { ...api, member, organizationId, lock, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

const LISTS = [
  ['deliveries', '{ deliveries { nodes { id } } }'],
  ['deliveries', '{ deliveries { totalCount } }'],
  ['events', '{ events(filter: { customerId: "nobody" }) { nodes { id } } }'],
  ['webhook_targets', '{ webhookTargets { nodes { id } } }'],
  ['api_keys', '{ node(id: "000000000000000000000000000") { id } }'],
] as const;

test.each(LISTS)(
  'a slow read of %s ends with what helps, and its connection serves the next: %s',
  async (table, document) => {
    await using t = await setup({ readTimeoutMs: 2_000 }); // Once the table is open, the same list has enough time.
    const open = await t.lock(table);
    const { errors } = await t.execute(document, {}, t.member);
    expect(errors).toMatchObject([
      { code: 'QUERY_TOO_COMPLEX', message: expect.stringContaining('Ask for less: a range of createdAt') },
    ]);
    const { rows } = await t.database.pool.query(
      "select 1 from pg_stat_activity where datname = current_database() and state = 'active' and wait_event_type = 'Lock'",
    );
    expect(rows).toEqual([]);
    await open();
    expect((await t.execute(document, {}, t.member)).errors).toEqual([]);
  },
);

test.each([
  ['page', '{ deliveries { nodes { id } } }', '{ events { nodes { id } } }'],
  ['count', '{ deliveries { totalCount } }', '{ events { totalCount } }'],
])('a slow list does not delay a fast one that is read together with it: %s', async (_, slow, fast) => {
  await using t = await setup({ readTimeoutMs: 5_000 });
  await t.fixtures.event({ organizationId: t.organizationId });
  const open = await t.lock('deliveries');
  const begun = [slow, fast].map((document) => t.execute(document, {}, t.member));
  expect((await begun[1]!).errors).toEqual([]);
  await open(); // Only now can the slow one be answered: it has not failed meanwhile.
  expect((await begun[0]!).errors).toEqual([]);
});

test('a publish waits for longer than a read may, and slow reads leave it its connections', async () => {
  await using t = await setup();
  const open = await t.lock('deliveries');
  // Pages of different sizes are statements of their own: more than there are connections for reading.
  const list = (size: number) => t.execute(`{ deliveries(first: ${size}) { nodes { id } } }`, {}, t.member);
  const lists = Array.from({ length: 20 }, (_, index) => list(index + 1));
  await t.fixtures.target({ organizationId: t.organizationId });
  const publish = 'mutation { publishEvent(input: { eventType: "customer.created", data: 1 }) { deliveryCount } }';
  const published = t.execute(publish, {}, t.member);
  for (const { errors } of await Promise.all(lists)) expect(errors).toMatchObject([{ code: 'QUERY_TOO_COMPLEX' }]);
  await open();
  expect(await published).toMatchObject({ data: { publishEvent: { deliveryCount: 1 } }, errors: [] });
});

test('the connections that clients read with cannot write', async () => {
  await using t = await setup();
  const writing = t.database.reads.query("insert into settings (name, value) values ('a', 'b')");
  await expect(writing).rejects.toThrow('read-only transaction');
});

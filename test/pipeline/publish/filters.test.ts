/** Payload filters at fan-out: who gets an event, who does not, what is counted, and what a publish reads. */
import { expect, test } from 'vitest';
import { filterVersion } from '../../../src/domain/filter/filter-version.ts';
import type { PayloadFilter } from '../../../src/domain/filter/payload-filter.ts';
import type { SubscribedTarget } from '../../../src/pipeline/publish/subscribed-targets.ts';
import { createFilters } from '../../../src/pipeline/publish/filters.ts';
import { createPipeline } from '../../support/pipeline.ts';
import { TESTER } from '../../support/tester.ts';

const amount = (test: object): PayloadFilter => ({ where: { path: ['data', 'amount'], ...test } });
const OVER_THOUSAND = amount({ greaterThan: '1000' });

async function setup() {
  const t = await createPipeline();
  const caller = { organizationId: t.organizationId, isPlatformAdmin: false };
  const texts: string[] = [];
  const query = t.database.pool.query.bind(t.database.pool) as (...args: unknown[]) => unknown;
  Object.assign(t.database.pool, {
    query(...args: unknown[]) {
      texts.push((args[0] as { name?: string }).name ?? '');
      return query(...args);
    },
  });
  return {
    ...t,
    caller,
    /** How many statements have read filters. */
    reads: () => texts.filter((name) => name === 'find_filters').length,
    target: async (filter: PayloadFilter | null, more: object = {}) =>
      (await t.fixtures.target({ organizationId: t.organizationId, filter, ...more })).id,
    async publish(input: object = {}) {
      const result = await t.publisher.publish(caller, { eventType: 'user.created', data: { amount: 5 }, ...input });
      if (!result.ok) throw new Error(JSON.stringify(result.userErrors));
      return result.value;
    },
    receivers: async (eventId: string) =>
      (
        (await query('select target_id from deliveries where event_id = $1 order by target_id', [eventId])) as any
      ).rows.map((row: { target_id: string }) => row.target_id) as string[],
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}

test('an event becomes a delivery only for targets whose filter its body satisfies', async () => {
  await using t = await setup();
  const all = await t.target(null);
  const over = await t.target(OVER_THOUSAND);
  const root = await t.target({ where: { path: ['event'], equals: 'user.created' } });
  const global = await t.target({ not: OVER_THOUSAND }, { global: true });

  const small = await t.publish({ data: { amount: 5 } });
  expect(await t.receivers(small.eventId)).toEqual([all, root, global]);
  expect(small).toMatchObject({ deliveryCount: 3, filteredCount: 1 });
  const large = await t.publish({ data: { amount: '1000.00000000000000000001' } });
  expect(await t.receivers(large.eventId)).toEqual([all, over, root]);
  expect(large).toMatchObject({ deliveryCount: 3, filteredCount: 1 });
});

test('rawData numbers of 30 digits, and 1e400, are compared exactly', async () => {
  await using t = await setup();
  const filter = amount({ greaterThan: '999999999999999999999999999999' });
  await t.target(filter);
  const publish = (number: string) => t.publish({ data: undefined, rawData: `{"amount":${number}}` });
  expect(await publish('999999999999999999999999999999')).toMatchObject({ deliveryCount: 0, filteredCount: 1 });
  expect(await publish('999999999999999999999999999999.1')).toMatchObject({ deliveryCount: 1, filteredCount: 0 });
  expect(await publish('1e400')).toMatchObject({ deliveryCount: 1, filteredCount: 0 });
});

test('filteredCount counts only targets that are subscribed and receive', async () => {
  await using t = await setup();
  const never: PayloadFilter = { any: [] };
  await t.fixtures.eventType({ name: 'user.deleted' });
  await t.target(never, { eventTypes: ['user.deleted'] });
  await t.target(never, { customerIds: ['someone'] });
  await t.target(never, { status: 'DISABLED' });
  await t.target(never, { deletedAt: t.clock.now() });
  await t.target(never, { status: 'PAUSED' });
  expect(await t.publish()).toMatchObject({ deliveryCount: 0, filteredCount: 1 });
});

test('publishEvents adds the counts up, each event by its own body', async () => {
  await using t = await setup();
  await t.target(OVER_THOUSAND);
  await t.target(null);
  const eventOf = (n: number) => ({ eventType: 'user.created', data: { amount: n }, idempotencyKey: `${n}` });
  const result = await t.publisher.publishMany(t.caller, [5, 5000, 5].map(eventOf)); // The third repeats the first.
  expect(result).toMatchObject({ ok: true, value: { deliveryCount: 3, filteredCount: 1 } });
});

test('a repeat with the same idempotencyKey answers with the counts of the first, whatever the filters are now', async () => {
  await using t = await setup();
  const target = await t.target(OVER_THOUSAND);
  const first = await t.publish({ idempotencyKey: 'once' });
  expect(first).toMatchObject({ deliveryCount: 0, filteredCount: 1 });
  await t.targets.update({ ...TESTER, ...t.caller }, { id: target, filter: null });
  expect(await t.publish({ idempotencyKey: 'once' })).toEqual(first);
  expect(await t.publish({ idempotencyKey: 'twice' })).toMatchObject({ deliveryCount: 1, filteredCount: 0 });
});

test('sendTestEvent asks no filter', async () => {
  await using t = await setup();
  const targetId = await t.target({ any: [] });
  expect(await t.publisher.sendTest(t.caller, { targetId })).toMatchObject({ ok: true });
});

test('a publish reads the text only of filters that are not compiled yet, and equal filters are one', async () => {
  await using t = await setup();
  for (let n = 0; n < 3; n++) await t.target(OVER_THOUSAND);
  await t.publish();
  expect(t.reads()).toBe(1);
  await t.target(OVER_THOUSAND);
  await t.publish();
  expect(t.reads()).toBe(1);
  await t.target(amount({ lessThan: '6' }));
  expect(await t.publish()).toMatchObject({ deliveryCount: 1, filteredCount: 4 });
  expect(t.reads()).toBe(2);
});

test('with no filter in use, a publish reads none', async () => {
  await using t = await setup();
  await t.target(null);
  expect(await t.publish()).toMatchObject({ deliveryCount: 1, filteredCount: 0 });
  expect(t.reads()).toBe(0);
});

test('a filter counts from the first event that is published after its change', async () => {
  await using t = await setup();
  const id = await t.target(null);
  const update = (filter: PayloadFilter | null) => t.targets.update({ ...TESTER, ...t.caller }, { id, filter });
  expect(await t.publish()).toMatchObject({ deliveryCount: 1 });
  await update(OVER_THOUSAND);
  expect(await t.publish()).toMatchObject({ deliveryCount: 0, filteredCount: 1 });
  await update(amount({ atMost: '5' }));
  expect(await t.publish()).toMatchObject({ deliveryCount: 1, filteredCount: 0 });
  await update(null);
  expect(await t.publish()).toMatchObject({ deliveryCount: 1, filteredCount: 0 });
});

test('a filter that is changed while it is read counts as it is then, with the lists of the same moment', async () => {
  await using t = await setup();
  await t.fixtures.eventType({ name: 'user.deleted' });
  const filters = createFilters(t.database.pool, t.clock);
  const event = { eventType: 'user.created', customerId: null, body: '{"data":{"amount":5}}' };
  const stale = async (id: string): Promise<SubscribedTarget> => ({
    ...{ id, organizationId: t.organizationId, paused: false, global: false, eventTypes: [], customerIds: [] },
    filterVersion: t.clock.uuid(),
    ...{ ordering: 'NONE', orderVersion: null },
    address: { url: 'https://example.com', sealedSecrets: [], headersVersion: null, certificateVersion: null },
  });
  const open = await stale(await t.target(null));
  const closed = await stale(await t.target(OVER_THOUSAND));
  const elsewhere = await stale(await t.target(null, { eventTypes: ['user.deleted'] }));
  const disabled = await stale(await t.target(null, { status: 'DISABLED' }));
  const { receivers, filteredCount } = await filters.keep([open, closed, elsewhere, disabled], event);
  expect(receivers).toEqual([{ ...open, filterVersion: null, address: null }]);
  expect(filteredCount).toBe(1);
});

test('others have their turns while the filters of 10,000 targets are asked', async () => {
  await using t = await setup();
  const text = JSON.stringify(OVER_THOUSAND);
  await t.database.pool.query(
    `insert into webhook_targets (id, organization_id, url, global, event_types, customer_ids, status, filter,
       filter_version, created_at, updated_at)
     select lpad(n::text, 27, '0'), $1, 'https://example.com', false, '{}', '{}', 'ACTIVE', $2, $3, now(), now()
       from generate_series(1, 10000) n`,
    [t.organizationId, text, filterVersion(text)],
  );
  await t.publish();
  let turns = 0;
  const turn = () => void (turns++, (next = setImmediate(turn)));
  let next = setImmediate(turn);
  expect(await t.publish()).toMatchObject({ deliveryCount: 0, filteredCount: 10_000 });
  clearImmediate(next);
  expect(turns).toBeGreaterThanOrEqual(39);
});

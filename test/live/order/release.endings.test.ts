/** Nothing can be orphaned: every statement that ends or deletes a delivery is named here, with what becomes of its chain. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { setup as setupOrder, type Ordering } from '../../pipeline/order-setup.ts';
import { createErasing } from '../../pipeline/erasure/setup.ts';

const SRC = new URL('../../../src/', import.meta.url);

/** Statements that set the status of a delivery to something that may be an end, or delete the row. */
const ENDS = /update deliveries\b[^`;]*(?<!\.)\bstatus = (?!'RETRYING')|delete from deliveries\b/;

/** The files that have one, and who releases the next delivery. */
const RELEASED_BY: Readonly<Record<string, string>> = {
  'live/delivery-rows.ts': 'cancelLocked itself: cancelDelivery, cancelDeliveries, a deleted target, an erasure',
  'pipeline/deliver/settle/settle-sql.ts': 'settle-ordered.ts, the last statement of the transaction',
  'pipeline/deliver/settle/settle-overlapped.ts': 'the same transaction',
  'pipeline/erasure/delete-organization.ts': 'erase-events.ts has cancelled them, in the same step',
  'pipeline/upkeep/retain.ts': 'nobody: it deletes only what has left its chain',
};

test('every statement that ends or deletes a delivery is known, and who releases the next one', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const found = files.filter((name) => ENDS.test(readFileSync(new URL(name, SRC), 'utf8')));
  expect(found.toSorted()).toEqual(Object.keys(RELEASED_BY).toSorted());
});

async function setup(order: Ordering = {}, maxAttempts = 10) {
  const t = await setupOrder(order, { maxAttempts, onSettleError: () => {} });
  const bad = ({ body }: { body: Buffer }) => (String(body).includes('"head"') ? 500 : 200);
  const chain = await t.publishInTurn(['head', 'next', 'last']);
  return { ...t, bad, chain, head: chain[0]!, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

type Chain = Awaited<ReturnType<typeof setup>>;
type Ending = {
  readonly order?: Ordering;
  readonly maxAttempts?: number;
  readonly end: (t: Chain) => Promise<unknown>;
  readonly head: string;
};

const eventOf = async (t: Chain) => (await t.delivery(t.head)).event_id as string;
const erase = async (t: Chain) => createErasing(t).erase({ eventId: await eventOf(t) });
const fail = async (t: Chain) => {
  t.receiver.respondWith(t.bad);
  await t.runDue();
};

const ENDINGS: Readonly<Record<string, Ending>> = {
  'a success': { end: (t) => t.runDue(), head: 'DELIVERED' },
  'the last failure under SKIP': { order: { afterFailure: 'SKIP' }, maxAttempts: 1, end: fail, head: 'FAILED' },
  'a response that PostgreSQL refuses': {
    async end(t) {
      await t.rows(`alter table delivery_attempts add check (response_body not like '%poison%')`);
      t.receiver.respondWith(({ body }) => ({ status: 200, body: String(body).includes('"head"') ? 'poison' : '' }));
      await t.runDue();
    },
    head: 'DELIVERED',
  },
  'an answer to a worker that was taken for dead': {
    async end(t) {
      const requests = t.holdRequests();
      t.worker.dispatcher.wake();
      await t.receiver.next();
      await t.rows('update deliveries set job_id = gen_random_uuid() where id = $1', [t.head]); // Another one was to send it.
      requests.letGo(200);
      await t.worker.dispatcher.idle();
    },
    head: 'DELIVERED',
  },
  'a claim whose event was erased': {
    async end(t) {
      await t.rows(`update events set body = '', erased_at = now() where id = $1`, [await eventOf(t)]);
      await t.runDue();
    },
    head: 'CANCELLED',
  },
  cancelDelivery: { end: (t) => t.deliveries.cancel(t.caller, { id: t.head }), head: 'CANCELLED' },
  'cancelDelivery of a FAILED head under HOLD': {
    order: { afterFailure: 'HOLD' },
    maxAttempts: 1,
    async end(t) {
      await fail(t);
      await t.deliveries.cancel(t.caller, { id: t.head });
    },
    head: 'CANCELLED',
  },
  cancelDeliveries: {
    end: async (t) => t.deliveries.cancelMany(t.caller, { eventId: await eventOf(t) }),
    head: 'CANCELLED',
  },
  'a retry of a FAILED head under HOLD': {
    order: { afterFailure: 'HOLD' },
    maxAttempts: 1,
    async end(t) {
      await fail(t);
      t.receiver.respondWith(200);
      await t.deliveries.retry(t.caller, { id: t.head });
      await t.runDue();
    },
    head: 'DELIVERED',
  },
  'the erasure of an open head': { end: erase, head: 'CANCELLED' },
  'the erasure of a FAILED head under HOLD': {
    order: { afterFailure: 'HOLD' },
    maxAttempts: 1,
    async end(t) {
      await fail(t);
      await erase(t);
    },
    head: 'CANCELLED',
  },
};

test.each(Object.entries(ENDINGS))('%s ends the head, and the next one goes out', async (_, ending) => {
  await using t = await setup(ending.order, ending.maxAttempts);
  await ending.end(t);
  expect(await t.orphans()).toEqual([]);
  await t.runDue();
  expect(await t.states(t.chain)).toEqual([ending.head, 'DELIVERED', 'DELIVERED']);
  expect(t.received().filter((name) => name !== 'head')).toEqual(['next', 'last']);
  expect(await t.rows('select from ordered_deliveries')).toEqual([]);
});

test('a target that is disabled by the failure of its head holds the next one, and goes on in order', async () => {
  await using t = await setupOrder({}, { maxAttempts: 1, disable: { afterMs: 0, afterFailures: 1 } }, 500);
  const ids = await t.publishInTurn(['a', 'b', 'c']);
  await t.runDue();
  expect(await t.states(ids)).toEqual(['FAILED', 'PENDING held', 'PENDING blocked']);
  t.receiver.respondWith(200);
  await t.setStatus(t.targetId, 'ACTIVE');
  await t.worker.sweeper.run();
  await t.worker.dispatcher.idle();
  expect(t.received()).toEqual(['a', 'b', 'c']);
});

test.each(['deleting its target', 'deleting its organization'])('%s leaves nothing of a chain', async (what) => {
  await using t = await setup({ afterFailure: 'HOLD' }, 1);
  await fail(t);
  expect(await t.states(t.chain)).toEqual(['FAILED', 'PENDING blocked', 'PENDING blocked']);
  if (what === 'deleting its target') await t.targets.remove(t.caller, { id: t.targetId });
  else await createErasing(t).eraseOrganization();
  expect(await t.rows(`select from deliveries where status in ('PENDING', 'RETRYING')`)).toEqual([]);
  expect(await t.orphans()).toEqual([]);
});

test('redeliver, sendTestEvent and a retry of a skipped delivery wait for none, and none waits for them', async () => {
  await using t = await setup({ afterFailure: 'SKIP' }, 1);
  await fail(t);
  expect(await t.states(t.chain)).toEqual(['FAILED', 'DELIVERED', 'DELIVERED']);
  const requests = t.holdRequests();
  const [blocking, blocked] = await t.publishInTurn(['held up', 'behind']);
  t.worker.dispatcher.wake();
  await t.receiver.next(({ body }) => String(body).includes('held up'));
  await t.deliveries.retry(t.caller, { id: t.head });
  await t.deliveries.redeliver(t.caller, { eventId: await eventOf(t), targetId: t.targetId });
  t.worker.dispatcher.wake();
  await t.receiver.next(({ headers }) => headers['x-dakota-delivery-attempt'] === '2');
  expect(await t.states([blocking!, blocked!])).toEqual(['PENDING', 'PENDING blocked']);
  requests.letGo(200);
  await t.worker.dispatcher.idle();
  expect(await t.rows(`select from deliveries where status <> 'DELIVERED'`)).toEqual([]);
});

import { expect, test } from 'vitest';
import type { DeliveryChange } from '../../../src/live/changes/delivery-changes.ts';
import { untilFinal } from '../../support/changes.ts';
import { setup as setupApi } from '../setup.ts';

const CHANGES = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { delivery(id: $id) {
  changes(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { cursor previousStatus status occurredAt attempt { number outcome } delivery { id } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } } }`;
const WATCH = `subscription ($id: ID, $after: String) {
  deliveryStatusChanged(filter: { deliveryId: $id }, after: $after) { cursor status } }`;

type Step = Pick<DeliveryChange, 'previousStatus' | 'status' | 'attemptNumber'>;

const STEPS: readonly Step[] = [
  { previousStatus: null, status: 'PENDING', attemptNumber: null },
  { previousStatus: 'PENDING', status: 'RETRYING', attemptNumber: 1 },
  { previousStatus: 'RETRYING', status: 'RETRYING', attemptNumber: null },
  { previousStatus: 'RETRYING', status: 'RETRYING', attemptNumber: 2 },
  { previousStatus: 'RETRYING', status: 'CANCELLED', attemptNumber: null },
];

async function setup() {
  const t = await setupApi();
  const sent = await t.delivery();
  const neighbour = await t.delivery();
  const changeOf = ({ id, targetId, eventId }: typeof sent, step: Step): DeliveryChange => ({
    organizationId: t.own,
    deliveryId: id,
    targetId,
    eventId,
    eventType: 'transaction.auto.updated',
    occurredAt: t.clock.now(),
    ...step,
  });
  for (const number of [1, 2]) await t.attempt({ deliveryId: sent.id, number, outcome: 'TIMEOUT' });
  return Object.assign(t, {
    sent,
    /** Each in a transaction of its own, beside those of another delivery. */
    commit: async (steps: readonly Step[]) => {
      for (const step of steps) {
        await t.recordChanges(changeOf(neighbour, step), changeOf(sent, step));
        await t.clock.advance(1_000);
      }
    },
    whenFinal: () => untilFinal(t.database),
    async record() {
      await this.commit(STEPS);
      await untilFinal(t.database);
    },
    page: async (args: object = {}, caller = t.member) => {
      const { delivery } = await t.query(CHANGES, { id: sent.id, ...args }, caller);
      return delivery.changes;
    },
  });
}

test('the changes of a delivery are its whole history, oldest first, each with the attempt that caused it', async () => {
  await using t = await setup();
  await t.record();
  const { edges, totalCount } = await t.page();
  expect(totalCount).toBe(5);
  expect(edges.map(({ node }: any) => node)).toEqual(
    STEPS.map(({ previousStatus, status, attemptNumber }, nth) => ({
      cursor: edges[nth].cursor,
      previousStatus,
      status,
      occurredAt: new Date(t.clock.now().getTime() - (5 - nth) * 1_000).toISOString(),
      attempt: attemptNumber && { number: attemptNumber, outcome: 'TIMEOUT' },
      delivery: { id: t.sent.id },
    })),
  );
});

test('pages in both directions give each change once, and say whether there are more', async () => {
  await using t = await setup();
  await t.record();
  const all: string[] = (await t.page()).edges.map(({ cursor }: any) => cursor);
  const first = await t.page({ first: 2 });
  const second = await t.page({ first: 2, after: first.pageInfo.endCursor });
  const third = await t.page({ first: 2, after: second.pageInfo.endCursor });
  expect([first, second, third].flatMap(({ edges }) => edges.map(({ cursor }: any) => cursor))).toEqual(all);
  expect([first, second, third].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, true, false]);
  const last = await t.page({ last: 2 });
  const before = await t.page({ last: 3, before: last.pageInfo.startCursor });
  expect([before, last].flatMap(({ edges }) => edges.map(({ cursor }: any) => cursor))).toEqual(all);
  expect([before, last].map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual([false, true]);
});

test('the cursors are those of the stream: a client that has read a page goes on with deliveryStatusChanged', async () => {
  await using t = await setup();
  const { deliveryStreamCursor: start } = await t.query('{ deliveryStreamCursor }');
  await t.record();
  await using stream = await t.follow(WATCH, { id: t.sent.id, after: start });
  const streamed: { cursor: string }[] = [];
  for (const _ of STEPS) streamed.push((await stream.change()) as never);
  const { edges } = await t.page();
  expect(edges.map(({ cursor }: any) => cursor)).toEqual(streamed.map(({ cursor }) => cursor));

  const page = await t.page({ first: 2 });
  await using rest = await t.follow(WATCH, { id: t.sent.id, after: page.pageInfo.endCursor });
  expect(await rest.change()).toEqual(streamed[2]);
  // And the other way: what came after a change of the stream, and after the place where the stream stood.
  expect((await t.page({ after: streamed[3]!.cursor })).edges).toHaveLength(1);
  expect((await t.page({ after: start })).edges).toHaveLength(5);
});

test('a change that an older transaction may still come before is not told yet, as in the stream', async () => {
  await using t = await setup();
  await t.commit(STEPS.slice(0, 1));
  await t.whenFinal();
  const older = await t.database.pool.connect();
  await older.query('begin');
  await older.query('select pg_current_xact_id()');
  await t.commit(STEPS.slice(1));
  expect((await t.page()).edges).toHaveLength(1);
  await older.query('rollback');
  older.release();
  await t.whenFinal();
  expect((await t.page()).edges).toHaveLength(5);
});

test('what retention has deleted is gone from the history, and its cursors stay good for pages', async () => {
  await using t = await setup();
  await t.record();
  const { edges } = await t.page();
  await t.database.pool.query('delete from delivery_changes where occurred_at < $1', [edges[2].node.occurredAt]);
  expect((await t.page({ after: edges[0].cursor })).edges).toEqual(edges.slice(2));
});

test('a cursor of another organization is CURSOR_EXPIRED, of another list BAD_USER_INPUT; both name the argument', async () => {
  await using t = await setup();
  await t.record();
  const { deliveryStreamCursor: theirs } = await t.query('{ deliveryStreamCursor }', {}, t.stranger);
  const { deliveries } = await t.query('{ deliveries(first: 1) { pageInfo { endCursor } } }');
  for (const argument of ['after', 'before']) {
    for (const [cursor, code] of [
      [theirs, 'CURSOR_EXPIRED'],
      [deliveries.pageInfo.endCursor, 'BAD_USER_INPUT'],
      ['nonsense', 'BAD_USER_INPUT'],
    ]) {
      const { errors } = await t.execute(CHANGES, { id: t.sent.id, [argument]: cursor }, t.member);
      expect(errors).toMatchObject([{ code, extensions: { argument } }]);
    }
  }
});

test('the changes of a page of deliveries are read with one statement', async () => {
  await using t = await setup();
  await t.record();
  t.statements.length = 0;
  const { deliveries } = await t.query('{ deliveries { nodes { id changes { nodes { status } } } } }');
  expect(deliveries.nodes.map(({ changes }: any) => changes.nodes.length)).toEqual([5, 5]);
  expect(t.statements.filter((text) => text.includes('from delivery_changes'))).toHaveLength(1);
});

/** What one operation shows is of one moment: a query, each field of a mutation, and each result of a stream. */
import { expect, test } from 'vitest';
import type { DeliveryStatus } from '../../../src/domain/delivery.ts';
import { recordDeliveryChanges, type DeliveryChange } from '../../../src/live/changes/delivery-changes.ts';
import { INTO_EVENT_CHANGES } from '../../../src/live/changes/event-changes.ts';
import { recordTargetChange } from '../../../src/live/changes/target-changes.ts';
import { OWN_LOCKS } from '../../support/sql.ts';
import { setup } from '../setup.ts';

const DELIVERY = 'status attemptCount attempts(first: 100) { totalCount nodes { outcome } }';

type Shown = {
  readonly status: DeliveryStatus;
  readonly attemptCount: number;
  readonly attempts: { readonly totalCount: number; readonly nodes: readonly { readonly outcome: string }[] };
};

/** Whether count, list and status of a delivery tell the same story: it is RETRYING until an attempt is DELIVERED. */
function contradicts({ status, attemptCount, attempts: { totalCount, nodes } }: Shown): boolean {
  const isDelivered = nodes.at(-1)?.outcome === 'DELIVERED';
  return attemptCount !== totalCount || totalCount !== nodes.length || (status === 'DELIVERED') !== isDelivered;
}

async function setupDelivery() {
  const t = await setup();
  const { database, clock } = t;
  const { id, targetId, eventId } = await t.delivery();
  const change = (options: Partial<DeliveryChange>): DeliveryChange => ({
    organizationId: t.own,
    deliveryId: id,
    targetId,
    eventId,
    eventType: 'transaction.auto.updated',
    previousStatus: null,
    status: 'PENDING',
    attemptNumber: null,
    occurredAt: clock.now(),
    ...options,
  });

  /** One attempt, recorded as a worker does it: in one transaction. */
  async function attempt(number: number, status: DeliveryStatus): Promise<void> {
    await database.transaction(async (tx) => {
      await tx.query('update deliveries set status = $2, attempt_count = $3 where id = $1', [id, status, number]);
      await tx.query(
        `insert into delivery_attempts (delivery_id, number, trigger, outcome, duration_ms, started_at)
         values ($1, $2, 'SCHEDULE', $3, 12, $4)`,
        [id, number, status === 'DELIVERED' ? 'DELIVERED' : 'HTTP_ERROR', clock.now()],
      );
      await recordDeliveryChanges(tx, [change({ previousStatus: 'RETRYING', status, attemptNumber: number })]);
    });
    await t.recordChanges(); // Rings.
  }

  /** Makes every statement on the tables wait until the transaction ends that it returns. */
  async function lock(table: string, ...others: readonly string[]) {
    const tx = await database.pool.connect();
    await tx.query(`begin; lock table ${[table, ...others].join()} in access exclusive mode`);
    return {
      tx,
      /** Resolves when a statement waits for the first table. */
      waitedFor: () => expect.poll(() => waiting(table), { timeout: 20_000, interval: 5 }).toBeGreaterThan(0),
      async open() {
        await tx.query('commit');
        tx.release();
      },
    };
  }
  const waiting = async (table: string): Promise<number> => {
    const { rows } = await database.pool.query(
      `select count(*)::int as count from ${OWN_LOCKS} where not granted and relation = $1::regclass`,
      [table],
    );
    return rows[0].count;
  };
  return Object.assign(t, { id, targetId, attempt, change, lock });
}

test('no answer about a delivery contradicts itself while it is being delivered', async () => {
  await using t = await setupDelivery();
  let isDone = false;
  let answered = Promise.withResolvers<void>();
  const answers: Shown[] = [];
  const read = async () => {
    while (!isDone) {
      answers.push((await t.query(`{ delivery(id: "${t.id}") { ${DELIVERY} } }`)).delivery);
      answered.resolve();
    }
  };
  await t.attempt(1, 'RETRYING');
  const readers = Array.from({ length: 4 }, read);
  for (let number = 2; number <= 99; number++) {
    answered = Promise.withResolvers();
    await t.attempt(number, number === 99 ? 'DELIVERED' : 'RETRYING');
    await answered.promise; // So the readers keep up, however slow they are.
  }
  isDone = true;
  await Promise.all(readers);
  expect(answers.filter(contradicts)).toEqual([]);
  expect(new Set(answers.map(({ attemptCount }) => attemptCount)).size).toBeGreaterThan(10);
});

test('each result of a stream is of one snapshot, which is not older than its change', async () => {
  await using t = await setupDelivery();
  const document = `subscription ($after: String) { deliveryStatusChanged(after: $after) {
    attempt { number } delivery { ${DELIVERY} } } }`;
  const { deliveryStreamCursor: after } = await t.query('{ deliveryStreamCursor }');
  await using stream = await t.follow<any, object>(document, { after });
  const LAST = 99;
  const writing = (async () => {
    for (let number = 1; number <= LAST; number++) await t.attempt(number, number === LAST ? 'DELIVERED' : 'RETRYING');
  })();
  for (let number = 1; number <= LAST; number++) {
    const { attempt, delivery } = await stream.change();
    expect(attempt).toEqual({ number });
    expect(delivery.attemptCount).toBeGreaterThanOrEqual(number);
    expect(contradicts(delivery)).toBe(false);
  }
  await writing;
});

test('a result of a stream does not join an operation that reads an older snapshot', async () => {
  await using t = await setupDelivery();
  await using stream = await t.follow<any, object>(
    'subscription { deliveryStatusChanged { status delivery { status attemptCount } } }',
    {},
  );
  const next = stream.change();
  const older = t.database.readings.join();
  const countAttempts = async () => {
    const text = 'select attempt_count from deliveries where id = $1';
    return (await older.query<{ attempt_count: number }>({ text, values: [t.id] })).rows;
  };
  expect(await countAttempts()).toEqual([{ attempt_count: 0 }]);
  await t.attempt(1, 'RETRYING');
  expect(await next).toEqual({ status: 'RETRYING', delivery: { status: 'RETRYING', attemptCount: 1 } });
  expect(await countAttempts()).toEqual([{ attempt_count: 0 }]);
  older.leave();
});

const STREAMS = [
  {
    list: 'deliveries',
    cursor: 'deliveryStreamCursor',
    table: 'delivery_changes',
    stream: 'deliveryStatusChanged',
    object: 'delivery',
  },
  {
    list: 'webhookTargets',
    cursor: 'webhookTargetStreamCursor',
    table: 'target_changes',
    stream: 'webhookTargetStatusChanged',
    object: 'target',
  },
  {
    list: 'events',
    cursor: 'eventStreamCursor',
    table: 'event_changes',
    stream: 'eventPublished',
    object: 'event',
  },
] as const;

test.each(STREAMS)(
  '$cursor beside a list does not lose a change that comes between them',
  async ({ list, cursor, table, stream, object }) => {
    await using t = await setupDelivery();
    const changes = await t.lock(table);
    const asked = t.query(`{ ${list} { nodes { id } } after: ${cursor} }`);
    await changes.waitedFor();
    const id = t.fixtures.ids.next();
    const occurredAt = t.clock.now();
    if (object === 'delivery') {
      await t.fixtures.delivery({ id, organizationId: t.own, targetId: t.targetId, eventId: t.id });
      await recordDeliveryChanges(changes.tx, [t.change({ deliveryId: id })]);
    } else if (object === 'event') {
      await t.fixtures.event({ id, organizationId: t.own });
      const values = [t.own, id, 'transaction.auto.updated', null, occurredAt];
      await changes.tx.query(`${INTO_EVENT_CHANGES} values ($1, $2, $3, $4, $5)`, values);
    } else {
      await t.fixtures.target({ id, organizationId: t.own });
      const created = { previousStatus: null, status: 'ACTIVE', reason: null } as const;
      await recordTargetChange(changes.tx, { organizationId: t.own, targetId: id, occurredAt, ...created });
    }
    await changes.open();
    const shown = await asked;
    // What comes later must not be the first thing that the stream shows.
    if (object === 'delivery') await t.recordChanges(t.change({ status: 'FAILED' }));
    await using following = await t.follow<any, object>(
      `subscription ($after: String) { ${stream}(after: $after) { ${object} { id } } }`,
      { after: shown.after },
    );
    expect(shown[list].nodes).not.toContainEqual({ id });
    expect(await following.change()).toEqual({ [object]: { id } });
  },
);

test('a list, the cursor beside it and the stream from there miss nothing under concurrent writers', async () => {
  await using t = await setupDelivery();
  const WRITERS = 4;
  const EACH = 15;
  const ids: string[] = [];
  const write = async () => {
    for (let made = 0; made < EACH; made++) {
      const id = t.fixtures.ids.next();
      ids.push(id);
      const row = [id, t.own, t.targetId, t.id, 'transaction.auto.updated', 'PENDING', t.clock.now()];
      await t.database.transaction(async (tx) => {
        await recordDeliveryChanges(tx, [t.change({ deliveryId: id })]); // It has its id before others that commit first.
        await tx.query(INSERT, row);
      });
      await t.database.transaction(async (tx) => {
        await tx.query("update deliveries set status = 'DELIVERED' where id = $1", [id]);
        await recordDeliveryChanges(tx, [
          t.change({ deliveryId: id, previousStatus: 'PENDING', status: 'DELIVERED', attemptNumber: 1 }),
        ]);
      });
    }
  };
  let isDone = false;
  type Page = { readonly after: string; readonly deliveries: { readonly nodes: { id: string; status: string }[] } };
  const pages: Page[] = [];
  const read = async () => {
    const document = '{ deliveries(first: 100) { nodes { id status } } after: deliveryStreamCursor }';
    while (!isDone) pages.push(await t.query(document));
  };
  const readers = [read(), read()];
  await Promise.all(Array.from({ length: WRITERS }, write));
  isDone = true;
  await Promise.all(readers);
  await t.recordChanges(t.change({ status: 'CANCELLED' })); // The end of the stream.

  expect(ids).toHaveLength(WRITERS * EACH);
  for (const { after, deliveries } of pages.slice(0, 40)) {
    const seen = new Map(deliveries.nodes.map(({ id, status }) => [id, [status]]));
    await using stream = await t.follow<any, object>(
      'subscription ($after: String) { deliveryStatusChanged(after: $after) { status delivery { id } } }',
      { after },
    );
    for (;;) {
      const { status, delivery } = await stream.change();
      if (status === 'CANCELLED') break;
      seen.set(delivery.id, [...(seen.get(delivery.id) ?? []), status]);
    }
    const incomplete = ids.filter((id) => {
      const statuses = seen.get(id) ?? [];
      return statuses.at(-1) !== 'DELIVERED' || (statuses.length === 1 && !isListed(deliveries.nodes, id));
    });
    expect(incomplete).toEqual([]);
  }
});

const INSERT = `
  insert into deliveries (id, organization_id, target_id, event_id, event_type, status, max_attempts, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, 10, $7, $7)`;

const isListed = (nodes: readonly { readonly id: string }[], id: string): boolean =>
  nodes.some((node) => node.id === id);

test('the payload of each field of a mutation is read after its commit', async () => {
  await using t = await setupDelivery();
  const update = (name: string) =>
    `updateWebhookTarget(input: { id: "${t.targetId}", name: "${name}" }) { target { name } }`;
  const data = await t.query(`mutation { a: ${update('A')} b: ${update('B')} c: ${update('C')} }`);
  expect(data).toEqual({ a: { target: { name: 'A' } }, b: { target: { name: 'B' } }, c: { target: { name: 'C' } } });
});

test('the payload of a mutation does not join an operation that reads an older snapshot', async () => {
  await using t = await setupDelivery();
  const deliveries = await t.lock('deliveries');
  const older = t.query(`{ webhookTarget(id: "${t.targetId}") { name deliveries { totalCount } } }`);
  await deliveries.waitedFor();
  const update = `updateWebhookTarget(input: { id: "${t.targetId}", name: "new" }) { target { name } }`;
  expect(await t.query(`mutation { ${update} }`)).toEqual({ updateWebhookTarget: { target: { name: 'new' } } });
  await deliveries.open();
  expect(await older).toEqual({ webhookTarget: { name: null, deliveries: { totalCount: 1 } } });
});

test('what is read of the control plane is of the same snapshot', async () => {
  await using t = await setupDelivery();
  const rows = await t.lock('api_keys', 'events', 'webhook_targets');
  const asked = t.query(`{
    deliveries { nodes { event { eventType { displayName } } target { failureCount } } }
    viewer { organization { name } }
  }`);
  await rows.waitedFor();
  await t.database.pool.query("update event_types set display_name = 'renamed'");
  await t.database.pool.query('update target_health set failure_count = 7');
  await t.database.pool.query("update organizations set name = 'renamed'");
  await rows.open();
  expect(await asked).toEqual({
    deliveries: {
      nodes: [{ event: { eventType: { displayName: 'transaction.auto.updated' } }, target: { failureCount: 0 } }],
    },
    viewer: { organization: { name: 'Own' } },
  });
});

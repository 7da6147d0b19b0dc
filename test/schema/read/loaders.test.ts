import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

async function setupRows() {
  const t = await setup();
  /** A target, and events that were delivered to it, each with two attempts. */
  const grow = async (events: number) => {
    const { id: targetId } = await t.fixtures.target({ organizationId: t.own });
    for (let made = 0; made < events; made++) {
      const { id } = await t.delivery({ targetId });
      for (const number of [1, 2]) await t.attempt({ deliveryId: id, number, responseBody: 'no' });
    }
  };
  /** How many statements an operation takes. */
  const cost = async (document: string) => {
    t.statements.length = 0;
    await t.query(document);
    return t.statements.length;
  };
  return Object.assign(t, { grow, cost });
}

const LISTS: readonly [number, string, string][] = [
  [1, 'a page of deliveries', '{ deliveries { nodes { id status attemptCount } pageInfo { hasNextPage endCursor } } }'],
  [1, 'nodes and edges together', '{ deliveries { nodes { id } edges { cursor node { status } } } }'],
  [1, 'only the count of a list', '{ deliveries { totalCount } }'],
  [0, 'nothing of a list', '{ deliveries { __typename } }'],
  [
    1,
    'deliveries with the ids of events and targets',
    '{ deliveries { nodes { event { id } target { id __typename } } } }',
  ],
  [3, 'deliveries with events and targets', '{ deliveries { nodes { event { createdAt } target { url name } } } }'],
  [
    10, // deliveries, their count, events, bodies, types, targets, health, attempts, their count, responses
    'everything about deliveries',
    `{ deliveries { totalCount nodes {
      event { data body eventType { name } } target { url failureCount timeLastHealthy }
      attempts(last: 1) { totalCount nodes { number responseBody } pageInfo { hasPreviousPage } } } } }`,
  ],
  [
    3,
    'the deliveries of every event',
    '{ events { nodes { id deliveries(first: 5) { nodes { id target { url } } pageInfo { hasNextPage } } } } }',
  ],
  [
    4,
    'some deliveries of every target, and their attempts',
    `{ webhookTargets { nodes { deliveries(first: 2, filter: { status: [PENDING, FAILED] }) { totalCount
      nodes { event { id } attempts { nodes { number } } } } } } }`,
  ],
];

test.each(LISTS)('%i statements read %s, however many rows there are', async (statements, _, document) => {
  await using t = await setupRows();
  await t.grow(1);
  expect(await t.cost(document)).toBe(statements);
  await t.grow(5);
  await t.grow(5);
  expect(await t.cost(document)).toBe(statements);
});

test('a nested page reads no more rows than the page', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.own });
  await t.deliveries(30, { targetId: id });
  let rows = 0;
  t.database.reads.on('connect', (client) => {
    const { query } = client;
    type Answer = (error: Error | undefined, result: { rows: unknown[] }) => void;
    client.query = ((statement: never, answer: Answer) =>
      (query as (...args: unknown[]) => unknown).call(client, statement, (...given: Parameters<Answer>) => {
        rows += given[1]?.rows?.length ?? 0;
        answer(...given);
      })) as typeof query;
  });
  await t.query('{ webhookTargets { nodes { deliveries(first: 3) { nodes { id } } } } }');
  expect(rows).toBe(1 + 4);
});

test('the rows of many concurrent operations are one statement', async () => {
  await using t = await setupRows();
  await t.grow(3);
  const { nodes } = (await t.query('{ deliveries { nodes { id } } }')).deliveries;
  t.statements.length = 0;
  await Promise.all(nodes.map(({ id }: { id: string }) => t.query(`{ delivery(id: "${id}") { status } }`)));
  expect(t.statements).toHaveLength(1);
});

test('publishing reads no event back for its id', async () => {
  await using t = await setup();
  const publish = (fields: string) =>
    t.query(`mutation { publishEvent(input: { eventType: "customer.created", data: 1 }) { event { ${fields} } } }`);
  t.statements.length = 0;
  expect((await publish('id __typename')).publishEvent.event.id).toHaveLength(27);
  const reading = /from events/;
  expect(t.statements.filter((text) => reading.test(text))).toEqual([]);
  for (const fields of ['id createdAt', '... on Event { id }']) {
    t.statements.length = 0;
    await publish(fields);
    expect(t.statements.filter((text) => reading.test(text))).toHaveLength(1);
  }
});

test('a list of API keys never reads their hashes, and one of event types reads schemas where they are selected', async () => {
  await using t = await setup();
  t.statements.length = 0;
  await t.query('{ apiKeys { name scopes } viewer { apiKey { name } } }');
  await t.query('{ eventTypes { name archivedAt } }');
  expect(t.statements).toHaveLength(3);
  expect(t.statements.join()).not.toMatch(/hash|schema|example/);
  await t.query('{ eventTypes { schema example } events { nodes { eventType { schema } } } }');
  expect(t.statements.slice(3).filter((text) => /schema|example/.test(text))).toHaveLength(1);
});

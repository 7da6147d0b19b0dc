/**
 * Documents that ask for more than anybody needs, on the product's schema in production mode, over every transport: each is
 * refused with its code before any resolver has run, which would show as a statement.
 */
import { getIntrospectionQuery } from 'graphql';
import { afterAll, describe, expect, test } from 'vitest';
import { COST_LIMITS } from '../../../src/server/plugins/cost-limit.ts';
import { type GraphqlRequest, openAcknowledged, postGraphql } from '../../support/client.ts';
import { setupProduct, TRANSPORTS } from '../product.ts';
import { API_KEY } from '../setup.ts';

const times = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

const deep = `{ delivery(id: "x") { ${times(7, () => 'event { deliveries { nodes {')} id ${'}'.repeat(21)} } }`;
const LIST =
  '{ events(first: 100) { nodes { deliveries(first: 100) { nodes { id status target { id url name } } } } } }';
const OF_VARIABLE = `query Page($size: Int, $inner: Int) { events(first: $size) { nodes {
  deliveries(last: $inner) { edges { node { id status target { id url name } } } } } } }`;
const events = Array.from({ length: 200 }, () => ({ eventType: 'no.such', rawData: '1' }));

type Attack = [name: string, code: string, request: GraphqlRequest, message: RegExp | string];

const ATTACKS: readonly Attack[] = [
  ['depth', 'QUERY_TOO_COMPLEX', { query: deep }, 'at most 20 levels'],
  [
    'depth through fragments',
    'QUERY_TOO_COMPLEX',
    {
      query: `{ delivery(id: "x") { ...F0 } } ${times(
        11,
        (i) => `fragment F${i} on Delivery { event { deliveries { nodes { ...F${i + 1} } } } }`,
      )} fragment F11 on Delivery { id }`,
    },
    'at most 20 levels',
  ],
  [
    'aliases',
    'QUERY_TOO_COMPLEX',
    { query: `{ viewer { ${times(101, (i) => `a${i}: apiKey { id }`)} } }` },
    'at most 100 aliases',
  ],
  [
    'root fields',
    'QUERY_TOO_COMPLEX',
    { query: `{ ${times(51, () => 'viewer { apiKey { id } }')} }` },
    'at most 50 root fields',
  ],
  [
    'mutations in one document',
    'QUERY_TOO_COMPLEX',
    { query: `mutation { ${times(51, (i) => `m${i}: createOrganization(input: { name: "x" }) { __typename }`)} }` },
    'at most 50 root fields',
  ],
  [
    'fields by the square',
    'QUERY_TOO_COMPLEX',
    { query: `{ viewer { apiKey { ${times(1_100, () => 'id')} } } }` },
    'at most 1000 fields',
  ],
  [
    'fragments that double',
    'QUERY_TOO_COMPLEX',
    {
      query: `{ viewer { ...F0 } } ${times(
        15,
        (i) => `fragment F${i} on Viewer { ...F${i + 1} ...F${i + 1} }`,
      )} fragment F15 on Viewer { apiKey { id } }`,
    },
    'at most 1000 fields',
  ],
  ['tokens', 'QUERY_TOO_COMPLEX', { query: `{ ${times(10_001, () => 'a')} }` }, 'at most 10000 tokens'],
  [
    'directives on a field',
    'QUERY_TOO_COMPLEX',
    { query: `{ viewer ${times(51, () => '@include(if: true)')} { __typename } }` },
    'at most 50 directives',
  ],
  [
    'unknown directives on the operation',
    'QUERY_TOO_COMPLEX',
    { query: `query ${times(51, (i) => `@a${i}`)} { viewer { __typename } }` },
    'at most 50 directives',
  ],
  [
    'a cycle of fragments',
    'BAD_USER_INPUT',
    {
      query: `{ delivery(id: "x") { ...A } } fragment A on Delivery { event { ...B } }
        fragment B on Event { deliveries { nodes { ...A } } }`,
    },
    'Cannot spread fragment',
  ],
  [
    'introspection by its own cycle',
    'BAD_USER_INPUT',
    {
      query: `{ __schema { types { ${times(4, () => 'fields { type {')} name ${'} }'.repeat(4)} } } }`,
    },
    'introspection depth',
  ],
  [
    'introspection again and again',
    'QUERY_TOO_COMPLEX',
    { query: `{ ${times(49, (i) => `a${i}: __schema { types { fields { type { fields { name } } } } }`)} }` },
    'costs',
  ],
  ['list cost', 'QUERY_TOO_COMPLEX', { query: LIST }, 'events.nodes.deliveries.nodes'],
  [
    'list cost through variables',
    'QUERY_TOO_COMPLEX',
    { query: OF_VARIABLE, variables: { size: 100, inner: 100 } },
    'events.nodes.deliveries.edges',
  ],
  [
    'list cost through defaults of variables',
    'QUERY_TOO_COMPLEX',
    { query: OF_VARIABLE.replaceAll('Int', 'Int = 100') },
    'events.nodes.deliveries.edges',
  ],
  [
    'list cost without any size',
    'QUERY_TOO_COMPLEX',
    {
      query: `{ deliveries { nodes { event { deliveries { nodes { event { deliveries { nodes {
        attempts { nodes { id } } } } } } } } } } }`,
    },
    'costs',
  ],
  [
    'list cost under node(id)',
    'QUERY_TOO_COMPLEX',
    {
      query: `query ($n: Int!) { node(id: "x") { ... on Event { deliveries(first: $n) { nodes { target {
        deliveries(first: $n) { edges { node { id status createdAt updatedAt } } } } } } } } }`,
      variables: { n: 100 },
    },
    'node.deliveries.nodes.target.deliveries.edges',
  ],
  [
    'pages side by side',
    'QUERY_TOO_COMPLEX',
    { query: `{ ${times(10, (i) => `p${i}: events(first: 100) { nodes { body } }`)} }` },
    'costs 101',
  ],
  [
    'an explosion that another operation of the document hides',
    'QUERY_TOO_COMPLEX',
    { query: `query Small { viewer { __typename } } query Large ${LIST}`, operationName: 'Large' },
    'costs',
  ],
  [
    'the answer of a batch of events',
    'QUERY_TOO_COMPLEX',
    {
      query: `mutation ($events: [PublishEventInput!]!) { publishEvents(input: { events: $events }) {
        events { deliveries(first: 100) { nodes { id status } } } } }`,
      variables: { events },
    },
    'publishEvents.events.deliveries.nodes',
  ],
  [
    'a subscription whose every event is a page of pages',
    'QUERY_TOO_COMPLEX',
    {
      query: `subscription ($n: Int) { deliveryStatusChanged { delivery { target { deliveries(first: $n) { nodes {
        attempts { nodes { id } } } } } } } }`,
      variables: { n: 100 },
    },
    'Each event of this subscription costs',
  ],
  [
    'a name that is nearly right',
    'BAD_USER_INPUT',
    { query: '{ viewr { __typename } }' },
    /^Cannot query field [^?]*$/,
  ],
];

/** Attack -> transport -> how it was refused, for whoever reads the run. */
const seen: Record<string, Record<string, string>> = {};
afterAll(() => console.table(seen));

describe.each(Object.entries(TRANSPORTS))('over %s', (transport, send) => {
  test('every attack is refused with its code before any resolver runs', async () => {
    await using t = await setupProduct();
    for (const [name, code, request, message] of ATTACKS) {
      t.api.statements.length = 0;
      const { status, result } = await send(t.url, request);
      const [error] = result.errors ?? [];
      expect({ name, error }).toMatchObject({ name, error: { extensions: { code } } });
      expect({ name, data: result.data ?? null, statements: t.api.statements }).toEqual({
        name,
        data: null,
        statements: [],
      });
      expect(error!.message).toMatch(message);
      if (transport === 'HTTP') expect({ name, status }).toEqual({ name, status: 400 });
      (seen[name] ??= {})[transport] = `${status ?? ''} ${code}, ${t.api.statements.length} statements`.trim();
    }
  });

  test('a document that was answered with a small page is refused with a large one', async () => {
    await using t = await setupProduct();
    const page = (size: number) => send(t.url, { query: OF_VARIABLE, variables: { size, inner: size } });
    for (const size of [10, 100, 10, 100]) {
      const { result } = await page(size);
      const codes = (result.errors ?? []).map(({ extensions }) => extensions.code);
      expect([size, codes]).toEqual([size, size === 10 ? [] : ['QUERY_TOO_COMPLEX']]);
    }
  });
});

test('a batch of 50,000 events is refused before they are looked at', async () => {
  await using t = await setupProduct();
  const query =
    'mutation ($events: [PublishEventInput!]!) { publishEvents(input: { events: $events }) { __typename } }';
  const variables = { events: Array.from({ length: 50_000 }, () => null) };
  const { status, body } = await postGraphql(t.url, { query, variables }, { apiKey: API_KEY });
  expect([status, body.errors![0]!.extensions]).toMatchObject([
    400,
    { code: 'QUERY_TOO_COMPLEX', field: 'publishEvents.input.events' },
  ]);
});

test('the refusal names the cost, the limit and the costliest field', async () => {
  await using t = await setupProduct();
  const { body } = await postGraphql(t.url, { query: LIST }, { apiKey: API_KEY });
  expect(body.errors).toEqual([
    {
      message:
        'This query costs 70201, more than the limit of 50000: events.nodes.deliveries.nodes.target alone costs 40000. ' +
        'Ask for smaller pages (`first`), or for less in each item.',
      extensions: {
        code: 'QUERY_TOO_COMPLEX',
        cost: 70_201,
        limit: COST_LIMITS.query,
        field: 'events.nodes.deliveries.nodes.target',
      },
    },
  ]);
});

const FULL_PAGE = `{ deliveries(first: 100) { totalCount pageInfo { hasNextPage endCursor } nodes {
  id status attemptCount maxAttempts nextAttemptAt lastAttemptAt deliveredAt createdAt updatedAt
  event { id customerId data createdAt eventType { name category displayName } }
  target { id url name description global eventTypes customerIds status failureCount lastSuccessAt lastFailureReason }
  attempts(first: 1) { totalCount nodes { number outcome responseStatus responseHeaders responseBody error durationMs } }
} } }`;

test('reasonable pages pass: 100 deliveries with their events, targets and first attempts; introspection', async () => {
  await using t = await setupProduct();
  for (const query of [FULL_PAGE, getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true })]) {
    for (const send of Object.values(TRANSPORTS)) {
      const { result } = await send(t.url, { query });
      expect(result.errors).toBeUndefined();
    }
  }
});

test('a page size that resolvers refuse keeps its own error', async () => {
  await using t = await setupProduct();
  const { body } = await postGraphql(
    t.url,
    { query: '{ deliveries(first: 1000000) { nodes { id } } }' },
    { apiKey: API_KEY },
  );
  expect(body.errors).toMatchObject([
    { message: expect.stringContaining('1 to 100'), extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  expect(t.api.statements).toEqual([]);
});

test('a batch of operations is refused, and huge variables are, before they are parsed', async () => {
  await using t = await setupProduct();
  const post = async (body: string) => {
    const headers = { 'content-type': 'application/json', 'x-api-key': API_KEY };
    const response = await fetch(`${t.url}/graphql`, { method: 'POST', headers, body });
    return [response.status, (await response.json()).errors[0].extensions.code];
  };
  const operation = { query: '{ viewer { apiKey { id } } }' };
  expect(await post(JSON.stringify([operation, operation]))).toEqual([400, 'BAD_USER_INPUT']);
  expect(await post(JSON.stringify({ ...operation, variables: { x: 'x'.repeat(8 << 20) } }))).toEqual([
    413,
    'BAD_USER_INPUT',
  ]);
  for (const [payload, code] of [
    [[operation, operation], 4400],
    [{ ...operation, variables: { x: 'x'.repeat(64 << 10) } }, 1009],
  ] as const) {
    await using socket = await openAcknowledged(t.url, API_KEY);
    socket.send({ id: '1', type: 'subscribe', payload });
    expect(await socket.closed).toMatchObject({ code });
  }
  expect(t.api.statements).toEqual([]);
});

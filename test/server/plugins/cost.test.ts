import { buildSchema, getNamedType, getNullableType, type GraphQLObjectType, isListType, isObjectType } from 'graphql';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema as buildProductSchema } from '../../../src/schema/index.ts';
import { costOf } from '../../../src/server/plugins/cost.ts';

const schema = buildSchema(/* GraphQL */ `
  type Query {
    user: User
    users(first: Int, last: Int, after: String): Users!
    all: [User!]!
    top(first: Int): [User!]!
    days(from: Int, until: Int): Users!
  }
  type Users {
    nodes: [User!]!
    edges: [Edge!]!
    total: Int
  }
  type Edge {
    node: User!
  }
  interface Named {
    name: String
  }
  type User implements Named {
    name: String
    tags: [String!]!
    photo: String
    named: Named
    friends(first: Int, last: Int): Users!
  }
  type Mutation {
    addUsers(input: Input!): Added!
  }
  input Input {
    users: [String!]
  }
  type Added {
    users: [User!]!
  }
`);
const { photo } = (schema.getType('User') as GraphQLObjectType).getFields();
photo!.extensions = { cost: 50 };
const { days } = schema.getQueryType()!.getFields();
days!.extensions = {
  pageSize: (argument: (name: string) => unknown) => Number(argument('until')) - Number(argument('from')),
};
schema.getMutationType()!.getFields()['addUsers']!.extensions = { listSize: 'input.users' };

function cost(text: string, variables = {}, operationName?: string): number {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  return costOf(schema, document, operationName)!.total(variables);
}

test.each([
  ['a field costs 1', '{ __typename }', 1],
  ['an object costs 1 and what is selected in it', '{ user { name tags } }', 3],
  ['a field may cost more', '{ user { photo } }', 51],
  ['a page has 20 items', '{ users { nodes { name } total } }', 1 + 20 * 2 + 1],
  ['a page has as many items as it is asked for', '{ users(first: 7) { nodes { name } } }', 1 + 7 * 2],
  [
    'a list with a page of its own has as many items',
    '{ top(first: 3) { name friends { nodes { name } } } }',
    3 * (1 + 1 + 1 + 20 * 2),
  ],
  ['a list whose size the arguments say', '{ days(from: 2, until: 9) { nodes { name } total } }', 1 + 7 * 2 + 1],
  ['backwards too', '{ users(last: 7) { edges { node { name } } } }', 1 + 7 * 3],
  [
    'pages in pages multiply',
    '{ users(first: 3) { nodes { friends(last: 5) { nodes { name } } } } }',
    1 + 3 * (2 + 5 * 2),
  ],
  ['nodes and edges both count', '{ users(first: 2) { nodes { name } edges { node { name } } } }', 1 + 4 + 6],
  ['null is no size', '{ users(first: null, last: 4) { nodes { name } } }', 1 + 4 * 2],
  ['a size that is refused counts as 100', '{ users(first: 1000000) { nodes { name } } }', 1 + 100 * 2],
  ['so does one below 1', '{ users(first: -5) { nodes { name } } }', 1 + 100 * 2],
  ['a list without pages has 20 items', '{ all { name } }', 20 * 2],
  [
    'a fragment costs what is in it',
    '{ user { ...F } } fragment F on User { ... on Named { name } named { name } }',
    1 + 1 + 2,
  ],
  ['what a directive may leave out counts', '{ user { name @skip(if: true) } }', 2],
  ['what is selected twice counts twice', '{ a: user { name } b: user { name } }', 4],
])('%s', (_, text, expected) => {
  expect(cost(text)).toBe(expected);
});

test('sizes come from variables, and from their defaults', () => {
  const text = 'query ($n: Int = 5, $m: Int) { users(first: $n) { nodes { friends(last: $m) { nodes { name } } } } }';
  const of = (n: number, m: number) => 1 + n * (2 + m * 2);
  expect(cost(text)).toBe(of(5, 20));
  expect(cost(text, { n: 2, m: 3 })).toBe(of(2, 3));
  expect(cost(text, { n: null })).toBe(of(20, 20));
  expect(cost(text, { n: '1', m: 1e9 })).toBe(of(100, 100));
});

test('a list that a mutation answers for its input has as many items', () => {
  const of = (count: number) => 1 + count * 3; // Each item costs 2, and its entry in the input 1.
  expect(cost('mutation { addUsers(input: { users: ["a", "b"] }) { users { name } } }')).toBe(of(2));
  const text = 'mutation ($input: Input!) { addUsers(input: $input) { users { name } } }';
  expect(cost(text, { input: { users: ['a', 'b', 'c'] } })).toBe(of(3));
  const inner = 'mutation ($users: [String!]) { addUsers(input: { users: $users }) { users { name } } }';
  expect(cost(inner, { users: ['a', 'b', 'c', 'd'] })).toBe(of(4));
});

test('a list of API keys costs as much as 1,000 of them, and pages cost what they hold', () => {
  const schema = buildProductSchema();
  const of = (text: string) => costOf(schema, parse(text))!.total({});
  expect(of('{ apiKeys { id name } }')).toBe(1_000 * 3);
  expect(of('{ apiKeysConnection(first: 10) { nodes { id name } totalCount } }')).toBe(1 + 10 * 3 + 10);
});

test('points of statistics cost what is selected in them for each step of the range', () => {
  const schema = buildProductSchema();
  const of = (range: string, granularity: string, selected = 'points { attempts failed }', variables = {}) => {
    const text = `query ($lt: DateTime) { deliveryStatistics(range: ${range}, granularity: ${granularity}) { ${selected} } }`;
    return costOf(schema, parse(text))!.total(variables);
  };
  const day = '{ gte: "2026-01-01T00:00:00Z", lt: "2026-01-02T00:00:00Z" }';
  expect(of(day, 'HOUR')).toBe(50 + 25 * 3);
  expect(of('{ gte: "2026-01-01T00:00:00Z", lt: $lt }', 'HOUR', undefined, { lt: '2026-01-02T00:00:00Z' })).toBe(
    50 + 25 * 3,
  );
  expect(of('{ gte: "2026-01-01T00:00:00Z" }', 'HOUR')).toBe(50 + 721 * 3);
  expect(of(day, 'MINUTE')).toBe(50 + 1_000 * 3);
  expect(of('{}', 'DAY')).toBe(50 + 402 * 3 - 3);
  expect(of(day, 'HOUR', 'byTarget(first: 3) { total { failed } }')).toBe(50 + 3 * (500 + 2));
});

test('each operation of a document has its own cost', () => {
  const text = 'query Small { user { name } } query Large { users(first: 100) { nodes { name } } }';
  expect([cost(text, {}, 'Small'), cost(text, {}, 'Large')]).toEqual([2, 201]);
});

test('every list of objects has pages, or is known to be short', () => {
  const lists: string[] = [];
  for (const type of Object.values(buildProductSchema().getTypeMap()).filter(isObjectType)) {
    if (type.name.startsWith('__') || type.name.endsWith('Connection')) continue;
    for (const { name, type: output } of Object.values(type.getFields())) {
      const isList = isListType(getNullableType(output)) && isObjectType(getNamedType(output));
      if (isList && name !== 'userErrors') lists.push(`${type.name}.${name}`);
    }
  }
  // The keys of an organization (1,000 by `listSize`), the catalog and the signing keys; what was published is sized by its input.
  // Of statistics, rankings have a page, points are as many as their range says, outcomes are twelve. A target has 20 headers.
  expect(lists.sort()).toEqual([
    'DeliveryStatistics.byEventType',
    'DeliveryStatistics.byTarget',
    'DeliveryStatistics.points',
    'PublishEventsPayload.events',
    'Query.apiKeys',
    'Query.eventTypes',
    'Query.signingKeys',
    'StatisticsPoint.outcomes',
    'WebhookTarget.headers',
  ]);
});

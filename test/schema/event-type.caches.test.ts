/** The caches of Apollo Client, urql and Relay know an event type by its id, as they are, without settings. */
import { createRequire } from 'node:module';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { beforeEach, expect, test } from 'vitest';
import { setupProduct } from '../server/product.ts';
import { API_KEY } from '../server/setup.ts';

const relay = createRequire(import.meta.url)('relay-runtime'); // Without types.

const NAME = 'parcel.sent';
const BY_NAME = `query ByName { eventType(name: "${NAME}") { __typename id displayName } }`;
const ALL = 'query All { eventTypes { __typename id name } }';
const BOTH = 'query Both { eventTypes { __typename id name displayName } }';

let t: Awaited<ReturnType<typeof setupProduct>>;

beforeEach(async () => {
  t = await setupProduct();
  await t.api.fixtures.eventType({ name: NAME, displayName: 'Parcel sent' });
  return () => t[Symbol.asyncDispose]();
});

const headers = { 'x-api-key': API_KEY };
const whole = [{ __typename: 'EventType', name: NAME, displayName: 'Parcel sent' }];

test('Apollo Client joins what two queries read of one event type', async () => {
  const link = new HttpLink({ uri: `${t.url}/graphql`, headers });
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  for (const query of [ALL, BY_NAME]) await client.query({ query: gql(query) });
  expect(client.cache.readQuery({ query: gql(BOTH) })).toMatchObject({ eventTypes: whole });
});

test('urql joins what two queries read of one event type', async () => {
  const client = new Client({
    url: `${t.url}/graphql`,
    preferGetMethod: false,
    fetchOptions: { headers },
    exchanges: [cacheExchange({}), fetchExchange],
  });
  for (const query of [ALL, BY_NAME]) await client.query(query, {});
  const { data } = await client.query(BOTH, {}, { requestPolicy: 'cache-only' });
  expect(data).toMatchObject({ eventTypes: whole });
});

const scalar = (name: string) => ({ kind: 'ScalarField', alias: null, args: null, name, storageKey: null });

/** What the compiler of Relay makes of a query of one field. */
function compiled(text: string, name: string, fields: readonly string[], args: object[] | null) {
  const selection = {
    kind: 'LinkedField',
    alias: null,
    name,
    args,
    storageKey: null,
    concreteType: 'EventType',
    plural: args === null,
    selections: fields.map(scalar),
  };
  const operation = { kind: 'Operation', argumentDefinitions: [], name, selections: [selection] };
  const fragment = { ...operation, kind: 'Fragment', metadata: null, type: 'Query', abstractKey: null };
  const params = { cacheID: name, id: null, metadata: {}, name, operationKind: 'query', text };
  return { kind: 'Request', fragment, operation, params };
}

test('Relay joins what two queries read of one event type', async () => {
  const environment = new relay.Environment({
    network: relay.Network.create(async ({ text }: { text: string }) => {
      const sent = { ...headers, 'content-type': 'application/json' };
      return (
        await fetch(`${t.url}/graphql`, { method: 'POST', headers: sent, body: JSON.stringify({ query: text }) })
      ).json();
    }),
    store: new relay.Store(new relay.RecordSource()),
  });
  const byName = [{ kind: 'Literal', name: 'name', value: NAME }];
  const queries = [
    compiled(ALL, 'eventTypes', ['__typename', 'id', 'name'], null),
    compiled(BY_NAME, 'eventType', ['__typename', 'id', 'displayName'], byName),
  ];
  for (const query of queries) await relay.fetchQuery(environment, query, {}).toPromise();
  const records = Object.values(environment.getStore().getSource().toJSON());
  expect(records).toContainEqual(expect.objectContaining(whole[0]!));
});

/** Requests with a hash in place of their document, as clients with persisted queries send them first. */
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { expect, test } from 'vitest';
import { API_KEY, setup } from '../setup.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const extensions = { persistedQuery: { version: 1, sha256Hash: sha256('{ hello }') } };
const NOT_SUPPORTED = {
  errors: [{ message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
};

/** Calls the service, and keeps the bodies that were sent. */
function recording(bodies: { query?: string }[]): typeof fetch {
  return (input, init) => {
    bodies.push(JSON.parse(String(init!.body)));
    return fetch(input, init);
  };
}

test.each(['application/json', 'application/graphql-response+json'])(
  'a hash without a document answers PERSISTED_QUERY_NOT_SUPPORTED with 200: %s',
  async (accept) => {
    await using t = await setup();
    const headers = { 'content-type': 'application/json', accept };
    const posted = await fetch(`${t.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ extensions }) });
    expect([posted.status, await posted.json()]).toEqual([200, NOT_SUPPORTED]);
    const query = new URLSearchParams({ extensions: JSON.stringify(extensions) });
    const got = await fetch(`${t.url}/graphql?${query}`, { headers: { accept } });
    expect([got.status, await got.json()]).toEqual([200, NOT_SUPPORTED]);
  },
);

test('a hash beside its document is ignored, and a request without either is refused as before', async () => {
  await using t = await setup();
  const post = async (body: object) => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${t.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  expect(await post({ query: '{ hello }', extensions })).toEqual({ data: { hello: 'Hello, world' } });
  expect(await post({})).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
});

test('the link of Apollo Client sends the document after the first hash, and no more hashes', async () => {
  await using t = await setup();
  const bodies: { query?: string }[] = [];
  const http = new HttpLink({ uri: `${t.url}/graphql`, headers: { 'x-api-key': API_KEY }, fetch: recording(bodies) });
  const link = ApolloLink.from([new PersistedQueryLink({ sha256 }), http]);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  expect((await client.query({ query: gql`{ hello }` })).data).toEqual({ hello: 'Hello, world' }); // prettier-ignore
  expect((await client.query({ query: gql`{ secret }` })).data).toEqual({ secret: 'for key1' }); // prettier-ignore
  expect(bodies.map(({ query }) => query !== undefined)).toEqual([false, true, true]);
});

test('the exchange of urql sends the document after the first hash, and no more hashes', async () => {
  await using t = await setup();
  const bodies: { query?: string }[] = [];
  const client = new Client({
    url: `${t.url}/graphql`,
    preferGetMethod: false,
    fetch: recording(bodies),
    exchanges: [persistedExchange({ preferGetForPersistedQueries: false }), fetchExchange],
  });
  expect((await client.query('{ hello }', {})).data).toEqual({ hello: 'Hello, world' });
  expect((await client.query('{ hello(name: "you") }', {})).data).toEqual({ hello: 'Hello, you' });
  expect(bodies.map(({ query }) => query !== undefined)).toEqual([false, true, true]);
});

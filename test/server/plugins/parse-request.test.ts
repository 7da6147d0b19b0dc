import { expect, test } from 'vitest';
import { postGraphql } from '../../support/client.ts';
import { setup } from '../setup.ts';

const post = (url: string, body: string | Buffer, headers: Record<string, string>) =>
  fetch(`${url}/graphql`, { method: 'POST', body: body as string, headers });

test.each([
  ['application/json', 200],
  ['application/json; charset=utf-8', 200],
  ['application/graphql-response+json', 200],
  ['application/json; charset=utf-16', 415],
  ['text/plain', 415],
  ['application/x-www-form-urlencoded', 415],
  ['multipart/form-data; boundary=x', 415],
  ['application/graphql', 415],
])('a POST with Content-Type %s answers %i', async (type, status) => {
  await using t = await setup();
  const response = await post(t.url, '{"query":"mutation { bump }"}', { 'content-type': type });
  expect(response.status).toBe(status);
  const body = await response.json();
  if (status === 200) expect(body).toEqual({ data: { bump: 1 } });
  else expect(body.errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  // Nothing was executed by a refused request.
  const { body: after } = await postGraphql(t.url, { query: 'mutation { bump }' });
  expect(after.data.bump).toBe(status === 200 ? 2 : 1);
});

test('a mutation by GET is refused, a query is answered', async () => {
  await using t = await setup();
  const mutation = await fetch(`${t.url}/graphql?query=mutation{bump}`);
  expect(mutation.status).toBe(405);
  expect(mutation.headers.get('allow')).toBe('POST');
  const query = await fetch(`${t.url}/graphql?query={hello}`);
  expect(await query.json()).toEqual({ data: { hello: 'Hello, world' } });
});

test.each([
  ['not JSON', '{', 'JSON'],
  ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'UTF-8'],
  ['null', 'null', 'object'],
  ['a batch', '[{"query":"{ hello }"}]', 'Batching'],
  ['empty', '', 'JSON'],
])('a body that is %s answers 400 and says what was expected', async (_name, body, word) => {
  await using t = await setup();
  const response = await post(t.url, body, { 'content-type': 'application/json' });
  expect(response.status).toBe(400);
  const { errors } = await response.json();
  expect(errors).toMatchObject([{ message: expect.stringContaining(word), extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('a request without a document answers 400 and says where the document goes', async () => {
  await using t = await setup();
  const byGet = await fetch(`${t.url}/graphql`);
  const byPost = await post(t.url, '{"variables":{}}', { 'content-type': 'application/json' });
  for (const response of [byGet, byPost]) {
    expect(response.status).toBe(400);
    const message = expect.stringContaining('`query`, in the JSON body of a POST');
    expect((await response.json()).errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
  }
});

test('bad JSON in a parameter of the URL is the mistake of the client', async () => {
  await using t = await setup();
  const response = await fetch(`${t.url}/graphql?query={hello}&variables={`);
  expect(response.status).toBe(400);
  expect((await response.json()).errors[0].message).toContain('parameter variables');
});

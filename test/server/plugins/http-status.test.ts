import { expect, test } from 'vitest';
import { postGraphql } from '../../support/client.ts';
import { setup } from '../setup.ts';

test('a refused field answers 401 or 403 also where it may be null', async () => {
  await using t = await setup();
  for (const [query, status, code] of [
    ['{ secret }', 401, 'UNAUTHENTICATED'],
    ['{ nullableSecret }', 401, 'UNAUTHENTICATED'],
    ['{ forbidden }', 403, 'FORBIDDEN'],
    ['{ forbidden other: forbidden }', 403, 'FORBIDDEN'],
  ] as const) {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const answer = await postGraphql(t.url, { query }, { headers: { accept } });
      expect([query, answer.status]).toEqual([query, status]);
      expect(answer.body.errors![0]).toMatchObject({ extensions: { code } });
      expect(answer.body).not.toHaveProperty('data');
    }
  }
});

test('an answer that has some data is 200 and carries both the data and the errors', async () => {
  await using t = await setup();
  const { status, body } = await postGraphql(t.url, { query: '{ hello nullableSecret }' });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    data: { hello: 'Hello, world', nullableSecret: null },
    errors: [{ path: ['nullableSecret'], extensions: { code: 'UNAUTHENTICATED' } }],
  });
});

test.each([
  ['application/json', 200],
  ['*/*', 200],
  ['application/graphql-response+json', 500],
])('an operation that was executed and has data null answers %s with %i', async (accept, status) => {
  await using t = await setup();
  const answer = await postGraphql(t.url, { query: '{ boomRequired }' }, { headers: { accept } });
  expect(answer.body).toMatchObject({ data: null, errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
  expect(answer.status).toBe(status);
});

test.each([
  ['{ secret }', 401],
  ['{ forbidden }', 403],
  [`{ ${'a: hello '.repeat(51)}}`, 400],
])('an operation that was not executed keeps the status of its error: %s', async (query, status) => {
  await using t = await setup();
  const answer = await postGraphql(t.url, { query }, { headers: { accept: 'application/json' } });
  expect(answer.body).not.toHaveProperty('data');
  expect(answer.status).toBe(status);
});

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

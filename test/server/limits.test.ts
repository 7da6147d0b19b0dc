import { getIntrospectionQuery, parse } from 'graphql';
import { expect, test } from 'vitest';
import { exceededLimit, LIMITS } from '../../src/server/limits.ts';
import { postGraphql } from '../support/client.ts';
import { setup } from './setup.ts';

const repeat = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');
const deep = (levels: number) => `${'{ nested '.repeat(levels - 1)}{ name }${' }'.repeat(levels - 1)}`;

const atLimit = {
  depth: (limit: number) => deep(limit),
  rootFields: (limit: number) => `{ ${repeat(limit, () => 'hello')} }`,
  fields: (limit: number) => `{ nested { ${repeat(limit - 1, () => 'name')} } }`,
  aliases: (limit: number) => `{ nested { ${repeat(limit, (i) => `a${i}: name`)} } }`,
  directives: (limit: number) => `{ nested { name ${repeat(limit, () => '@include(if: true)')} } }`,
};

test.each(Object.entries(atLimit))('%s may reach its limit and not pass it', (name, documentOf) => {
  const limit = LIMITS[name as keyof typeof atLimit];
  expect(exceededLimit(parse(documentOf(limit)))).toBeNull();
  expect(exceededLimit(parse(documentOf(limit + 1)))).toBe(name);
});

test('fragments count as often as they are spread', () => {
  // Each level spreads the next one twice: 2^15 fields in a document of 15 fragments.
  const levels = repeat(
    15,
    (i) => `fragment F${i} on Nested { a: nested { ...F${i + 1} } b: nested { ...F${i + 1} } }`,
  );
  const bomb = `{ nested { ...F0 } } ${levels} fragment F15 on Nested { name }`;
  expect(exceededLimit(parse(bomb))).toBe('fields');
});

test('a cycle of fragments ends the count and is refused by validation', async () => {
  await using t = await setup();
  const query = '{ nested { ...A } } fragment A on Nested { nested { ...B } } fragment B on Nested { nested { ...A } }';
  const { body } = await postGraphql(t.url, { query });
  expect(body.errors![0]!.message).toContain('Cannot spread fragment');
});

test('a document past a limit answers QUERY_TOO_COMPLEX with 400 and names the limit', async () => {
  await using t = await setup();
  for (const query of [deep(21), `{ ${repeat(11_000, () => 'hello')} }`]) {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const { status, body } = await postGraphql(t.url, { query }, { headers: { accept } });
      expect(status).toBe(400);
      expect(body.errors![0]!.extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
      expect(body.errors![0]!.message).toMatch(/at most (20 levels|10000 tokens)/);
    }
  }
});

test.each([
  ['selections', (count: number) => `{ ${'nested { '.repeat(count)}name${' }'.repeat(count)} }`],
  ['inline fragments', (count: number) => `{ ${'... { '.repeat(count)}hello${' }'.repeat(count)} }`],
  ['lists', (count: number) => `{ hello @include(if: ${'['.repeat(count)}${']'.repeat(count)}) }`],
  ['objects', (count: number) => `{ hello @include(if: ${'{ a: '.repeat(count)}1${' }'.repeat(count)}) }`],
  ['types', (count: number) => `query ($a: ${'['.repeat(count)}Int${']'.repeat(count)}) { hello }`],
])('%s as deep as the tokens allow are refused before they overflow the stack', async (_, documentOf) => {
  await using t = await setup();
  for (const count of [250, 2_400, 4_900, 100_000]) {
    const { status, body } = await postGraphql(t.url, { query: documentOf(count) });
    expect([status, body.errors![0]!.extensions]).toEqual([400, { code: 'QUERY_TOO_COMPLEX' }]);
    expect(body.errors![0]!.message).toContain('at most 200 brackets one inside the other');
  }
});

test('brackets side by side, in texts and in comments are not counted', async () => {
  await using t = await setup();
  const query = `# ${'{'.repeat(300)}\n{ nested { name } ${repeat(45, (i) => `a${i}: nested { name }`)} hello @include(if: "${'['.repeat(300)}") }`;
  const { body } = await postGraphql(t.url, { query });
  expect(body.errors!.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
});

test('tools may introspect the schema', async () => {
  await using t = await setup();
  const query = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true });
  const { status, body } = await postGraphql(t.url, { query });
  expect([status, body.errors]).toEqual([200, undefined]);
});

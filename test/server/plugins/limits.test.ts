import { buildSchema, getIntrospectionQuery, parse, Source } from 'graphql';
import { expect, test } from 'vitest';
import { DOCUMENT_LIMITS, measureDocument } from '../../../src/server/plugins/document-size.ts';
import { useLimits } from '../../../src/server/plugins/limits.ts';
import { openAcknowledged, postGraphql } from '../../support/client.ts';
import { API_KEY, callerOf, setup } from '../setup.ts';

const repeat = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');
const deep = (levels: number) => `${'{ nested '.repeat(levels - 1)}{ name }${' }'.repeat(levels - 1)}`;

const atLimit = {
  depth: (limit: number) => deep(limit),
  rootFields: (limit: number) => `{ ${repeat(limit, () => 'hello')} }`,
  fields: (limit: number) => `{ nested { ${repeat(limit - 1, () => 'name')} } }`,
  aliases: (limit: number) => `{ nested { ${repeat(limit, (i) => `a${i}: name`)} } }`,
  directives: (limit: number) => `{ nested { name ${repeat(limit, () => '@include(if: true)')} } }`,
  spreads: (limit: number) => `{ nested { ${repeat(limit, () => '...F')} } } fragment F on Nested { name }`,
};

test.each(Object.entries(atLimit))('%s may reach its limit and not pass it', (name, documentOf) => {
  const limit = DOCUMENT_LIMITS[name as keyof typeof atLimit];
  expect(measureDocument(parse(documentOf(limit))).exceeded).toBeNull();
  expect(measureDocument(parse(documentOf(limit + 1))).exceeded).toBe(name);
});

test('fragments count as often as they are spread', () => {
  // Each level spreads the next one twice: 2^15 fields in a document of 15 fragments.
  const levels = repeat(
    15,
    (i) => `fragment F${i} on Nested { a: nested { ...F${i + 1} } b: nested { ...F${i + 1} } }`,
  );
  const bomb = `{ nested { ...F0 } } ${levels} fragment F15 on Nested { name }`;
  expect(measureDocument(parse(bomb)).exceeded).toBe('fields');
});

test('a cycle of fragments ends the count and is refused by validation', async () => {
  await using t = await setup();
  const query = '{ nested { ...A } } fragment A on Nested { nested { ...B } } fragment B on Nested { nested { ...A } }';
  const { body } = await postGraphql(t.url, { query });
  expect(body.errors![0]!.message).toContain('Cannot spread fragment');
});

/** So many fragments, each of which spreads the next ones, and the last ones the first. */
const cycle = (count: number, spreads: number) =>
  `{ nested { ...F0 } } ${repeat(count, (i) => `fragment F${i} on Nested { ${repeat(spreads, (j) => `...F${(i + j + 1) % count}`)} }`)}`;

test('a cycle of 100 fragments, three spreads each, is refused before validation with QUERY_TOO_COMPLEX', async () => {
  await using t = await setup();
  const query = cycle(100, 3);
  const { status, body } = await postGraphql(t.url, { query }, { apiKey: API_KEY });
  expect([status, body.errors]).toEqual([
    400,
    [expect.objectContaining({ extensions: { code: 'QUERY_TOO_COMPLEX' } })],
  ]);
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query } });
  expect(await socket.next()).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }],
  });
  expect(t.lines.filter(({ msg }) => msg === 'graphql.internal_error')).toEqual([]);
});

test('cycles within the limits are named, whatever their shape, and overflow nothing', async () => {
  await using t = await setup();
  for (const [count, spreads] of [
    [199, 1],
    [99, 2],
    [66, 3],
    [39, 5],
    [14, 14],
  ] as const) {
    const { status, body } = await postGraphql(t.url, { query: cycle(count, spreads) }, { apiKey: API_KEY });
    expect([status, body.errors![0]!.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
    expect(body.errors![0]!.message).toContain('Cannot spread fragment');
  }
  expect(t.lines.filter(({ msg }) => msg === 'graphql.internal_error')).toEqual([]);
});

test('fragments that no operation spreads are measured too', () => {
  const unused = (body: string) => parse(`{ hello } fragment F on Nested { ${body} }`);
  expect(measureDocument(unused(repeat(DOCUMENT_LIMITS.fields + 1, () => 'name'))).exceeded).toBe('fields');
  expect(measureDocument(unused(`nested ${deep(20)}`)).exceeded).toBe('depth');
  expect(measureDocument(unused(repeat(60, () => 'name'))).exceeded).toBeNull();
});

test('whatever overflows the stack before an operation runs is QUERY_TOO_COMPLEX and no fault in the log', async () => {
  const overflow = () => {
    throw new RangeError('Maximum call stack size exceeded');
  };
  const hello = parse('{ hello }');
  const hooks = useLimits({ hideSuggestions: true }) as unknown as Record<string, (payload: object) => void>;
  let parsing: (source: unknown) => unknown = () => {};
  let validating: (schema: unknown, document: unknown, rules: unknown) => unknown = () => {};
  const operation = { context: { record: { caller: null } }, params: { source: '{ hello }' } };
  hooks['onParse']!({ ...operation, setParseFn: (fn: typeof parsing) => (parsing = fn) });
  hooks['onValidate']!({ setValidationFn: (fn: typeof validating) => (validating = fn) });
  const tooComplex = expect.objectContaining({ extensions: { code: 'QUERY_TOO_COMPLEX' } });
  const hostile = Object.defineProperty(new Source('{ hello }'), 'body', { get: overflow });
  expect(() => parsing(hostile)).toThrow(tooComplex);
  expect(validating(buildSchema('type Query { hello: String }'), hello, [overflow])).toEqual([tooComplex]);
  const args = { schema: { getRootType: overflow }, document: hello };
  expect(() => hooks['onExecute']!({ args })).toThrow(tooComplex);
});

test('a document of more characters than the largest payload needs is refused before it is read', async () => {
  await using t = await setup();
  const query = `{ hello(name: "${'x'.repeat(DOCUMENT_LIMITS.characters)}") }`;
  const publisher = { ...callerOf('publisher'), scopes: new Set(['EVENTS_PUBLISH'] as const) };
  t.keys.set('hk_publisher', publisher);
  const { status, body } = await postGraphql(t.url, { query }, { apiKey: 'hk_publisher' });
  expect([status, body.errors![0]!.extensions.code]).toEqual([400, 'QUERY_TOO_COMPLEX']);
  expect(body.errors![0]!.message).toContain(`at most ${DOCUMENT_LIMITS.characters} characters`);
});

test('a document past a limit answers QUERY_TOO_COMPLEX with 400 and names the limit', async () => {
  await using t = await setup();
  for (const query of [deep(21), `{ ${repeat(11_000, () => 'hello')} }`]) {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const { status, body } = await postGraphql(t.url, { query }, { apiKey: API_KEY, headers: { accept } });
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
  for (const count of [250, 2_400, 4_900, 20_000]) {
    const { status, body } = await postGraphql(t.url, { query: documentOf(count) }, { apiKey: API_KEY });
    expect([status, body.errors![0]!.extensions]).toEqual([400, { code: 'QUERY_TOO_COMPLEX' }]);
    expect(body.errors![0]!.message).toContain('at most 200 brackets inside brackets');
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

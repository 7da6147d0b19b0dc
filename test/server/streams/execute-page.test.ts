/** Changes that are answered together are answered as if each were alone. */
import { buildSchema, type ExecutionArgs, GraphQLError, parse, validateSubscriptionArgs } from 'graphql';
import { expect, test } from 'vitest';
import { executePage } from '../../../src/server/streams/execute-page.ts';

const schema = buildSchema(`
  type Query { a: Int }
  type Subscription { required: Change!  optional: Change }
  type Change { number: Int!  maybe: Int  later: Int!  parts: [Part!] }
  type Part { name: String! }
`);

type Fields = Readonly<Record<string, unknown>>;
const change = (fields: Fields) => ({ required: fields, optional: fields });

async function answer(query: string, changes: readonly unknown[], args: Partial<ExecutionArgs> = {}) {
  const validated = validateSubscriptionArgs({ schema, document: parse(query), ...args });
  if (!('schema' in validated)) throw new Error(`Not valid: ${validated.join()}`);
  return JSON.parse(JSON.stringify(await executePage(validated, changes))) as unknown[];
}

test('each change has its own result, in their order', async () => {
  const changes = [1, 2, 3].map((number) =>
    change({ number, later: async () => 10 * number, parts: [{ name: `p${number}` }] }),
  );
  expect(await answer('subscription { required { number later parts { name } } }', changes)).toEqual(
    [1, 2, 3].map((number) => ({
      data: { required: { number, later: 10 * number, parts: [{ name: `p${number}` }] } },
    })),
  );
});

test('aliases, fragments and variables mean what they mean alone', async () => {
  const query = `subscription ($with: Boolean!) { ...Root }
    fragment Root on Subscription { it: required { ...Numbers maybe @include(if: $with) } }
    fragment Numbers on Change { n: number }`;
  const args = { variableValues: { with: false } };
  expect(await answer(query, [change({ number: 1 }), change({ number: 2 })], args)).toEqual([
    { data: { it: { n: 1 } } },
    { data: { it: { n: 2 } } },
  ]);
});

const fails = () => Promise.reject(new GraphQLError('no answer', { extensions: { code: 'MINE' } }));
const error = (...path: unknown[]) => ({ message: 'no answer', path, extensions: { code: 'MINE' } });

test('a change that fails takes nothing from the others, and its error says where it is', async () => {
  const changes = [change({ number: 1 }), change({ number: fails }), change({ number: 3 })];
  const results = await answer('subscription { required { number } }', changes);
  const failed = { data: null, errors: [expect.objectContaining(error('required', 'number'))] };
  expect(results).toEqual([{ data: { required: { number: 1 } } }, failed, { data: { required: { number: 3 } } }]);
});

test('a field that may be null is null alone', async () => {
  const changes = [change({ number: 1, maybe: fails }), change({ number: 2, maybe: 2 })];
  expect(await answer('subscription { required { number maybe } }', changes)).toEqual([
    { data: { required: { number: 1, maybe: null } }, errors: [expect.objectContaining(error('required', 'maybe'))] },
    { data: { required: { number: 2, maybe: 2 } } },
  ]);
});

test('a root field that may be null leaves the data of a change that fails', async () => {
  const changes = [change({ number: fails }), { optional: null }];
  expect(await answer('subscription { optional { number } }', changes)).toEqual([
    { data: { optional: null }, errors: [expect.objectContaining(error('optional', 'number'))] },
    { data: { optional: null } },
  ]);
});

test('an error below a list keeps its path', async () => {
  const changes = [change({ number: 1 }), change({ parts: [{ name: 'a' }, { name: fails }] })];
  const [, second] = await answer('subscription { required { parts { name } } }', changes);
  expect(second).toMatchObject({
    data: { required: { parts: null } },
    errors: [error('required', 'parts', 1, 'name')],
  });
});

test('a resolver of the root field that throws fails its own change only', async () => {
  const throwing = {
    get required() {
      throw new Error('broken');
    },
  };
  expect(await answer('subscription { required { number } }', [throwing, change({ number: 2 })])).toEqual([
    { data: null, errors: [expect.objectContaining({ message: 'broken', path: ['required'] })] },
    { data: { required: { number: 2 } } },
  ]);
});

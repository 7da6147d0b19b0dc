/** Fields that are of the moment when a result is sent, not of that when it was made. */
import { buildSchema, isObjectType, parse, validateSubscriptionArgs } from 'graphql';
import { expect, test } from 'vitest';
import { createSentFields } from '../../../src/server/streams/sent-fields.ts';

const schema = buildSchema(`
  type Query { a: Int }
  type Subscription { changes: Change! }
  type Change { number: Int!  ageMs: Int! }
`);
const type = schema.getType('Change');
if (!isObjectType(type)) throw new Error('Expected an object type');
type.getFields()['ageMs']!.extensions = {
  whenSent: (change: { readonly at: Date }, now: Date) => now.getTime() - change.at.getTime(),
};

const CHANGE = { at: new Date(1_000) };
const NOW = new Date(5_000);

function sent(query: string, data: Record<string, unknown> | null) {
  const validated = validateSubscriptionArgs({ schema, document: parse(query) });
  if (!('schema' in validated)) throw new Error(`Not valid: ${validated.join()}`);
  const setFields = createSentFields(validated);
  return setFields && setFields({ data }, CHANGE, NOW).data;
}

test.each([
  ['by its name', 'subscription { changes { number ageMs } }', 'changes', 'ageMs'],
  ['by an alias', 'subscription { it: changes { old: ageMs } }', 'it', 'old'],
  [
    'in fragments',
    'subscription { ...R } fragment R on Subscription { changes { ... { ...C } } } fragment C on Change { ageMs }',
    'changes',
    'ageMs',
  ],
])('a field is set %s', (_name, query, root, key) => {
  expect(sent(query, { [root]: { number: 1, [key]: 0 } })).toEqual({ [root]: { number: 1, [key]: 4_000 } });
});

test('a result that others share is not changed', () => {
  const data = { changes: { number: 1, ageMs: 0 } };
  sent('subscription { changes { number ageMs } }', data);
  expect(data).toEqual({ changes: { number: 1, ageMs: 0 } });
});

test('an operation that selects none of them costs nothing, and a result without data stays as it is', () => {
  expect(sent('subscription { changes { number } }', { changes: { number: 1 } })).toBeUndefined();
  expect(sent('subscription { changes { ageMs } }', null)).toBeNull();
});

test('a field that a directive left out is not put in', () => {
  const query = 'subscription { changes { number ageMs @skip(if: true) } }';
  expect(sent(query, { changes: { number: 1 } })).toEqual({ changes: { number: 1 } });
});

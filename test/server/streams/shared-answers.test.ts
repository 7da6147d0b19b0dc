/** What thousands of subscribers cost: answers that are shared. */
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createSharedAnswers } from '../../../src/server/streams/shared-answers.ts';

const question = (query: string, variableValues = {}, apiKeyId = 'key1', document = parse(query)) => {
  const shared = createSharedAnswers();
  const of = (values: object, key = apiKeyId, operationName?: string) =>
    shared.questionOf({ schema: {} as never, document, variableValues: { ...values }, operationName }, key);
  return { of, first: of(variableValues) };
};

test('subscribers who select the same with the same key ask the same, wherever they begin', () => {
  const { of, first } = question('subscription ($after: String) { s(after: $after) { a } }', { after: 'c1' });
  expect(of({ after: 'c2' })).toBe(first);
  expect(of({ after: 'c1' }, 'key2')).not.toBe(first);
});

test.each([
  ['argument of a selected field', 'subscription ($v: Int) { s { a(v: $v) } }'],
  ['directive', 'subscription ($v: Boolean!) { s { a @include(if: $v) } }'],
  ['directive on the root field', 'subscription ($v: Boolean!) { s @include(if: $v) { a } }'],
  ['fragment', 'subscription ($v: Int) { s { ...F } } fragment F on S { a(v: $v) }'],
  ['root field in a fragment', 'subscription ($v: Int) { ...F } fragment F on Subscription { s(v: $v) { a } }'],
])('a variable in a %s makes another question', (_name, query) => {
  const { of, first } = question(query, { v: 1 });
  expect(of({ v: 1 })).toBe(first);
  expect(of({ v: 2 })).not.toBe(first);
});

test('the operations of a document, and the same text parsed twice, are different questions', () => {
  const query = 'subscription A { s { a } } subscription B { s { b } }';
  const { of } = question(query);
  expect(of({}, 'key1', 'A')).not.toBe(of({}, 'key1', 'B'));
  const shared = createSharedAnswers();
  const ask = () => shared.questionOf({ schema: {} as never, document: parse(query) }, 'key1');
  expect(ask()).not.toBe(ask());
});

test('an event is executed once for each question, and anew for another event', async () => {
  const shared = createSharedAnswers();
  let executions = 0;
  const execute = async () => ({ data: { executions: ++executions } });
  const [one, other] = [{}, {}];
  const answers = [shared.answer(one, 'q', execute), shared.answer(one, 'q', execute)];
  expect(await Promise.all(answers)).toEqual([{ data: { executions: 1 } }, { data: { executions: 1 } }]);
  expect(await shared.answer(one, 'q', execute)).toEqual({ data: { executions: 1 } });
  expect(await shared.answer(one, 'r', execute)).toEqual({ data: { executions: 2 } });
  expect(await shared.answer(other, 'q', execute)).toEqual({ data: { executions: 3 } });
});

test('an answer with errors is not remembered: who asks later has it tried again', async () => {
  const shared = createSharedAnswers();
  const event = {};
  const failing = async () => ({ data: null, errors: [] });
  const [first, second] = [shared.answer(event, 'q', failing), shared.answer(event, 'q', failing)];
  expect(await first).toBe(await second);
  expect(await shared.answer(event, 'q', () => ({ data: { fine: true } }))).toEqual({ data: { fine: true } });
});

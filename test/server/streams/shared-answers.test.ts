/** What thousands of subscribers cost: answers that are shared. */
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { type Asker, createSharedAnswers } from '../../../src/server/streams/shared-answers.ts';

const READER: Asker = { organizationId: 'one', scopes: new Set(['DELIVERIES_READ', 'TARGETS_READ']) };

const question = (query: string, variableValues = {}, document = parse(query)) => {
  const shared = createSharedAnswers();
  const of = (values: object, asker: Asker = READER, operationName?: string) =>
    shared.questionOf({ schema: {} as never, document, variableValues: { ...values }, operationName }, asker);
  return { of, first: of(variableValues) };
};

test('subscribers of an organization who may see the same and select the same ask the same, wherever they begin', () => {
  const { of, first } = question('subscription ($after: String) { s(after: $after) { a } }', { after: 'c1' });
  expect(of({ after: 'c2' })).toBe(first);
  expect(of({ after: 'c1' }, { ...READER, scopes: new Set(['TARGETS_READ', 'DELIVERIES_READ']) })).toBe(first);
  expect(of({ after: 'c1' }, { ...READER, organizationId: 'two' })).not.toBe(first);
  expect(of({ after: 'c1' }, { ...READER, scopes: new Set(['DELIVERIES_READ']) })).not.toBe(first);
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
  expect(of({}, READER, 'A')).not.toBe(of({}, READER, 'B'));
  const shared = createSharedAnswers();
  const ask = () => shared.questionOf({ schema: {} as never, document: parse(query) }, READER);
  expect(ask()).not.toBe(ask());
});

test('a change is answered once for each question, and another change anew', async () => {
  const shared = createSharedAnswers();
  let executions = 0;
  const answerAll = async (changes: readonly unknown[]) => changes.map(() => ({ data: { executions: ++executions } }));
  const ask = (change: object, question: string) => {
    shared.prepare([change], question, answerAll);
    return shared.find(change, question);
  };
  const [one, other] = [{}, {}];
  const answers = [ask(one, 'q'), ask(one, 'q')];
  expect(await Promise.all(answers)).toEqual([{ data: { executions: 1 } }, { data: { executions: 1 } }]);
  expect(ask(one, 'q')).toEqual({ data: { executions: 1 } }); // Without waiting.
  expect(await ask(one, 'r')).toEqual({ data: { executions: 2 } });
  expect(await ask(other, 'q')).toEqual({ data: { executions: 3 } });
});

test('changes are answered together, but for those that have an answer', async () => {
  const shared = createSharedAnswers();
  const asked: (readonly unknown[])[] = [];
  const answerAll = async (changes: readonly unknown[]) => {
    asked.push(changes);
    return changes.map((change) => ({ data: { change } }));
  };
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
  expect(shared.prepare([b], 'q', answerAll)).toBe(1);
  expect(shared.prepare([a, b, c], 'q', answerAll)).toBe(2);
  expect(shared.prepare([a, b, c], 'q', answerAll)).toBe(0);
  expect(asked).toEqual([[b], [a, c]]);
  for (const change of [a, b, c]) expect(await shared.find(change, 'q')).toEqual({ data: { change } });
  expect(shared.find(d, 'q')).toBeUndefined();
});

test('an answer with errors is not remembered: who asks later has it tried again', async () => {
  const shared = createSharedAnswers();
  const [change, fine] = [{}, {}];
  const failing = async () => [{ data: null, errors: [] }, { data: { fine: true } }];
  shared.prepare([change, fine], 'q', failing);
  const [first, second] = [shared.find(change, 'q'), shared.find(change, 'q')];
  expect(await first).toBe(await second);
  expect(shared.find(change, 'q')).toBeUndefined();
  expect(shared.find(fine, 'q')).toEqual({ data: { fine: true } });
});

test('when all answers of a page fail at once, each change is tried again', async () => {
  const shared = createSharedAnswers();
  const [one, other] = [{}, {}];
  shared.prepare([one, other], 'q', () => Promise.reject(new Error('no page')));
  await expect(shared.find(one, 'q')).rejects.toThrow('no page');
  await expect.poll(() => shared.find(other, 'q')).toBeUndefined();
});

import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { readDocument } from '../../../src/client/request/read-document.ts';

const document = (parts: { after?: string; fields?: string }) => {
  const { after = '(after: $after)', fields = 'cursor status' } = parts;
  return `subscription Watch($after: String) { deliveryStatusChanged${after} { ${fields} } }`;
};

test('a subscription with `cursor` that takes `after` from a variable can be resumed, as text and as a tree', () => {
  expect(readDocument(document({}))).toEqual({ text: document({}), afterVariable: 'after' });
  expect(readDocument(parse(document({}))).afterVariable).toBe('after');
  const other = document({ after: '(filter: { status: [FAILED] }, after: $place)' });
  expect(readDocument(other).afterVariable).toBe('place');
  const inFragment = `${document({ fields: '...Change' })} fragment Change on DeliveryStatusChange { cursor }`;
  expect(readDocument(inFragment).afterVariable).toBe('after');
});

test.each([
  ['no `after`', document({ after: '' }), /add \(\$after: String\) and after: \$after/],
  ['a fixed `after`', document({ after: '(after: "here")' }), /add \(\$after: String\) and after: \$after/],
  ['no `cursor`', document({ fields: 'status' }), /expected `cursor` among the fields of the change/],
  ['`cursor` only in a comment', document({ fields: 'status # cursor\n' }), /expected `cursor`/],
  ['`cursor` as the name of another field', document({ fields: 'cursor: status' }), /expected `cursor`/],
  ['a variable $cursor', document({ fields: 'delivery(at: $cursor) { id }' }), /expected `cursor`/],
])('a document with %s is refused at once', (_, text, message) => {
  expect(() => readDocument(text)).toThrow(
    expect.objectContaining({ code: 'BAD_DOCUMENT', message: expect.stringMatching(message) }),
  );
});

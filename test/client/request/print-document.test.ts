import { parse, print, visit } from 'graphql';
import { expect, test } from 'vitest';
import { textOf } from '../../../src/client/request/print-document.ts';

const KITCHEN_SINK = `
  query Everything($id: ID!, $ids: [ID!]! = ["a", "b"], $filter: Filter = { depth: 1, text: """a "block" \\""" of text""" } @old) @live {
    short: deliveries(first: 10, ratio: -1.5e3, ids: $ids, filter: { status: [FAILED, RETRYING], not: null, on: true, empty: {}, none: [] }) @skip(if: false) {
      ...Parts @include(if: true)
      ... on Delivery { id }
      ... @include(if: $id) { status }
      quoted(text: "line\\n \\"quoted\\" \\u00e9 # no comment")
    }
  }
  mutation { retry(id: $id) { userErrors { code } } }
  subscription Watch($after: String) { deliveryStatusChanged(after: $after) { cursor } }
  fragment Parts on Delivery @once { attempts { nodes { number } } }
`;

test('the text of a tree has the meaning of the tree', () => {
  const tree = parse(KITCHEN_SINK);
  const withoutBlocks = visit(tree, { StringValue: (node) => ({ ...node, block: false }) });
  expect(print(parse(textOf(tree)))).toBe(print(withoutBlocks));
});

test('a document of text, plain or with types, is its own text', () => {
  class TypedText extends String {}
  expect(textOf('{ viewer { id } }')).toBe('{ viewer { id } }');
  expect(textOf(new TypedText('{ viewer { id } }'))).toBe('{ viewer { id } }');
});

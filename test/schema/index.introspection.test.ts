/** What tools learn of scalars and inputs by introspection. */
import { expect, test } from 'vitest';
import { setupProduct } from '../server/product.ts';
import { API_KEY } from '../server/setup.ts';
import { postGraphql } from '../support/client.ts';

test('introspection says where DateTime and JSON are specified, and of every input whether it takes one field only', async () => {
  await using t = await setupProduct();
  const query = `{
    dateTime: __type(name: "DateTime") { specifiedByURL }
    json: __type(name: "JSON") { specifiedByURL }
    __schema { types { kind name isOneOf } directives { name } }
  }`;
  const { body } = await postGraphql(t.url, { query }, { apiKey: API_KEY });
  expect(body.errors).toBeUndefined();
  expect(body.data.dateTime).toEqual({ specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339' });
  expect(body.data.json).toEqual({ specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259' });
  const { types, directives } = body.data.__schema as { types: Type[]; directives: { name: string }[] };
  const inputs = types.filter(({ kind }) => kind === 'INPUT_OBJECT');
  expect(inputs.length).toBeGreaterThan(10);
  for (const { name, isOneOf } of inputs) expect([name, typeof isOneOf]).toEqual([name, 'boolean']);
  expect(directives.map(({ name }) => name)).toEqual(expect.arrayContaining(['oneOf', 'specifiedBy']));
});

type Type = { readonly kind: string; readonly name: string; readonly isOneOf: boolean | null };

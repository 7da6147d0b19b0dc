import { expect, test } from 'vitest';
import { loadCatalog, OWN_CATALOG } from '../../../../src/domain/event-types/catalogs.ts';
import { formatOpenApi } from '../../../../src/domain/event-types/openapi/format-openapi.ts';
import { fromOpenApi } from '../../../../src/domain/event-types/openapi/read-openapi.ts';

const read = (document: object): { eventTypes: any[] } => JSON.parse(fromOpenApi(JSON.stringify(document)));

const TYPE = {
  name: 'order.paid',
  category: 'order',
  displayName: 'Paid',
  description: '',
  example: null,
  archived: false,
};
const SCHEMA = {
  $defs: {
    money: { type: 'string', enum: ['#/$defs/money', { $ref: '#/$defs/money' }] },
    tree: { items: { $ref: '#' } },
  },
  properties: { $ref: { $ref: '#/$defs/money' }, all: { prefixItems: [{ $ref: '#/$defs/tree' }], not: { $ref: '#' } } },
};

test('every catalog that is exported is read back as it was', () => {
  const catalog = loadCatalog(['dakota', 'dfns', 'daya', OWN_CATALOG]).map((entry) => ({
    ...entry,
    schema: null,
    archived: false,
  }));
  const others = [
    { ...TYPE, schema: SCHEMA, example: { any: [1] } },
    { ...TYPE, name: 'order.open', schema: null, archived: true, description: 'Text' },
    { ...TYPE, name: 'order.any', schema: {}, example: 0 },
    { ...TYPE, name: 'order.none', schema: false },
    { ...TYPE, name: 'order.odd', schema: { $defs: { 'a b': true, unused: { not: {} } }, $ref: '#/$defs/a%20b' } },
    { ...TYPE, name: 'order.own_id', schema: { $id: 'https://example.com/a', $ref: '#/$defs/b', $defs: { b: true } } },
  ];
  for (const eventTypes of [catalog, others]) {
    const texts = read(formatOpenApi(eventTypes as never, 'Dakota')).eventTypes;
    expect(texts.map((entry) => ({ description: '', ...entry }))).toEqual(eventTypes);
  }
});

test('of a document of others the webhooks are read, and what their schemas refer to comes along', () => {
  const document = {
    openapi: '3.1.0',
    webhooks: {
      'pet.new': {
        post: {
          summary: 'New pet',
          deprecated: true,
          requestBody: { $ref: '#/components/requestBodies/pet' },
        },
      },
      'pet.gone': { put: { tags: ['pet', 'x'], requestBody: { content: { 'application/json': {} } } } },
      'pet.away': { $ref: '#/components/pathItems/away' },
    },
    components: {
      pathItems: { away: { post: { description: 'Away' } } },
      requestBodies: {
        pet: {
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/pet' },
              examples: { one: { value: { name: 'Rex' } } },
            },
          },
        },
      },
      schemas: {
        pet: {
          type: 'object',
          $defs: { owner: true },
          properties: { parent: { $ref: '#/components/schemas/pet' }, owner: { $ref: '#/components/schemas/owner' } },
        },
        owner: {
          type: 'object',
          properties: {
            pets: { items: { $ref: '#/components/schemas/pet' } },
            boss: { $ref: '#/components/schemas/owner' },
          },
        },
      },
    },
  };
  expect(read(document).eventTypes).toEqual([
    {
      ...{ name: 'pet.new', category: 'webhooks', displayName: 'New pet', archived: true, example: { name: 'Rex' } },
      schema: {
        type: 'object',
        properties: { parent: { $ref: '#' }, owner: { $ref: '#/$defs/owner2' } },
        $defs: {
          owner: true,
          owner2: { type: 'object', properties: { pets: { items: { $ref: '#' } }, boss: { $ref: '#/$defs/owner2' } } },
        },
      },
    },
    { name: 'pet.gone', category: 'pet', schema: null, example: null, archived: false },
    { name: 'pet.away', category: 'webhooks', description: 'Away', schema: null, example: null, archived: false },
  ]);
});

test('what is not OpenAPI stays as it is; OpenAPI without webhooks is refused', () => {
  for (const text of ['{', '{"eventTypes":[]}', '[]', 'null']) expect(fromOpenApi(text)).toBe(text);
  expect(() => read({ openapi: '3.0.3', webhooks: {} })).toThrow('Expected OpenAPI 3.1 or newer with "webhooks"');
  expect(() => read({ openapi: '3.1.0', paths: {} })).toThrow('got OpenAPI "3.1.0"');
});

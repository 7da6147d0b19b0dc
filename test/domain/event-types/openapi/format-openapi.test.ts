/** The exported OpenAPI document, as the tools of receivers see it: a linter, and a validator of JSON Schema. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, test } from 'vitest';
import { requestHeaders } from '../../../../src/domain/signing/request-headers.ts';
import { loadCatalog, OWN_CATALOG } from '../../../../src/domain/event-types/catalogs.ts';
import { formatOpenApi } from '../../../../src/domain/event-types/openapi/format-openapi.ts';

const catalog = loadCatalog(['dakota', 'dfns', 'daya', OWN_CATALOG]).map((entry) => ({
  ...entry,
  schema: null,
  archived: false,
}));
const extra = {
  ...{ name: 'order.paid', category: 'order', displayName: 'Paid', description: 'Paid.', archived: true },
  schema: { $defs: { money: { type: 'string' } }, type: 'object', properties: { total: { $ref: '#/$defs/money' } } },
  example: { total: '1.10' },
};
const document = formatOpenApi([...catalog, extra] as never, 'Acme') as any;

test('a linter finds no error in it, and no example that its schema refuses', async () => {
  // No host of ours: it is the receivers' that listen. The licence is the owner's to choose.
  const rules = { 'no-empty-servers': 'off', 'info-license': 'off' } as const;
  const config = await createConfig({ extends: ['recommended'], rules });
  const lint = (value: unknown) => lintFromString({ source: JSON.stringify(value), config });
  const told = (await lint(document)).map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer]);
  expect(told).toEqual([]);
  const broken = structuredClone(document);
  broken.webhooks['order.paid'].post.requestBody.content['application/json'].example.data.total = 1;
  expect((await lint(broken)).map(({ ruleId }) => ruleId)).toContain('no-invalid-media-type-examples');
});

test('each body has its schema, which takes what is sent and refuses what is not', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'https://example.com/openapi');
  const validate = ajv.getSchema('https://example.com/openapi#/components/schemas/order.paid')!;
  const body = { id: 'x', event: 'order.paid', data: { total: '1' }, created_at: '2026-01-15T10:30:00.000Z' };
  expect(validate(body)).toBe(true);
  for (const wrong of [{ data: { total: 1 } }, { event: 'order.open' }, { id: 7 }]) {
    expect(validate({ ...body, ...wrong }), JSON.stringify(wrong)).toBe(false);
  }
});

test('it names every header of a request, with the brand of the deployment, and says what each signature is over', () => {
  const facts = { brand: 'Acme', eventId: '', eventType: '', number: 1, timestamp: 0, signature: '', signatures: '' };
  const { parameters } = document.components;
  expect(['Content-Type', ...Object.keys(parameters)]).toEqual(Object.keys(requestHeaders(facts)));
  for (const { description } of Object.values<any>(parameters)) expect(description).toMatch(/\.$/);
  expect(document.webhooks['order.paid'].post).toMatchObject({ deprecated: true, summary: 'Paid', tags: ['order'] });
});

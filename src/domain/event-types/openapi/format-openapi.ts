/**
 * A catalog of event types as an OpenAPI 3.1 document: each type is one of its `webhooks`, so receivers make types, stubs and
 * documents of it with the tools that they have. read-openapi.ts reads it back without loss.
 *
 *     webhooks.<type>.post       summary, description, tags (the category), deprecated (archived), the headers
 *     components.schemas.<type>        the body: id, event, data, created_at, customer_id
 *     components.schemas.<type>-data   the schema of the data, where the type has one; no type has a hyphen in its name
 *     components.schemas.<type>-data-<name>   a definition ($defs) of that schema
 */
import type { CatalogFileEntry } from '../catalog-file.ts';
import { requestHeaders } from '../../signing/request-headers.ts';
import { isJsonObject, mapReferences, type JsonObject } from './map-references.ts';

/** The name of the schema of a type's data. */
const dataSchemaOf = (eventType: string): string => `${eventType}-data`;

/** The name of a definition of that schema. */
const definitionOf = (dataSchema: string, name: string): string => `${dataSchema}-${name}`;

const isComponentName = (name: string): boolean => /^[\w.-]+$/.test(name);

/** The place of a schema of the document, as a reference. */
const schemaReference = (name: string): string => `#/components/schemas/${name}`;

const EXAMPLE_ID = '31TgvvT3Gk9Xb0Zc4r8hQm2LwPe';
const EXAMPLE_TIME = '2026-01-15T10:30:00.000Z';

/** `brand`: a part of the names of headers. */
export function formatOpenApi(eventTypes: readonly CatalogFileEntry[], brand: string): object {
  const parameters = headerParameters(brand);
  const references = Object.keys(parameters).map((name) => ({ $ref: `#/components/parameters/${name}` }));
  return {
    openapi: '3.1.0',
    info: {
      title: `${brand} webhooks`,
      version: '1.0.0',
      description:
        'The events that a webhook target receives, one POST each. Answer with a 2xx within 20 seconds. An event may come ' +
        'more than once, with the same id.',
    },
    security: [],
    webhooks: Object.fromEntries(eventTypes.map((type) => [type.name, { post: operationOf(type, references) }])),
    components: { parameters, schemas: Object.assign({}, ...eventTypes.map(schemasOf)) as object },
  };
}

function operationOf(eventType: CatalogFileEntry, parameters: readonly object[]): object {
  const { name, category, displayName, description, example, archived } = eventType;
  const body = { id: EXAMPLE_ID, event: name, data: example, created_at: EXAMPLE_TIME };
  return {
    operationId: name,
    tags: [category],
    summary: displayName,
    ...(description !== '' && { description }),
    ...(archived && { deprecated: true }),
    parameters,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { $ref: schemaReference(name) },
          ...(example !== null && { example: body }),
        },
      },
    },
    responses: {
      '2XX': { description: 'Received.' },
      '4XX': { description: 'Not received: the event comes again. After 429, Retry-After is obeyed within limits.' },
      '5XX': { description: 'Not received: the event comes again. After 503, Retry-After is obeyed within limits.' },
    },
  };
}

function schemasOf({ name, schema }: CatalogFileEntry): object {
  const dataName = dataSchemaOf(name);
  const body = {
    type: 'object',
    required: ['id', 'event', 'data', 'created_at'],
    properties: {
      id: { type: 'string', description: 'KSUID; the same in every attempt: deduplicate by it.' },
      event: { const: name },
      data: schema === null ? {} : { $ref: schemaReference(dataName) },
      created_at: { type: 'string', format: 'date-time', description: 'When the event was published.' },
      customer_id: { type: 'string', description: 'The customer whom the event is about, when there is one.' },
    },
  };
  return { [name]: body, ...(schema !== null && dataSchemas(dataName, schema)) };
}

/**
 * A schema and its definitions, as schemas of the document: tools that make types take a definition within a schema for a property.
 * A reference such as #/$defs/money means a place in the schema, so it becomes a reference to the place in the document.
 */
function dataSchemas(name: string, schema: unknown): object {
  const definitions = isJsonObject(schema) && schema['$id'] === undefined ? schema['$defs'] : undefined;
  const moved = Object.entries(isJsonObject(definitions) ? definitions : {}).filter(([key]) => isComponentName(key));
  const rewrite = (reference: string): string => {
    const [, key = '', rest = ''] = /^#\/\$defs\/([^/]+)(.*)$/.exec(reference) ?? [];
    if (moved.some(([known]) => known === key)) return `${schemaReference(definitionOf(name, key))}${rest}`;
    return /^#(\/|$)/.test(reference) ? `${schemaReference(name)}${reference.slice(1)}` : reference;
  };
  const own = mapReferences(schema, rewrite);
  const schemas = moved.map(
    ([key, definition]) => [definitionOf(name, key), mapReferences(definition, rewrite)] as const,
  );
  return {
    [name]:
      moved.length > 0
        ? withoutDefinitions(
            own as JsonObject,
            moved.map(([key]) => key),
          )
        : own,
    ...Object.fromEntries(schemas),
  };
}

/** Without the definitions of these names. */
function withoutDefinitions({ $defs, ...schema }: JsonObject, names: readonly string[]): object {
  const kept = Object.entries($defs as JsonObject).filter(([name]) => !names.includes(name));
  return kept.length > 0 ? { ...schema, $defs: Object.fromEntries(kept) } : schema;
}

/** What the value of each header is, by the fact that it tells. */
const MEANINGS = {
  'Content-Type': null, // It belongs to the body.
  'User-Agent': ['string', 'The sender.'],
  'X-Webhook-Timestamp': ['integer', 'Unix seconds at which this attempt was sent.'],
  'X-Webhook-Signature': [
    'string',
    'Base64 of the Ed25519 signature over the timestamp, directly followed by the bytes of the body. The public keys are at ' +
      '/.well-known/jwks.json of the sender.',
  ],
  'Event-ID': ['string', 'The id of the event: the same in every attempt.'],
  'Event-Type': ['string', 'The event type.'],
  'Delivery-Attempt': ['integer', 'The number of the attempt, from 1.'],
  'webhook-id': ['string', 'The id of the event (Standard Webhooks).'],
  'webhook-timestamp': ['integer', 'Unix seconds at which this attempt was sent (Standard Webhooks).'],
  'webhook-signature': [
    'string',
    'Signatures separated by spaces (Standard Webhooks): "v1," and base64 of HMAC-SHA256 by each valid secret of the target, ' +
      '"v1a," and base64 of Ed25519 by each valid key of the sender, over webhook-id, ".", webhook-timestamp, "." and the bytes ' +
      'of the body.',
  ],
} as const satisfies Readonly<Record<string, readonly ['string' | 'integer', string] | null>>;

function headerParameters(brand: string): Readonly<Record<string, object>> {
  const facts = { brand, eventId: '', eventType: '', number: 1, timestamp: 0, signature: '', signatures: '' };
  const entries = Object.keys(requestHeaders(facts)).flatMap((name) => {
    const meaning = MEANINGS[name.replace(`X-${brand}-`, '') as keyof typeof MEANINGS];
    if (meaning === null) return [];
    const [type, description] = meaning;
    return [[name, { name, in: 'header', required: true, description, schema: { type } }]];
  });
  return Object.fromEntries(entries) as Record<string, object>;
}

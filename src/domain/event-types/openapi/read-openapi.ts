/**
 * The `webhooks` of an OpenAPI 3.1 document as the entries of a catalog file: of a document that format-openapi.ts wrote, and
 * of any other. Nothing is judged here: parseCatalogFile finds the mistakes.
 */
import { isJsonObject, mapReferences, type JsonObject } from './map-references.ts';

const METHODS = ['post', 'put', 'patch', 'get'] as const;
const JSON_TYPE = 'application/json';
/** Of a webhook without tags: an event type must have one. */
const CATEGORY = 'webhooks';

/** A schema, and where it stands in the document: /components/schemas/wallet.created, a JSON Pointer (RFC 6901). */
type Placed = { readonly schema: unknown; readonly pointer: string };

/** The text of a catalog file for that of an OpenAPI document, and any other text as it is. */
export function fromOpenApi(text: string): string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return text; // parseCatalogFile says what is wrong with it.
  }
  return isJsonObject(document) && 'openapi' in document ? JSON.stringify(readOpenApi(document)) : text;
}

/** Throws an Error when the document has no webhooks. */
function readOpenApi(document: JsonObject): { readonly eventTypes: readonly object[] } {
  const { openapi, webhooks } = document;
  if (!/^3\.[1-9]/.test(String(openapi)) || !isJsonObject(webhooks)) {
    throw new Error(`Expected OpenAPI 3.1 or newer with "webhooks", got OpenAPI ${JSON.stringify(openapi)}`);
  }
  return { eventTypes: Object.keys(webhooks).map((name) => readWebhook(document, name)) };
}

function readWebhook(document: JsonObject, name: string): object {
  const item = follow(document, { schema: at(document, '/webhooks', name), pointer: `/webhooks/${toSegment(name)}` });
  const method = METHODS.find((each) => isJsonObject(objectOf(item.schema)[each])) ?? METHODS[0];
  const operation = objectOf(objectOf(item.schema)[method]);
  const request = follow(document, {
    schema: operation['requestBody'],
    pointer: `${item.pointer}/${method}/requestBody`,
  });
  const media = objectOf(objectOf(objectOf(request.schema)['content'])[JSON_TYPE]);
  const pointer = `${request.pointer}/content/${toSegment(JSON_TYPE)}/schema`;
  const body = follow(document, { schema: media['schema'], pointer });
  const isOurs = isEnvelope(body.schema);
  const data = isOurs ? dataOf(body) : body;
  const example = exampleOf(media);
  const { tags, summary, description, deprecated } = operation;
  return {
    name,
    category: Array.isArray(tags) && tags.length > 0 ? (tags[0] as unknown) : CATEGORY,
    ...(summary !== undefined && { displayName: summary }),
    ...(description !== undefined && { description }),
    schema: isAny(data.schema) ? null : embed(document, follow(document, data), isOurs),
    example: (isOurs ? objectOf(example)['data'] : example) ?? null,
    archived: deprecated === true,
  };
}

/** Whether it describes a body that targets are sent. Of a document of others the whole body counts as the data. */
const isEnvelope = (schema: unknown): boolean =>
  ['id', 'event', 'data'].every((name) => name in objectOf(objectOf(schema)['properties']));

const dataOf = ({ schema, pointer }: Placed): Placed => ({
  schema: objectOf(objectOf(schema)['properties'])['data'],
  pointer: `${pointer}/properties/data`,
});

function exampleOf({ example, examples }: JsonObject): unknown {
  if (example !== undefined) return example;
  const [first] = Object.values(objectOf(examples));
  return objectOf(first)['value'];
}

const isAny = (schema: unknown): boolean =>
  schema === undefined || schema === true || (isJsonObject(schema) && Object.keys(schema).length === 0);

/** The schema by itself: what it refers to elsewhere in the document comes along, in its $defs. */
function embed(document: JsonObject, { schema, pointer }: Placed, isOurs: boolean): unknown {
  const own = objectOf(objectOf(schema)['$defs']);
  const names = new Map<string, string>(); // In $defs, by pointers.
  const brought: Record<string, unknown> = {};

  /** Brings the schema at the pointer, and returns its name. */
  function bring(target: string): string {
    const known = names.get(target);
    if (known !== undefined) return known;
    const name = namesFor(target).find((each) => !(each in own) && !(each in brought))!;
    names.set(target, name);
    brought[name] = true; // It may refer to itself, so its name is taken before it is read.
    brought[name] = mapReferences(resolve(document, target), rewrite);
    return name;
  }

  function rewrite(reference: string): string {
    const target = reference.slice(1);
    if (!reference.startsWith('#/')) return reference;
    if (target === pointer) return '#';
    if (target.startsWith(`${pointer}/`)) return `#${target.slice(pointer.length)}`;
    // A place within a schema of the document comes with the whole schema.
    const [, whole = target, rest = ''] = /^(\/components\/schemas\/[^/]+)(.*)$/.exec(target) ?? [];
    return `#/$defs/${toSegment(bring(whole))}${rest}`;
  }

  /** Names that it may have, the best one first. */
  function* namesFor(target: string): Generator<string, void> {
    const isDefinition = isOurs && target.startsWith(`${pointer}-`);
    const name = fromSegment(isDefinition ? target.slice(pointer.length + 1) : target.split('/').at(-1)!);
    yield name;
    for (let count = 2; ; count++) yield `${name}${count}`;
  }

  const moved = mapReferences(schema, rewrite);
  if (isOurs) definitionsOf(document, pointer).forEach(bring);
  if (Object.keys(brought).length === 0) return moved;
  return { ...objectOf(moved), $defs: { ...objectOf(objectOf(moved)['$defs']), ...brought } };
}

/** Pointers to the definitions of a schema that format-openapi.ts wrote, also of those that nothing refers to. */
const definitionsOf = (document: JsonObject, pointer: string): string[] =>
  Object.keys(objectOf(resolve(document, '/components/schemas')))
    .map((name) => `/components/schemas/${toSegment(name)}`)
    .filter((each) => each.startsWith(`${pointer}-`));

/** Goes on where the value only refers to another place of the document. */
function follow(document: JsonObject, placed: Placed): Placed {
  const seen = new Set<string>();
  let { schema, pointer } = placed;
  while (isJsonObject(schema) && typeof schema['$ref'] === 'string' && Object.keys(schema).length === 1) {
    const reference = schema['$ref'];
    if (!reference.startsWith('#/') || seen.has(reference)) break;
    seen.add(reference);
    pointer = reference.slice(1);
    schema = resolve(document, pointer);
  }
  return { schema, pointer };
}

const resolve = (document: JsonObject, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map(fromSegment)
    .reduce<unknown>((value, key) => (value as JsonObject | undefined)?.[key], document);

const at = (document: JsonObject, pointer: string, key: string): unknown => objectOf(resolve(document, pointer))[key];

const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

const toSegment = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
const fromSegment = (key: string): string => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');

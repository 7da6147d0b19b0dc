/**
 * The file that a catalog of event types is exported to and imported from:
 *
 *     { "eventTypes": [{ "name", "category", "displayName", "description", "schema", "example", "archived" }] }
 *
 * `name` and `category` are required. Other fields may be left out, as in createEventType: the name in words, no
 * description, no schema, no example, not archived.
 */
import { describeEventType, type EventTypeFields, type EventTypeInput } from './event-type-fields.ts';
import type { SchemaChecks } from '../schemas/checks.ts';
import { quote } from '../text.ts';

export type CatalogFileEntry = EventTypeFields & { readonly name: string; readonly archived: boolean };

/** A place in the file, such as `eventTypes[3].schema`, and what was expected there. */
export type CatalogMistake = { readonly path: string; readonly message: string };

export type CatalogFile =
  | { readonly ok: true; readonly eventTypes: readonly CatalogFileEntry[] }
  | { readonly ok: false; readonly mistakes: readonly CatalogMistake[] };

const TEXTS = ['name', 'category', 'displayName', 'description'] as const;
const FIELDS: readonly string[] = [...TEXTS, 'schema', 'example', 'archived'];

export const formatCatalogFile = (eventTypes: readonly CatalogFileEntry[]): string =>
  `${JSON.stringify({ eventTypes }, null, 2)}\n`;

/** Reads the whole file and finds every mistake in it. */
export async function parseCatalogFile(text: string, schemas: SchemaChecks): Promise<CatalogFile> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse({ path: '', message: `Expected JSON: ${(error as Error).message}` });
  }
  if (!isObject(value) || !Array.isArray(value['eventTypes'])) {
    return refuse({ path: '', message: 'Expected an object with a list "eventTypes"' });
  }
  const mistakes: CatalogMistake[] = Object.keys(value)
    .filter((key) => key !== 'eventTypes')
    .map((key) => ({ path: key, message: 'Expected "eventTypes" and nothing else' }));
  const eventTypes: CatalogFileEntry[] = [];
  const firstAt = new Map<string, number>();
  for (const [index, item] of (value['eventTypes'] as unknown[]).entries()) {
    const path = `eventTypes[${index}]`;
    const entry = await readEntry(item, path, schemas);
    if (!entry.ok) {
      mistakes.push(...entry.mistakes);
      continue;
    }
    const { name } = entry.eventTypes[0]!;
    const earlier = firstAt.get(name);
    if (earlier === undefined) firstAt.set(name, index);
    else mistakes.push({ path: `${path}.name`, message: `Expected each name once; eventTypes[${earlier}] has it too` });
    eventTypes.push(...entry.eventTypes);
  }
  return mistakes.length > 0 ? refuse(...mistakes) : { ok: true, eventTypes };
}

async function readEntry(item: unknown, path: string, schemas: SchemaChecks): Promise<CatalogFile> {
  if (!isObject(item)) return refuse({ path, message: `Expected an object, got ${kindOf(item)}` });
  const mistakes: CatalogMistake[] = [];
  for (const key of Object.keys(item).filter((key) => !FIELDS.includes(key))) {
    mistakes.push({ path: `${path}.${key}`, message: `Unknown field; expected some of ${FIELDS.join(', ')}` });
  }
  for (const field of TEXTS) {
    const text = item[field];
    const isMissing = text === undefined && (field === 'name' || field === 'category');
    if (typeof text === 'string' || (text === undefined && !isMissing)) continue;
    mistakes.push({ path: `${path}.${field}`, message: `Expected text, got ${kindOf(text)}` });
  }
  const { archived = false } = item;
  if (typeof archived !== 'boolean') {
    mistakes.push({ path: `${path}.archived`, message: `Expected true or false, got ${kindOf(archived)}` });
  }
  if (mistakes.length > 0) return refuse(...mistakes);
  const { name, ...input } = item as EventTypeInput & { name: string };
  const described = await describeEventType(schemas, name, input);
  if (described.ok) return { ok: true, eventTypes: [{ name, ...described.value, archived: archived as boolean }] };
  return refuse(
    ...described.userErrors.map(({ field, message }) => ({
      path: [path, ...(field?.slice(1) ?? [])].join('.'),
      message,
    })),
  );
}

const refuse = (...mistakes: CatalogMistake[]): CatalogFile => ({ ok: false, mistakes });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function kindOf(value: unknown): string {
  if (value === undefined) return 'none';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : quote(String(value));
}

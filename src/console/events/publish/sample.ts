/** Sample data for a JSON Schema, for types that have no example: something to change, not something that is right. */

type Schema = { readonly [keyword: string]: unknown };

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deeper schemas, and those that hold themselves, end here. */
const MAX_DEPTH = 6;

export function sampleOf(schema: unknown): unknown {
  return sample(schema, schema, 0);
}

function sample(node: unknown, root: unknown, depth: number): unknown {
  if (!isObject(node) || depth > MAX_DEPTH) return null;
  if (typeof node['$ref'] === 'string') return sample(resolve(root, node['$ref']), root, depth + 1);
  if ('const' in node) return node['const'];
  if ('default' in node) return node['default'];
  for (const keyword of ['examples', 'enum'] as const) {
    const [first] = Array.isArray(node[keyword]) ? node[keyword] : [];
    if (first !== undefined) return first;
  }
  for (const keyword of ['oneOf', 'anyOf'] as const) {
    if (Array.isArray(node[keyword]) && !('properties' in node)) return sample(node[keyword][0], root, depth + 1);
  }
  if (Array.isArray(node['allOf'])) {
    const parts = node['allOf'].map((part) => sample(part, root, depth + 1)).filter(isObject);
    return Object.assign({}, ...parts, isObject(node['properties']) ? ofType('object', node, root, depth) : {});
  }
  return ofType(typeOf(node), node, root, depth);
}

function typeOf(node: Schema): unknown {
  const [type] = [node['type']].flat();
  if (type !== undefined) return type;
  return 'properties' in node ? 'object' : 'items' in node ? 'array' : undefined;
}

function ofType(type: unknown, node: Schema, root: unknown, depth: number): unknown {
  switch (type) {
    case 'object': {
      const properties = isObject(node['properties']) ? Object.entries(node['properties']) : [];
      return Object.fromEntries(properties.map(([name, part]) => [name, sample(part, root, depth + 1)]));
    }
    case 'array':
      return node['items'] === undefined ? [] : [sample(node['items'], root, depth + 1)];
    case 'string':
      return FORMATS[String(node['format'])] ?? '';
    case 'integer':
    case 'number':
      return typeof node['minimum'] === 'number' ? node['minimum'] : 0;
    case 'boolean':
      return false;
    default:
      return null;
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  email: 'somebody@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** Only places within the schema: `#/$defs/…`. */
function resolve(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#')) return null;
  const names = reference.slice(1).split('/').slice(1);
  return names.reduce<unknown>((node, name) => {
    const key = decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');
    return isObject(node) && Object.hasOwn(node, key) ? node[key] : null;
  }, root);
}

export type SchemaField = {
  /** `wallet.address`; `[]` stands for each entry of a list. */
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string;
};

/** The fields that the schema names, to read beside the data. At most 200: a schema may name more than a page can show. */
export function fieldsOf(schema: unknown): readonly SchemaField[] {
  const fields: SchemaField[] = [];
  collect(schema, schema, '', fields, 0);
  return fields;
}

function collect(node: unknown, root: unknown, path: string, fields: SchemaField[], depth: number): void {
  if (!isObject(node) || depth > MAX_DEPTH || fields.length >= 200) return;
  if (typeof node['$ref'] === 'string') return collect(resolve(root, node['$ref']), root, path, fields, depth + 1);
  for (const part of Array.isArray(node['allOf']) ? node['allOf'] : []) collect(part, root, path, fields, depth + 1);
  if (node['items'] !== undefined) collect(node['items'], root, `${path}[]`, fields, depth + 1);
  if (!isObject(node['properties'])) return;
  const required = Array.isArray(node['required']) ? node['required'] : [];
  for (const [name, part] of Object.entries(node['properties'])) {
    if (fields.length >= 200) return;
    const place = path === '' ? name : `${path}.${name}`;
    fields.push({
      path: place,
      type: nameType(part),
      isRequired: required.includes(name),
      description: describe(part),
    });
    collect(part, root, place, fields, depth + 1);
  }
}

function nameType(node: unknown): string {
  if (!isObject(node)) return 'any';
  if (Array.isArray(node['enum'])) return node['enum'].map((value) => JSON.stringify(value)).join(' | ');
  if ('const' in node) return JSON.stringify(node['const']);
  const types = [node['type']].flat().filter((type) => typeof type === 'string');
  const format = typeof node['format'] === 'string' ? ` (${node['format']})` : '';
  return types.length === 0 ? 'any' : types.join(' | ') + format;
}

const describe = (node: unknown): string =>
  isObject(node) && typeof node['description'] === 'string' ? node['description'] : '';

/**
 * The references of a JSON Schema (2020-12), wherever a schema may stand in it.
 * Texts in `const`, `enum` or an example are left alone.
 */

/** Keywords whose value is a schema, a list of schemas, or schemas by name. Drafts before 2020-12 had some of them. */
const SCHEMA = new Set(
  'additionalItems additionalProperties contains contentSchema else if items not propertyNames then unevaluatedItems unevaluatedProperties'.split(
    ' ',
  ),
);
const LIST = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items']);
const BY_NAME = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties']);

export type JsonObject = { readonly [key: string]: unknown };

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A copy whose references are rewritten. A schema with an `$id` of its own is left alone:
 * its references are meant within it, wherever it stands.
 */
export function mapReferences(schema: unknown, rewrite: (reference: string) => string): unknown {
  if (!isJsonObject(schema) || typeof schema['$id'] === 'string') return schema;
  const map = (inner: unknown): unknown => mapReferences(inner, rewrite);
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key === '$ref' && typeof value === 'string') return [key, rewrite(value)];
      if (LIST.has(key) && Array.isArray(value)) return [key, value.map(map)];
      if (SCHEMA.has(key)) return [key, map(value)];
      if (BY_NAME.has(key) && isJsonObject(value)) {
        return [key, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, map(inner)]))];
      }
      return [key, value];
    }),
  );
}

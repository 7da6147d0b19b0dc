/** JSON Schemas of event types: draft 2020-12, compiled by Ajv. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { userError, type UserError } from '../errors.ts';
import type { Field } from './text.ts';

/** The first rule of the schema that `data` breaks, with the place in the data; undefined when it satisfies them all. */
export type FindViolation = (data: unknown) => string | undefined;

export type CompiledSchema =
  | { readonly ok: true; readonly findViolation: FindViolation }
  /** Why it is not a schema, in Ajv's words. */
  | { readonly ok: false; readonly reason: string };

/**
 * Compiles a schema once, for any number of checks. As the draft says, unknown keywords and `format` are annotations.
 * References must stay inside the schema: nothing is ever loaded.
 */
export function compileSchema(schema: unknown): CompiledSchema {
  // An instance per schema: a shared one would remember every $id, and refuse the second schema that uses it.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, ownProperties: true, logger: false });
  try {
    const validate = ajv.compile(schema as object);
    // Ajv's own dialect: such a schema answers with a promise, which is true whatever the data.
    if ((validate as { $async?: boolean }).$async)
      return { ok: false, reason: '$async is not part of JSON Schema 2020-12' };
    const findViolation: FindViolation = (data) => (validate(data) ? undefined : describe(validate.errors?.[0]));
    return { ok: true, findViolation: withoutOverflow(findViolation) };
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
}

function describe(error: ErrorObject | undefined): string {
  if (!error) return 'the data is not valid';
  const place = error.instancePath === '' ? 'the data' : error.instancePath;
  return `${place} ${error.message ?? 'is not valid'}`;
}

/** A schema that refers to itself without end, such as {"$ref": "#"}, accepts nothing. */
const withoutOverflow =
  (findViolation: FindViolation): FindViolation =>
  (data) => {
    try {
      return findViolation(data);
    } catch (error) {
      if (error instanceof RangeError) return 'the schema refers to itself without end';
      throw error;
    }
  };

const MAX_JSON_DEPTH = 100;
const MAX_JSON_BYTES = 256 * 1024;

/** The errors of a schema or example that is to be stored: what jsonb or a JSON parser would refuse or change. */
export function checkStorableJson(field: Field, value: unknown): UserError[] {
  const problem = findUnstorable(value);
  if (problem !== undefined) return [userError('INVALID', field, problem)];
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= MAX_JSON_BYTES) return [];
  return [userError('TOO_LONG', field, `Expected at most ${MAX_JSON_BYTES} bytes of JSON, got ${bytes}.`)];
}

function findUnstorable(root: unknown): string | undefined {
  const stack = [{ value: root, depth: 0 }];
  for (let item = stack.pop(); item; item = stack.pop()) {
    const { value, depth } = item;
    if (typeof value === 'string' && !isStorable(value)) return 'Expected text without NUL and lone surrogates.';
    if (typeof value === 'number' && !Number.isFinite(value)) return 'Expected numbers that a double can hold.';
    if (typeof value !== 'object' || value === null) continue;
    if (depth === MAX_JSON_DEPTH) return `Expected at most ${MAX_JSON_DEPTH} levels of nesting, got more.`;
    for (const [key, child] of Object.entries(value)) {
      if (!isStorable(key)) return 'Expected keys without NUL and lone surrogates.';
      stack.push({ value: child, depth: depth + 1 });
    }
  }
  return undefined;
}

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** JSON Schemas of event types: draft 2020-12, compiled by Ajv. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { userError, type UserError } from '../errors.ts';
import { quote, type Field } from './text.ts';
import { runWithin, TimeOverError } from './time-limit.ts';

/**
 * The first rule of the schema that data, given as JSON text, breaks, with the place in the data (a JSON Pointer, RFC 6901);
 * undefined when it satisfies them all.
 */
export type FindViolation = (dataText: string) => string | undefined;

export type CompiledSchema =
  | { readonly ok: true; readonly findViolation: FindViolation }
  /** Why it is not a schema, in Ajv's words. */
  | { readonly ok: false; readonly reason: string };

/** A schema that needs longer is refused when it is to be stored; one that was stored may find a slower moment. */
export const COMPILE_LIMIT_MS = 2_000;
const STORED_COMPILE_LIMIT_MS = 20_000;

/**
 * Compiles a schema once, for any number of checks. As the draft says, unknown keywords and `format` are annotations.
 * References must stay inside the schema: nothing is ever loaded. A schema that is hostile, or only careless, costs a
 * bounded time: see `CHECK_LIMIT_MS`.
 */
export function compileSchema(schema: unknown, limitMs = STORED_COMPILE_LIMIT_MS): CompiledSchema {
  // An instance per schema: a shared one would remember every $id, and refuse the second schema that uses it.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, ownProperties: true, logger: false });
  try {
    const validate = runWithin(limitMs, () => ajv.compile(schema as object));
    // Ajv's own dialect: such a schema answers with a promise, which is true whatever the data.
    if ((validate as { $async?: boolean }).$async)
      return { ok: false, reason: '$async is not part of JSON Schema 2020-12' };
    const check = (data: unknown) => (validate(data) ? undefined : describe(validate.errors?.[0]));
    return { ok: true, findViolation: bounded(JSON.stringify(schema), check) };
  } catch (error) {
    const { message } = error as Error;
    return { ok: false, reason: error instanceof RangeError ? 'it is too large to compile' : message };
  }
}

function describe(error: ErrorObject | undefined): string {
  if (!error) return 'the data is not valid';
  const place = error.instancePath === '' ? 'the data' : error.instancePath;
  const { additionalProperty, unevaluatedProperty } = error.params;
  const extra = additionalProperty ?? unevaluatedProperty;
  const which = typeof extra === 'string' ? `: ${quote(extra)}` : '';
  return `${place} ${error.message ?? 'is not valid'}${which}`;
}

/** For one check. Each check that runs out of time halves it for the next one, and each that does not doubles it again. */
const CHECK_LIMIT_MS = 200;
const LEAST_CHECK_LIMIT_MS = 5;
/** What can take longer than schema and data are long: matching, following references, comparing all with all. */
const EXPENSIVE = /"(pattern|patternProperties|\$ref|\$dynamicRef|uniqueItems)":/;
/** Characters of the schema times characters of the data: below it a check takes a few milliseconds. */
const CHEAP_WORK = 2_000_000;

/** The check with a time limit where it needs one. A schema that refers to itself without end accepts nothing. */
function bounded(schemaText: string, check: (data: unknown) => string | undefined): FindViolation {
  const isExpensive = EXPENSIVE.test(schemaText);
  let limitMs = CHECK_LIMIT_MS;
  return (dataText) => {
    const data: unknown = JSON.parse(dataText);
    if (!isExpensive && schemaText.length * dataText.length <= CHEAP_WORK) return check(data);
    try {
      const violation = runWithin(limitMs, () => check(data));
      limitMs = Math.min(limitMs * 2, CHECK_LIMIT_MS);
      return violation;
    } catch (error) {
      if (error instanceof RangeError) return 'the schema refers to itself without end';
      if (!(error instanceof TimeOverError)) throw error;
      const reason = `the data could not be checked within ${limitMs} ms: the schema is too expensive for it`;
      limitMs = Math.max(limitMs / 2, LEAST_CHECK_LIMIT_MS);
      return reason;
    }
  };
}

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

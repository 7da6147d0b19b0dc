/** JSON Schemas of event types: draft 2020-12, compiled by Ajv. */
import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject } from 'ajv/dist/2020.js';
import { quote } from '../text.ts';

const require = createRequire(import.meta.url);
/** Loaded with the first schema: many deployments have none, and it is 61 modules. */
const loadAjv = (): typeof Ajv2020 => (require('ajv/dist/2020.js') as { Ajv2020: typeof Ajv2020 }).Ajv2020;

/**
 * The first rule of the schema that the data breaks, with the place in the data (a JSON Pointer, RFC 6901). The data is JSON
 * text. Undefined when it satisfies all rules.
 */
export type FindViolation = (dataText: string) => string | undefined;

export type CompiledSchema =
  | { readonly ok: true; readonly findViolation: FindViolation }
  /** Says in Ajv's words why the value is not a schema. */
  | { readonly ok: false; readonly reason: string };

/**
 * Compiles a schema once, for any number of checks. As the draft says, unknown keywords and `format` are annotations.
 * References must stay inside the schema: nothing is ever loaded. Neither this nor the checks are bounded in time.
 * `isKnown` says that the schema has been compiled before, so it need not be compared with the draft.
 */
export function compileSchema(schema: unknown, { isKnown = false } = {}): CompiledSchema {
  // One instance for each schema: a shared one would remember every $id, and refuse the second schema that uses it.
  const ajv = new (loadAjv())({
    strict: false,
    validateFormats: false,
    ownProperties: true,
    logger: false,
    validateSchema: !isKnown,
  });
  try {
    const validate = ajv.compile(schema as object);
    // $async is Ajv's own dialect: such a schema answers with a promise, which is true whatever the data.
    if ((validate as { $async?: boolean }).$async)
      return { ok: false, reason: '$async is not part of JSON Schema 2020-12' };
    const check = (data: unknown) => (validate(data) ? undefined : describe(validate.errors?.[0]));
    return { ok: true, findViolation: (dataText) => withoutEnd(() => check(JSON.parse(dataText))) };
  } catch (error) {
    const { message } = error as Error;
    return { ok: false, reason: error instanceof RangeError ? 'it is too large to compile' : message };
  }
}

/** Catches the endless recursion of a schema that refers to itself: it accepts nothing. */
function withoutEnd(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    if (error instanceof RangeError) return 'the schema refers to itself without end';
    throw error;
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

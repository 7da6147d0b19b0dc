/** What the catalog says about an event type. As with targets, creation is a change, and all errors come at once. */
import { fail, succeed, userError, type Result, type UserError } from '../errors.ts';
import { checkStorableJson, COMPILE_LIMIT_MS, compileSchema, type CompiledSchema } from './event-schema.ts';
import { checkEventTypeName, displayNameOf } from './event-type.ts';
import { checkText } from './text.ts';

export type EventTypeFields = {
  readonly category: string;
  readonly displayName: string;
  readonly description: string;
  /** JSON Schema 2020-12 of the data; null accepts any JSON. */
  readonly schema: unknown;
  /** Data that a test event sends; satisfies the schema. Null: none. */
  readonly example: unknown;
};

/** Undefined means unchanged. In an update, null clears schema and example, and is refused for the texts. */
export type EventTypeInput = {
  readonly category?: string | null | undefined;
  readonly displayName?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly schema?: unknown;
  readonly example?: unknown;
};

const MAX_CATEGORY = 64;
const MAX_DISPLAY_NAME = 128;
const MAX_DESCRIPTION = 2_000;

/** A new event type: without a displayName the name in words, without a description none. */
export function describeEventType(name: string, input: EventTypeInput): Result<EventTypeFields> {
  const blank = { category: '', displayName: displayNameOf(name), description: '', schema: null, example: null };
  const { category, displayName, description, schema, example } = input;
  const supplied = {
    category: category ?? null,
    displayName: displayName ?? undefined,
    description: description ?? undefined,
  };
  const changed = changeEventType(blank, { ...supplied, schema, example });
  const nameErrors = checkEventTypeName('name', name);
  if (nameErrors.length === 0) return changed;
  return fail(...nameErrors, ...(changed.ok ? [] : changed.userErrors));
}

/** The event type after a change, or all the errors. */
export function changeEventType(current: EventTypeFields, input: EventTypeInput): Result<EventTypeFields> {
  const { category, displayName, description } = input;
  const errors = [
    ...checkWords('category', category, { most: MAX_CATEGORY, required: true }),
    ...checkWords('displayName', displayName, { most: MAX_DISPLAY_NAME, required: true }),
    ...checkWords('description', description, { most: MAX_DESCRIPTION }),
    ...checkData(current, input),
  ];
  if (errors.length > 0) return fail(...errors);
  return succeed({
    category: category ?? current.category,
    displayName: displayName ?? current.displayName,
    description: description ?? current.description,
    schema: input.schema === undefined ? current.schema : input.schema,
    example: input.example === undefined ? current.example : input.example,
  });
}

function checkWords(
  field: string,
  text: string | null | undefined,
  rule: { most: number; required?: boolean },
): UserError[] {
  if (text === undefined) return [];
  if (text === null) return [userError('REQUIRED', field, 'Expected text, got null.')];
  return checkText(field, text, rule);
}

function checkData(current: EventTypeFields, input: EventTypeInput): UserError[] {
  if (input.schema === undefined && input.example === undefined) return [];
  const unstorable = (['schema', 'example'] as const).flatMap((field) =>
    input[field] == null ? [] : checkStorableJson(field, input[field]),
  );
  if (unstorable.length > 0) return unstorable;

  const schema = input.schema === undefined ? current.schema : input.schema;
  const example = input.example === undefined ? current.example : input.example;
  if (schema === null) return [];
  const compiled = compileSchema(schema, COMPILE_LIMIT_MS);
  if (!compiled.ok) {
    return [userError('INVALID', 'schema', `Expected a JSON Schema of draft 2020-12: ${compiled.reason}.`)];
  }
  return example === null ? [] : checkExample(compiled, example, input.example !== undefined);
}

function checkExample(
  { findViolation }: Extract<CompiledSchema, { ok: true }>,
  example: unknown,
  isNew: boolean,
): UserError[] {
  const violation = findViolation(JSON.stringify(example));
  if (violation === undefined) return [];
  if (isNew) {
    return [userError('INVALID', 'example', `Expected an example that satisfies the schema: ${violation}.`)];
  }
  const hint = 'Send a new example with it, or null to remove the old one.';
  return [userError('INVALID', 'schema', `The example in the catalog does not satisfy it: ${violation}. ${hint}`)];
}

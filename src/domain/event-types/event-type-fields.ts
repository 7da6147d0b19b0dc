/** What the catalog says about an event type. As with targets, creation is a change, and all errors come at once. */
import { fail, succeed, userError, type Result, type UserError } from '../../errors.ts';
import { checkEventTypeName, displayNameOf } from './event-type.ts';
import type { SchemaChecks } from '../schemas/checks.ts';
import { checkStorableJson } from '../json/storable-json.ts';
import { checkText } from '../text.ts';

export type EventTypeFields = {
  readonly category: string;
  readonly displayName: string;
  readonly description: string;
  /** JSON Schema 2020-12 of the data; null accepts any JSON. */
  readonly schema: unknown;
  /** Data that a test event sends; it satisfies the schema. Null when there is none. */
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

/** A new event type. Without a displayName it gets the name in words; without a description it has none. */
export async function describeEventType(
  schemas: SchemaChecks,
  name: string,
  input: EventTypeInput,
): Promise<Result<EventTypeFields>> {
  const blank = { category: '', displayName: displayNameOf(name), description: '', schema: null, example: null };
  const { category, displayName, description, schema, example } = input;
  const supplied = {
    category: category ?? null,
    displayName: displayName ?? undefined,
    description: description ?? undefined,
  };
  const changed = await changeEventType(schemas, blank, { ...supplied, schema, example });
  const nameErrors = checkEventTypeName('name', name);
  if (nameErrors.length === 0) return changed;
  return fail(...nameErrors, ...(changed.ok ? [] : changed.userErrors));
}

/** The event type after a change, or all the errors. */
export async function changeEventType(
  schemas: SchemaChecks,
  current: EventTypeFields,
  input: EventTypeInput,
): Promise<Result<EventTypeFields>> {
  const { category, displayName, description } = input;
  const errors = [
    ...checkWords('category', category, { most: MAX_CATEGORY, required: true }),
    ...checkWords('displayName', displayName, { most: MAX_DISPLAY_NAME, required: true }),
    ...checkWords('description', description, { most: MAX_DESCRIPTION }),
    ...(await checkData(schemas, current, input)),
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

async function checkData(schemas: SchemaChecks, current: EventTypeFields, input: EventTypeInput): Promise<UserError[]> {
  if (input.schema === undefined && input.example === undefined) return [];
  const unstorable = (['schema', 'example'] as const).flatMap((field) =>
    input[field] == null ? [] : checkStorableJson(field, input[field]),
  );
  if (unstorable.length > 0) return unstorable;

  const schema = input.schema === undefined ? current.schema : input.schema;
  const example = input.example === undefined ? current.example : input.example;
  if (schema === null) return [];
  const fault = await schemas.examine(schema, example);
  if (!fault) return [];
  if (fault.at === 'schema') {
    return [userError('INVALID', 'schema', `Expected a JSON Schema of draft 2020-12: ${fault.reason}.`)];
  }
  if (input.example !== undefined) {
    return [userError('INVALID', 'example', `Expected an example that satisfies the schema: ${fault.reason}.`)];
  }
  const hint = 'Send a new example with it, or null to remove the old one.';
  return [userError('INVALID', 'schema', `The old example does not satisfy the schema: ${fault.reason}. ${hint}`)];
}

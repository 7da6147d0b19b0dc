/** An event type as it is edited, and the input of the mutation that saves it. */
import type { CreateEventTypeInput, TypeQuery, UpdateEventTypeInput } from '../generated/graphql.ts';

export type TypeDraft = {
  readonly name: string;
  readonly displayName: string;
  readonly category: string;
  readonly description: string;
  /** JSON; empty: none. */
  readonly schema: string;
  readonly example: string;
};

export const NEW_TYPE: TypeDraft = {
  name: '',
  displayName: '',
  category: '',
  description: '',
  schema: '',
  example: '',
};

const textOf = (value: unknown): string => (value === null ? '' : JSON.stringify(value, null, 2));

export const typeDraftOf = (type: NonNullable<TypeQuery['eventType']>): TypeDraft => ({
  name: type.name,
  displayName: type.displayName,
  category: type.category,
  description: type.description,
  schema: textOf(type.schema),
  example: textOf(type.example),
});

/** What is wrong before anything is sent, by the names of the input's fields. */
export function problemsOfType({ schema, example }: TypeDraft): Readonly<Record<string, string>> {
  const problems: Record<string, string> = {};
  for (const [name, text] of Object.entries({ schema, example })) {
    const problem = problemOfJson(text);
    if (problem !== null) problems[name] = problem;
  }
  return problems;
}

/** Null: the text is JSON that a browser carries to the service unchanged, or empty. */
function problemOfJson(text: string): string | null {
  if (text.trim() === '') return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `This is not JSON: ${(error as Error).message}`;
  }
}

const valueOf = (text: string): unknown => (text.trim() === '' ? null : JSON.parse(text));

const fieldsOf = ({ displayName, category, description, schema, example }: TypeDraft) => ({
  category: category.trim(),
  description,
  displayName: displayName.trim(),
  schema: valueOf(schema),
  example: valueOf(example),
});

export function createTypeInputOf(draft: TypeDraft): CreateEventTypeInput {
  const { displayName, ...fields } = fieldsOf(draft);
  return { name: draft.name.trim(), ...fields, ...(displayName !== '' && { displayName }) };
}

/** Only what was changed. */
export function updateTypeInputOf(draft: TypeDraft, before: TypeDraft): UpdateEventTypeInput {
  const old = fieldsOf(before);
  const changed = Object.entries(fieldsOf(draft)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name as keyof typeof old]),
  );
  return { name: before.name, ...Object.fromEntries(changed) };
}

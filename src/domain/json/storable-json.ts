/** JSON that is to be stored as jsonb: schemas and examples of event types. */
import { userError, type UserError } from '../../errors.ts';
import type { InputField } from '../text.ts';

const MAX_STORED_DEPTH = 100;
const MAX_JSON_BYTES = 256 * 1024;

/** The errors of a schema or example: everything in it that jsonb or a JSON parser would refuse or change. */
export function checkStorableJson(field: InputField, value: unknown): UserError[] {
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
    if (depth === MAX_STORED_DEPTH) return `Expected at most ${MAX_STORED_DEPTH} levels of nesting, got more.`;
    for (const [key, child] of Object.entries(value)) {
      if (!isStorable(key)) return 'Expected keys without NUL and lone surrogates.';
      stack.push({ value: child, depth: depth + 1 });
    }
  }
  return undefined;
}

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

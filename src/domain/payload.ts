/** The data of an event, and the exact body its targets receive. */
import { fail, succeed, userError, type Result } from '../errors.ts';

export const MAX_PAYLOAD_BYTES = 256 * 1024;
export const MAX_PAYLOAD_DEPTH = 100;

type Payload = { readonly data?: unknown; readonly rawData?: string | null | undefined };
type FieldPath = readonly (string | number)[];

/**
 * The JSON text of an event's data: `rawData` byte for byte, or `data` as JSON. `path` is where the input stands, for
 * errors: [] or ["events", 3].
 */
export function readPayload({ data, rawData }: Payload, path: FieldPath): Result<string> {
  const hasData = data !== undefined && data !== null;
  const hasRawData = rawData !== undefined && rawData !== null;
  if (hasData && hasRawData) {
    return fail(userError('INVALID', [...path, 'rawData'], 'Expected exactly one of data and rawData, got both.'));
  }
  if (hasRawData) return readRawData(rawData, [...path, 'rawData']);
  if (hasData) return readData(data, [...path, 'data']);
  const hint = 'Expected one of data and rawData, got neither. For a JSON null, set rawData to "null".';
  return fail(userError('REQUIRED', [...path, 'data'], hint));
}

function readRawData(text: string, field: FieldPath): Result<string> {
  const size = checkSize(text, field);
  if (!size.ok) return size;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return invalid(field, `Expected JSON text: ${(error as Error).message}.`);
  }
  // A lone surrogate cannot be sent as UTF-8; its escape \ud800 can.
  if (!text.isWellFormed()) return invalid(field, 'Expected Unicode text, got a lone surrogate; write it as \\uXXXX.');
  const problem = findProblem(value, false);
  return problem ? invalid(field, problem) : succeed(text);
}

function readData(data: unknown, field: FieldPath): Result<string> {
  const problem = findProblem(data, true); // Before stringify: it overflows the stack on deep data.
  if (problem) return invalid(field, problem);
  return checkSize(JSON.stringify(data, keepNegativeZero), field);
}

function checkSize(text: string, field: FieldPath): Result<string> {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_PAYLOAD_BYTES) return succeed(text);
  const message = `Expected at most ${MAX_PAYLOAD_BYTES} bytes (256 KiB) of JSON, got ${bytes}.`;
  return fail(userError('PAYLOAD_TOO_LARGE', field, message));
}

const invalid = (field: FieldPath, message: string): Result<never> =>
  fail(userError('PAYLOAD_INVALID', field, message));

/** JSON.stringify writes -0 as 0. */
const keepNegativeZero = (_key: string, value: unknown): unknown =>
  Object.is(value, -0) ? (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON('-0') : value;

/** What makes a value undeliverable, with its path; `checkNumbers` for values that a JSON parser already rounded. */
function findProblem(root: unknown, checkNumbers: boolean): string | undefined {
  const stack: { value: unknown; path: string; depth: number }[] = [{ value: root, path: '$', depth: 0 }];
  for (let item = stack.pop(); item; item = stack.pop()) {
    const { value, path, depth } = item;
    if (typeof value === 'string' && value.includes('\0')) {
      return `Expected text without NUL characters, got one at ${path}.`;
    }
    if (typeof value === 'number' && checkNumbers && !isExact(value)) {
      return `The number at ${path} does not survive a JSON parser (over 2^53, or more digits than a double has); send it as JSON text in rawData, which is kept byte for byte, or as a string.`;
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth === MAX_PAYLOAD_DEPTH) {
      return `Expected at most ${MAX_PAYLOAD_DEPTH} levels of nesting, got more at ${path.slice(0, 100)}.`;
    }
    const isList = Array.isArray(value);
    for (const [key, child] of Object.entries(value)) {
      if (key.includes('\0')) return `Expected keys without NUL characters, got one in ${path}.`;
      // Leaves that cannot be at fault need no turn on the stack.
      if (child === null || typeof child === 'boolean') continue;
      stack.push({ value: child, path: isList ? `${path}[${key}]` : `${path}.${key}`, depth: depth + 1 });
    }
  }
  return undefined;
}

const isExact = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Math.abs(value) <= Number.MAX_SAFE_INTEGER);

type EventFacts = {
  readonly id: string;
  readonly eventType: string;
  readonly dataText: string;
  readonly createdAt: Date;
  readonly customerId: string | null;
};

/** The body of every request of an event: built once, stored, and the same in every attempt. */
export function buildBody({ id, eventType, dataText, createdAt, customerId }: EventFacts): string {
  const customer = customerId === null ? '' : `,"customer_id":${JSON.stringify(customerId)}`;
  const head = `{"id":"${id}","event":${JSON.stringify(eventType)},"data":`;
  return `${head}${dataText},"created_at":"${createdAt.toISOString()}"${customer}}`;
}

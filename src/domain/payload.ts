/** The data of an event, and the exact body that its targets receive. */
import { fail, succeed, userError, type Result } from '../errors.ts';

export const MAX_PAYLOAD_BYTES = 256 * 1024;
export const MAX_PAYLOAD_DEPTH = 100;

type EventPayload = { readonly data?: unknown; readonly rawData?: string | null | undefined };
type FieldPath = readonly (string | number)[];

/**
 * The JSON text of an event's data: `rawData` byte for byte, or `data` as JSON. `path` is the place of the input, for
 * errors: [] or ["events", 3].
 */
export function readPayload({ data, rawData }: EventPayload, path: FieldPath): Result<string> {
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
  // When a key stands twice, its first value is not in `value`, but it is in the bytes that receivers parse.
  const problem = findProblem(value, null) ?? findHidden(text);
  return problem ? invalid(field, problem) : succeed(text);
}

/** The JSON text of a value that a client gave, or why it cannot be in a body. `cure`: what to do with numbers of many digits. */
export function readData(data: unknown, field: FieldPath, cure = AS_RAW_DATA): Result<string> {
  if (isFarTooLarge(data)) {
    const message = `Expected at most ${MAX_PAYLOAD_BYTES} bytes (256 KiB) of JSON, got over ${4 * MAX_PAYLOAD_BYTES}.`;
    return fail(userError('PAYLOAD_TOO_LARGE', field, message));
  }
  const problem = findProblem(data, cure); // Before stringify: it overflows the stack on deep data.
  if (problem) return invalid(field, problem);
  return checkSize(JSON.stringify(data, keepNegativeZero), field);
}

const AS_RAW_DATA = 'send it as JSON text in rawData, which is kept byte for byte, or as a string';

/** Whether the JSON of a value would be over four times too large: found out before it is made or looked over. */
function isFarTooLarge(root: unknown): boolean {
  const stack = [root];
  let bytes = 0;
  for (let value = stack.pop(); value !== undefined && bytes <= 4 * MAX_PAYLOAD_BYTES; value = stack.pop()) {
    bytes += typeof value === 'string' ? value.length + 2 : 1;
    if (typeof value !== 'object' || value === null) continue;
    const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
    bytes += inner.length;
    if (bytes <= 4 * MAX_PAYLOAD_BYTES) for (const each of inner) stack.push(each);
  }
  return bytes > 4 * MAX_PAYLOAD_BYTES;
}

function checkSize(text: string, field: FieldPath): Result<string> {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_PAYLOAD_BYTES) return succeed(text);
  const message = `Expected at most ${MAX_PAYLOAD_BYTES} bytes (256 KiB) of JSON, got ${bytes}.`;
  return fail(userError('PAYLOAD_TOO_LARGE', field, message));
}

const invalid = (field: FieldPath, message: string): Result<never> =>
  fail(userError('PAYLOAD_INVALID', field, message));

/** For JSON.stringify, which writes -0 as 0. */
const keepNegativeZero = (_key: string, value: unknown): unknown =>
  Object.is(value, -0) ? (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON('-0') : value;

/** A value that is being looked over: its entries, and which of them is next. For a list, `keys` is null. */
type Frame = { readonly values: readonly unknown[]; readonly keys: readonly string[] | null; next: number };

/**
 * What makes a value undeliverable, with its path. `numberCure` is what to do with a number of too many digits; null
 * for values whose numbers are kept as text. A path is made only for a fault: a payload may have a hundred thousand values.
 */
function findProblem(root: unknown, numberCure: string | null): string | undefined {
  const frames: Frame[] = [{ values: [root], keys: [''], next: 0 }];
  for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
    const { values, keys } = frame;
    if (frame.next === values.length) {
      frames.pop();
      continue;
    }
    const keyFault = frames.length > 1 && keys ? findFault(keys[frame.next]!) : undefined;
    const value = values[frame.next++];
    if (keyFault) return `Expected keys without ${keyFault}, got one in ${pathOf(frames.slice(0, -1))}.`;
    if (typeof value === 'string') {
      const fault = findFault(value);
      if (fault) return `Expected text without ${fault}, got one at ${pathOf(frames)}.`;
    }
    // The parser has marked a number that lost digits (json-text.ts).
    if (typeof value === 'number' && numberCure !== null && !Number.isFinite(value)) {
      return `The number at ${pathOf(frames)} does not survive a JSON parser (more digits than a double has); ${numberCure}.`;
    }
    if (typeof value !== 'object' || value === null) continue;
    if (frames.length > MAX_PAYLOAD_DEPTH) {
      return `Expected at most ${MAX_PAYLOAD_DEPTH} levels of nesting, got more at ${pathOf(frames).slice(0, 100)}.`;
    }
    const inner = Array.isArray(value)
      ? { values: value, keys: null }
      : { values: Object.values(value), keys: Object.keys(value) };
    if (inner.values.length > 0) frames.push({ ...inner, next: 0 });
  }
  return undefined;
}

/** The path of the entry that was looked at last, such as `$.items[3].name`. */
const pathOf = (frames: readonly Frame[]): string =>
  `$${frames
    .slice(1)
    .map(({ keys, next }) => (keys ? `.${keys[next - 1]}` : `[${next - 1}]`))
    .join('')}`;

/**
 * PostgreSQL's text takes no NUL. A lone surrogate is not Unicode: it cannot be sent as UTF-8, and strict parsers of
 * receivers (serde_json, Jackson) refuse its escape for ever.
 */
function findFault(text: string): string | undefined {
  if (text.includes('\0')) return 'NUL characters';
  return text.isWellFormed() ? undefined : 'lone surrogates';
}

const ESCAPE = /\\(?:u([\dA-Fa-f]{4})|[^u])/g;
const HIGH_HALF = /^d[89ab]/i;
const LOW_HALF = /^d[c-f]/i;

/** Finds the same faults, written as escapes, anywhere in a JSON text. */
function findHidden(text: string): string | undefined {
  let high = -1; // Where the low half must follow.
  for (const { 1: code = '', index } of text.matchAll(ESCAPE)) {
    if (code === '0000') return 'Expected text without NUL characters, got one in a value whose key stands twice.';
    const isPaired = high === index && LOW_HALF.test(code);
    if (high >= 0 !== isPaired || (LOW_HALF.test(code) && !isPaired)) return HIDDEN_SURROGATE;
    high = HIGH_HALF.test(code) ? index + 6 : -1;
  }
  return high >= 0 || !text.isWellFormed() ? HIDDEN_SURROGATE : undefined;
}

const HIDDEN_SURROGATE = 'Expected text without lone surrogates, got one in a value whose key stands twice.';

type EventFacts = {
  readonly id: string;
  readonly eventType: string;
  readonly dataText: string;
  readonly createdAt: Date;
  readonly customerId: string | null;
};

/** The body of every request of an event: built once, stored, and the same in every attempt. */
export function buildBody({ dataText, createdAt, ...event }: EventFacts): string {
  return `${headOf(event)}${dataText},"created_at":"${createdAt.toISOString()}"${tailOf(event)}`;
}

/** The data in a body, exactly as it was published; undefined when the body is not that of this event. */
export function dataTextOf(body: string, event: Omit<EventFacts, 'dataText' | 'createdAt'>): string | undefined {
  const [head, tail] = [headOf(event), tailOf(event)];
  const end = body.length - CREATED_AT.length - tail.length;
  return body.startsWith(head) && body.endsWith(tail) ? body.slice(head.length, end) : undefined;
}

/** The text between the data and the tail: its length never changes. */
const CREATED_AT = ',"created_at":"2026-01-15T10:30:00.000Z"';

const headOf = ({ id, eventType }: { id: string; eventType: string }): string =>
  `{"id":"${id}","event":${JSON.stringify(eventType)},"data":`;

const tailOf = ({ customerId }: { customerId: string | null }): string =>
  customerId === null ? '}' : `,"customer_id":${JSON.stringify(customerId)}}`;

/** JSON of a client -> value, in turns of the event loop where the text is large. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { JsonReader, RepeatedKey, TooMuchJson } from '../../domain/json/json-reader.ts';
import { quote } from '../../domain/text.ts';
import { httpError } from '../http-error.ts';

/** A few milliseconds of reading. Most requests have fewer, and wait for no turn. */
const VALUES_PER_TURN = 5_000;

/** Which of two counts is up to each parser, so what one of them checked another may not have read. */
export const EVERY_KEY_ONCE = 'Expected every key of an object once';

/** `what` is what is read, for errors. Rejects with 400 and BAD_USER_INPUT. */
export async function readJsonObject(what: string, text: string): Promise<object> {
  const reader = new JsonReader(text);
  try {
    while (!reader.step(VALUES_PER_TURN)) await nextTurn();
  } catch (error) {
    throw explain(what, error);
  }
  const { value } = reader;
  if (typeof value === 'object' && value !== null) return value;
  throw httpError(400, `Expected the ${what} to be a JSON object, got ${value === null ? 'null' : typeof value}.`);
}

function explain(what: string, error: unknown): unknown {
  if (error instanceof RepeatedKey)
    return httpError(400, `${EVERY_KEY_ONCE} in the ${what}, got a second ${quote(error.place)}.`);
  if (error instanceof TooMuchJson) return httpError(400, `Expected the ${what} to have ${error.message}. Send less.`);
  if (error instanceof SyntaxError) return httpError(400, `Expected the ${what} to be JSON: ${error.message}.`);
  return error;
}

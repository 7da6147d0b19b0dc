/** Reads the JSON of a client. A large text is read in several turns of the event loop. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { JsonReader, RepeatedKey, TooMuchJson } from '../../domain/json/json-reader.ts';
import { quote } from '../../domain/text.ts';
import { httpError } from '../http-error.ts';

/** A few milliseconds of reading. Most requests have fewer values and are read in one turn. */
const VALUES_PER_TURN = 5_000;

/** Parsers differ in which of two equal keys counts, so one could check a value while another uses the other. */
export const EVERY_KEY_ONCE = 'Expected every key of an object once';

/** Names the text as `what` in errors. Rejects with 400 and BAD_USER_INPUT. */
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

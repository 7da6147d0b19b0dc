/**
 * What counts as the same request: SHA-256 of what is asked for. The order of object keys in the variables means nothing. Large variables
 * are hashed in turns of the event loop.
 */
import { createHash, type Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExecutionArgs } from 'graphql';

type Request = Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'>;

/** Releases side by side compare their hashes: this is that of JSON.stringify of [document, operationName, variables]. */
export async function hashRequest({ document, operationName, variableValues }: Request): Promise<Buffer> {
  const hash = createHash('sha256');
  hash.update(`[${JSON.stringify(document.loc?.source.body ?? null)},${JSON.stringify(operationName ?? null)},`);
  const variables = new SortedJson(variableValues ?? {}, hash);
  while (!variables.step(VALUES_PER_STEP)) await nextTurn();
  return hash.update(']').digest();
}

/** A few milliseconds. Most requests have fewer, and wait for no turn. */
const VALUES_PER_STEP = 5_000;
const PIECE_LENGTH = 16_384;

/** An object or a list whose entries are being written; of a list, `keys` is null. */
type Frame = { readonly values: readonly unknown[]; readonly keys: readonly string[] | null; next: number };

/** Writes the JSON of a value, with sorted keys, into a hash. */
class SortedJson {
  readonly #hash: Hash;
  readonly #frames: Frame[] = [];
  #text = '';

  constructor(root: unknown, hash: Hash) {
    this.#hash = hash;
    this.#write(root);
  }

  /** Writes about so many values more. True when all are written. */
  step(values: number): boolean {
    for (let left = values; left > 0; left--) {
      const frame = this.#frames.at(-1);
      if (!frame) {
        this.#hash.update(this.#text);
        return true;
      }
      this.#writeNext(frame);
      if (this.#text.length < PIECE_LENGTH) continue;
      this.#hash.update(this.#text);
      this.#text = '';
    }
    return false;
  }

  #writeNext(frame: Frame): void {
    const { values, keys, next } = frame;
    if (next === values.length) {
      this.#text += keys ? '}' : ']';
      this.#frames.pop();
      return;
    }
    if (next > 0) this.#text += ',';
    if (keys) this.#text += `${JSON.stringify(keys[next])}:`;
    frame.next++;
    this.#write(values[next]);
  }

  #write(value: unknown): void {
    if (typeof value !== 'object' || value === null) {
      this.#text += JSON.stringify(value) ?? 'null';
    } else if (Array.isArray(value)) {
      this.#text += '[';
      this.#frames.push({ values: value, keys: null, next: 0 });
    } else {
      this.#text += '{';
      const keys = sortedKeys(value);
      this.#frames.push({ values: keys.map((key) => (value as Record<string, unknown>)[key]), keys, next: 0 });
    }
  }
}

const INDEX = /^(?:0|[1-9]\d{0,9})$/;
const isIndex = (key: string): boolean => INDEX.test(key) && Number(key) < 2 ** 32 - 1;

/** In the order of an object that was made with sorted keys: JavaScript puts whole numbers first, by their size. */
function sortedKeys(value: object): string[] {
  const keys = Object.keys(value);
  const firstText = keys.findIndex((key) => !isIndex(key));
  return firstText < 0 ? keys : [...keys.slice(0, firstText), ...keys.slice(firstText).sort()];
}

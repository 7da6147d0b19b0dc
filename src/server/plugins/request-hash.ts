/**
 * The hash that tells whether two requests are the same: SHA-256 of what they ask for. The order of object keys in the
 * variables does not matter. Large variables are hashed in several turns of the event loop.
 */
import { createHash, type Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExecutionArgs } from 'graphql';

type Request = Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'>;

/**
 * The hash of JSON.stringify of [document, operationName, variables], and of the organization where a platform admin acts in one:
 * the same request in two organizations must not share an answer. It stays as it is: releases side by side compare it.
 */
export async function hashRequest(
  { document, operationName, variableValues }: Request,
  actsIn: string | null,
): Promise<Buffer> {
  const hash = createHash('sha256');
  hash.update(`[${JSON.stringify(document.loc?.source.body ?? null)},${JSON.stringify(operationName ?? null)},`);
  const variables = new SortedJson(variableValues ?? {}, hash);
  while (!variables.step(VALUES_PER_STEP)) await nextTurn();
  return hash.update(actsIn === null ? ']' : `,${JSON.stringify(actsIn)}]`).digest();
}

/** A few milliseconds of work. Most requests have fewer values, and need one turn. */
const VALUES_PER_STEP = 5_000;
const PIECE_LENGTH = 16_384;

/** An object or a list whose entries are being written; `keys` is null for a list. */
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

  /** Writes up to `values` more values. True when all are written. */
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

/** The keys in the order of an object made with sorted keys: JavaScript puts whole numbers first, by their size. */
function sortedKeys(value: object): string[] {
  const keys = Object.keys(value);
  const firstText = keys.findIndex((key) => !isIndex(key));
  return firstText < 0 ? keys : [...keys.slice(0, firstText), ...keys.slice(firstText).sort()];
}

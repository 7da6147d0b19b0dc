/**
 * Reads a JSON text by walking it once, in steps, so that a text of megabytes leaves turns of the event loop to others. The
 * value is that of JSON.parse, but for three things that JSON.parse changes without a word:
 *
 *   a key that stands twice in one object   RepeatedKey: RFC 8259 leaves open which one counts; I-JSON (RFC 7493) forbids it
 *   a number that a double cannot hold      becomes NaN, which no JSON text can contain: the code that takes the value
 *                                           refuses it, and can name its field
 *   more values, or deeper ones, than       TooMuchJson
 *   any request needs
 */
import { exactNumber } from './json-text.ts';
import { quote } from '../text.ts';

/** Enough for a full request of events with 11 bytes for each value. A value can be large for its text: `{}` is 3 bytes. */
export const MAX_JSON_VALUES = 750_000;
/** The limit for one object: the largest payload has no room for more. Keys are sorted at once to compare requests. */
export const MAX_JSON_KEYS = 50_000;
/** Data may be nested 100 deep. */
export const MAX_READ_DEPTH = 1_000;

/** The error for a key that stands twice. `place` is that of the second, e.g. variables.input.data.id. */
export class RepeatedKey extends Error {
  override readonly name = 'RepeatedKey';
  readonly place: string;

  constructor(place: string) {
    super(`The key ${place} stands twice`);
    this.place = place;
  }
}

export class TooMuchJson extends Error {
  override readonly name = 'TooMuchJson';
}

/** How a text is read that JSON.parse would change. */
export type JsonReading = {
  /** Makes the value of a number out of its text. */
  readonly toNumber: (text: string) => unknown;
  /** Whether the last value of a repeated key counts, as for JSON.parse, and an object may have any number of keys. */
  readonly allowsRepeats: boolean;
};

const STRICT: JsonReading = { toNumber: (text) => exactNumber(text) ?? Number.NaN, allowsRepeats: false };

/** Digits cost most of all characters: so many of them take about 3 ms. */
const CHARACTERS_PER_STEP = 256 * 1024;

/** Enough for variables.input.data. */
const NAMED_LEVELS = 3;

type Container = Record<string, unknown> | unknown[];

const [QUOTE, COMMA, MINUS, COLON, BACKSLASH] = [0x22, 0x2c, 0x2d, 0x3a, 0x5c];
const [ZERO, NINE] = [0x30, 0x39];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Characters that a text may not hold as they are (RFC 8259, 7), or that must be decoded. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const UNUSUAL = /[\u0000-\u001f\\]/;
const WORDS = new Map<number, readonly [string, unknown]>([
  [0x74, ['true', true]],
  [0x66, ['false', false]],
  [0x6e, ['null', null]],
]);

export class JsonReader {
  readonly #text: string;
  readonly #reading: JsonReading;
  #at = 0;
  #count = 0;
  /** The objects and lists around the place, outermost first, and the key of each object that is being read. */
  readonly #holders: Container[] = [];
  readonly #keys: string[] = [];
  /** How many keys each object has, and the innermost one. */
  readonly #keyCounts: number[] = [];
  #keyCount = 0;
  /** The innermost of #holders; #isFresh says that nothing of it was read yet. */
  #holder: Container | undefined;
  #isFresh = false;
  #key = '';
  #root: unknown;
  #isDone = false;

  constructor(text: string, reading: JsonReading = STRICT) {
    this.#text = text;
    this.#reading = reading;
  }

  /**
   * Reads on for about this many values, or CHARACTERS_PER_STEP. True when the whole text is read. Throws SyntaxError,
   * RepeatedKey or TooMuchJson.
   */
  step(values: number): boolean {
    const [untilCount, untilAt] = [this.#count + values, this.#at + CHARACTERS_PER_STEP];
    if (this.#count === 0) this.#readValue();
    while (this.#holder !== undefined) {
      if (this.#count >= untilCount || this.#at >= untilAt) return false;
      this.#readNext(this.#holder);
    }
    if (!this.#isDone && !Number.isNaN(this.#skip())) this.#refuse('the end of the text');
    this.#isDone = true;
    return true;
  }

  /** What was read; complete only when the whole text is read. */
  get value(): unknown {
    return this.#root;
  }

  /** Inside an object or a list: reads its end, or one more value. */
  #readNext(holder: Container): void {
    const isList = Array.isArray(holder);
    const code = this.#skip();
    if (code === (isList ? CLOSE_LIST : CLOSE_OBJECT)) {
      this.#at++;
      this.#holders.pop();
      this.#key = this.#keys.pop()!;
      this.#keyCount = this.#keyCounts.pop()!;
      this.#holder = this.#holders.at(-1);
      this.#isFresh = false;
      return;
    }
    if (!this.#isFresh) {
      if (code !== COMMA) this.#refuse(isList ? '"," or "]"' : '"," or "}"');
      this.#at++;
    }
    this.#isFresh = false;
    if (!isList) this.#readKey(holder);
    this.#readValue();
  }

  #readKey(holder: Record<string, unknown>): void {
    const { allowsRepeats } = this.#reading;
    if (++this.#keyCount > MAX_JSON_KEYS && !allowsRepeats) {
      throw this.#tooMuch(`at most ${MAX_JSON_KEYS} keys in one object`);
    }
    if (this.#skip() !== QUOTE) this.#refuse('a key in double quotes');
    this.#key = this.#readString();
    if (!allowsRepeats && Object.hasOwn(holder, this.#key)) throw new RepeatedKey(this.#place());
    if (this.#skip() !== COLON) this.#refuse('":"');
    this.#at++;
  }

  #readValue(): void {
    if (++this.#count > MAX_JSON_VALUES) throw this.#tooMuch(`at most ${MAX_JSON_VALUES} values`);
    const code = this.#skip();
    if (code === QUOTE) return this.#put(this.#readString());
    if (code === OPEN_OBJECT) return this.#open({});
    if (code === OPEN_LIST) return this.#open([]);
    if (code === MINUS || (code >= ZERO && code <= NINE)) return this.#put(this.#readNumber());
    const [word, value] = WORDS.get(code) ?? this.#refuse('a JSON value');
    if (!this.#text.startsWith(word, this.#at)) this.#refuse('a JSON value');
    this.#at += word.length;
    this.#put(value);
  }

  #open(holder: Container): void {
    if (this.#holders.length === MAX_READ_DEPTH) throw this.#tooMuch(`at most ${MAX_READ_DEPTH} levels`);
    this.#put(holder);
    this.#at++;
    this.#keys.push(this.#key);
    this.#keyCounts.push(this.#keyCount);
    this.#keyCount = 0;
    this.#holders.push(holder);
    this.#holder = holder;
    this.#isFresh = true;
  }

  #put(value: unknown): void {
    const holder = this.#holder;
    if (holder === undefined) this.#root = value;
    else if (Array.isArray(holder)) holder.push(value);
    else if (this.#key !== '__proto__') holder[this.#key] = value;
    // Set like any other key, __proto__ would not become a key.
    else Object.defineProperty(holder, this.#key, { value, enumerable: true, configurable: true, writable: true });
  }

  #readNumber(): unknown {
    NUMBER.lastIndex = this.#at;
    const [number] = NUMBER.exec(this.#text) ?? this.#refuse('a number');
    this.#at += number.length;
    return this.#reading.toNumber(number);
  }

  #readString(): string {
    const start = this.#at;
    const end = this.#endOfString();
    this.#at = end + 1;
    const raw = this.#text.slice(start + 1, end);
    if (!UNUSUAL.test(raw)) return raw;
    try {
      return JSON.parse(this.#text.slice(start, end + 1)) as string;
    } catch {
      this.#at = start;
      return this.#refuse('text without control characters, with escapes of JSON');
    }
  }

  /** The place of the quote that ends the string that begins here. */
  #endOfString(): number {
    const text = this.#text;
    for (let end = text.indexOf('"', this.#at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
      let first = end;
      while (text.charCodeAt(first - 1) === BACKSLASH) first--;
      if ((end - first) % 2 === 0) return end;
    }
    return this.#refuse('a double quote that ends the text');
  }

  /** Passes over white space. Returns the character that follows; NaN at the end. */
  #skip(): number {
    const text = this.#text;
    let code = text.charCodeAt(this.#at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++this.#at);
    return code;
  }

  #place(): string {
    const keys = [...this.#keys.slice(1), this.#key];
    return this.#holders.map((holder, index) => (Array.isArray(holder) ? holder.length - 1 : keys[index])).join('.');
  }

  /** Names only the beginning of the place: the rest may be as deep as what is refused. */
  #tooMuch(limit: string): TooMuchJson {
    const place = this.#place().split('.').slice(0, NAMED_LEVELS).join('.');
    return new TooMuchJson(place === '' ? `${limit}, got more` : `${limit}, got more in ${quote(place)}`);
  }

  #refuse(expected: string): never {
    const got = this.#text[this.#at];
    const what = got === undefined ? 'the end of the text' : quote(got);
    throw new SyntaxError(`expected ${expected} at position ${this.#at}, got ${what}`);
  }
}

/** The value of a text that is small enough to be read in one step. */
export function readJson(text: string): unknown {
  const reader = new JsonReader(text);
  while (!reader.step(MAX_JSON_VALUES));
  return reader.value;
}

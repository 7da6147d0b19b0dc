/**
 * What stands at the paths of a body. An array on a path, or at its end, stands for its elements: so there may be many values
 * at one path, and a filter asks whether any of them passes. Each answer takes the same time, however many values there are,
 * and a body with 50,000 of them cannot hold a publish up: the greatest of the numbers answers for all of them, a set for
 * all texts. Each of these is made when it is asked for, so that a small filter reads little of a large body, and none takes the
 * event loop for long.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { compareDecimals, LongDecimal, readDecimal, toDecimal, type Decimal } from '../json/decimal.ts';
import { JsonReader, type JsonReading } from '../json/json-reader.ts';
import type { JsonScalar } from './payload-filter.ts';

/** Numbers keep all their digits; of a repeated key the last value counts, as for the parsers of receivers. */
const EXACT: JsonReading = { toNumber: toDecimal, allowsRepeats: true };
/** Values read in one turn of the event loop: about two milliseconds. */
const VALUES_PER_TURN = 10_000;

/** The values of a body: those at its root, which is the body itself. */
export async function readBodyValues(text: string): Promise<BodyValues> {
  const reader = new JsonReader(text, EXACT);
  while (!reader.step(VALUES_PER_TURN)) await nextTurn();
  return new BodyValues([reader.value], false);
}

/** So few texts are compared one by one. */
const FEW_TEXTS = 8;
/** So often all values are looked through. Then a set is worth its time. */
const FEW_QUESTIONS = 8;

/** The values at one path. */
export class BodyValues {
  readonly #given: readonly unknown[];
  /** Whether an object on the way lacks the next name, or something else stands where an object was to be. */
  readonly isMissing: boolean;
  #flat: Flat | undefined;
  #asked = 0;
  #scalars: ReadonlySet<unknown> | undefined;
  #texts: readonly string[] | undefined;
  #ends: Ends | undefined;
  #fields: Map<string, BodyValues> | undefined;
  #forwards: readonly string[] | undefined;
  #backwards: readonly string[] | undefined;

  constructor(given: readonly unknown[], isMissing: boolean) {
    this.#given = given;
    this.isMissing = isMissing;
  }

  at(path: readonly string[]): BodyValues {
    let values: BodyValues = this;
    for (const name of path) values = values.#field(name);
    return values;
  }

  get exists(): boolean {
    return this.count > 0;
  }

  /** How many values there are. */
  get count(): number {
    return this.#values.count;
  }

  /** The first SHOWN_VALUES of them, to be shown to people. */
  get first(): readonly unknown[] {
    return this.#values.first;
  }

  has(value: JsonScalar): boolean {
    const { scalars } = this.#values;
    if (this.#scalars === undefined && this.#asked++ < FEW_QUESTIONS) return scalars.includes(value);
    return (this.#scalars ??= new Set(scalars)).has(value);
  }

  /** The least and the greatest of the numbers, and of the texts that are numbers. */
  get least(): Decimal | undefined {
    return (this.#ends ??= endsOf(this.#values.scalars)).least;
  }

  get greatest(): Decimal | undefined {
    return (this.#ends ??= endsOf(this.#values.scalars)).greatest;
  }

  hasStart(start: string): boolean {
    const texts = (this.#texts ??= this.#values.scalars.filter(isText));
    if (texts.length <= FEW_TEXTS) return texts.some((text) => text.startsWith(start));
    return beginsOne((this.#forwards ??= [...texts].sort(byUnits)), start);
  }

  hasEnd(end: string): boolean {
    const texts = (this.#texts ??= this.#values.scalars.filter(isText));
    if (texts.length <= FEW_TEXTS) return texts.some((text) => text.endsWith(end));
    return beginsOne((this.#backwards ??= texts.map(reversed).sort(byUnits)), reversed(end));
  }

  get #values(): Flat {
    return (this.#flat ??= flatten(this.#given));
  }

  #field(name: string): BodyValues {
    this.#fields ??= this.#readFields();
    return this.#fields.get(name) ?? (this.isMissing || this.exists ? MISSING : NOTHING);
  }

  #readFields(): Map<string, BodyValues> {
    const { objects, count } = this.#values;
    const given = new Map<string, unknown[]>();
    for (const object of objects) {
      for (const name of Object.keys(object)) {
        const values = given.get(name);
        if (values) values.push(object[name]);
        else given.set(name, [object[name]]);
      }
    }
    const fields = new Map<string, BodyValues>();
    for (const [name, values] of given) {
      fields.set(name, new BodyValues(values, this.isMissing || values.length < count));
    }
    return fields;
  }
}

/** At a path that the body does not have. */
const MISSING = new BodyValues([], true);
/** At a path through an empty array: there is no value, and none is missing. */
const NOTHING = new BodyValues([], false);

const SHOWN_VALUES = 3;

type JsonObject = Readonly<Record<string, unknown>>;

/** The values without the arrays around them, in the order of the body. */
type Flat = {
  /** Of all values. */
  readonly count: number;
  readonly first: readonly unknown[];
  readonly objects: readonly JsonObject[];
  /** All others. A LongDecimal equals nothing in a filter, which has only numbers that a double holds. */
  readonly scalars: readonly unknown[];
};

function flatten(given: readonly unknown[]): Flat {
  const first: unknown[] = [];
  const objects: JsonObject[] = [];
  const scalars: unknown[] = [];
  const add = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(add); // A body is at most 101 levels deep.
    if (first.length < SHOWN_VALUES) first.push(value);
    const isObject = typeof value === 'object' && value !== null && !(value instanceof LongDecimal);
    if (isObject) objects.push(value as JsonObject);
    else scalars.push(value);
  };
  given.forEach(add);
  return { count: objects.length + scalars.length, first, objects, scalars };
}

type Ends = { readonly least: Decimal | undefined; readonly greatest: Decimal | undefined };

function endsOf(scalars: readonly unknown[]): Ends {
  let [least, greatest] = [undefined as Decimal | undefined, undefined as Decimal | undefined];
  for (const value of scalars) {
    const number = typeof value === 'string' ? readDecimal(value) : value;
    if (typeof number !== 'number' && !(number instanceof LongDecimal)) continue;
    if (least === undefined || compareDecimals(number, least) < 0) least = number;
    if (greatest === undefined || compareDecimals(number, greatest) > 0) greatest = number;
  }
  return { least, greatest };
}

const isText = (value: unknown): value is string => typeof value === 'string';

const byUnits = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** By UTF-16 units: only ever compared with another text that was reversed like this. */
const reversed = (text: string): string => text.split('').reverse().join('');

/** Whether one of the sorted texts begins with `start`. */
function beginsOne(sorted: readonly string[], start: string): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < start) low = middle + 1;
    else high = middle;
  }
  return sorted[low]?.startsWith(start) ?? false;
}

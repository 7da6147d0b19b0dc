/**
 * What stands at the paths of a body. An array on a path, or at its end, stands for its elements: so there may be many values
 * at one path, and a filter asks whether any of them passes. Each answer takes the same time, however many values there are,
 * and a body with 50,000 of them cannot hold a publish up: the greatest of the numbers answers for all of them, a set for
 * all texts. What is asked first is made first, so that a small filter reads little of a large body.
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

/** The values at one path. */
export class BodyValues {
  readonly #given: readonly unknown[];
  /** Whether an object on the way lacks the next name, or something else stands where an object was to be. */
  readonly isMissing: boolean;
  #facts: Facts | undefined;
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
    return this.facts.count > 0;
  }

  has(value: JsonScalar): boolean {
    return this.facts.scalars.has(value);
  }

  /** The least and the greatest of the numbers, and of the texts that are numbers. */
  get least(): Decimal | undefined {
    return this.facts.least;
  }

  get greatest(): Decimal | undefined {
    return this.facts.greatest;
  }

  hasStart(start: string): boolean {
    const { texts } = this.facts;
    if (texts.length <= FEW_TEXTS) return texts.some((text) => text.startsWith(start));
    return beginsOne((this.#forwards ??= [...texts].sort(byUnits)), start);
  }

  hasEnd(end: string): boolean {
    const { texts } = this.facts;
    if (texts.length <= FEW_TEXTS) return texts.some((text) => text.endsWith(end));
    return beginsOne((this.#backwards ??= texts.map(reversed).sort(byUnits)), reversed(end));
  }

  /** What the facts are made of, in the order of the body. */
  get facts(): Facts {
    return (this.#facts ??= collect(this.#given));
  }

  #field(name: string): BodyValues {
    this.#fields ??= this.#readFields();
    return this.#fields.get(name) ?? (this.isMissing || this.exists ? MISSING : NOTHING);
  }

  #readFields(): Map<string, BodyValues> {
    const { objects, count } = this.facts;
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

/** The values without the arrays around them. */
type Facts = {
  /** Of all values. */
  readonly count: number;
  /** The first SHOWN_VALUES of them, to be shown to people. */
  readonly first: readonly unknown[];
  readonly objects: readonly JsonObject[];
  /** Numbers only as far as a double holds them: no other number is in a filter. */
  readonly scalars: ReadonlySet<unknown>;
  readonly texts: readonly string[];
  readonly least: Decimal | undefined;
  readonly greatest: Decimal | undefined;
};

function collect(given: readonly unknown[]): Facts {
  const first: unknown[] = [];
  const objects: JsonObject[] = [];
  const scalars = new Set<unknown>();
  const texts: string[] = [];
  let [count, least, greatest] = [0, undefined as Decimal | undefined, undefined as Decimal | undefined];

  const add = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(add); // A body is at most 101 levels deep.
    count++;
    if (count <= SHOWN_VALUES) first.push(value);
    if (typeof value === 'object' && value !== null && !(value instanceof LongDecimal)) {
      return void objects.push(value as JsonObject);
    }
    if (scalars.has(value)) return; // It changes nothing below.
    if (typeof value === 'string') texts.push(value);
    if (!(value instanceof LongDecimal)) scalars.add(value);
    const number = typeof value === 'string' ? readDecimal(value) : value;
    if (typeof number !== 'number' && !(number instanceof LongDecimal)) return;
    if (least === undefined || compareDecimals(number, least) < 0) least = number;
    if (greatest === undefined || compareDecimals(number, greatest) > 0) greatest = number;
  };
  given.forEach(add);
  return { count, first, objects, scalars, texts, least, greatest };
}

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

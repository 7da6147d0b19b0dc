/** The longest time that a check against a JSON Schema can take, foretold from the schema, whatever the data is. */
import { patternSteps, type Steps } from './pattern-cost.ts';

/** The cost of a schema, or of a part of it with all that it refers to. */
type Cost = {
  /** Characters: each is looked at once at most for each character of the data. */
  readonly weight: number;
  /** Costs that grow faster than the length of the schema times that of the data. */
  readonly extra: readonly Steps[];
};

const UNKNOWN: Cost = { weight: Infinity, extra: [] };
/** Only Ajv knows where these references lead. */
const DYNAMIC = ['$dynamicRef', '$recursiveRef', '$async'];

/** The cost of comparing all items with all. */
const compareAll: Steps = (length) => (length * length) / 4;

/** Steps of a check for data of this many characters of JSON. Infinity when nobody knows. */
export function schemaSteps(schema: unknown): Steps {
  const { weight, extra } = new CostReader(schema).read(schema);
  return (length) => extra.reduce((sum, steps) => sum + STEP_WEIGHT * steps(length), weight * length);
}

/** A step of a pattern takes as long as some steps of a schema: compiled code does the latter, and rarely all of them. */
const STEP_WEIGHT = 10;

/**
 * Looks at everything in a schema as if it was a subschema, also at data such as `enum` and names of properties. A property
 * named "pattern" is not misunderstood, because its value is not a text; any other mistake foretells too much, never too little.
 */
class CostReader {
  readonly #root: unknown;
  readonly #known = new Map<object, Cost | 'being read'>();

  constructor(root: unknown) {
    this.#root = root;
  }

  read(node: unknown): Cost {
    if (typeof node !== 'object' || node === null) return { weight: String(node).length + 3, extra: [] };
    const known = this.#known.get(node);
    if (known) return known === 'being read' ? UNKNOWN : known; // The schema refers to itself.
    this.#known.set(node, 'being read');
    const cost = this.#add(node);
    this.#known.set(node, cost);
    return cost;
  }

  #add(node: object): Cost {
    let weight = 2;
    const extra: Steps[] = [];
    for (const [key, value] of Object.entries(node)) {
      const parts = [this.read(value)];
      if (DYNAMIC.includes(key) || (key === '$id' && node !== this.#root)) return UNKNOWN;
      if (key === '$ref' && typeof value === 'string') parts.push(this.#follow(value));
      if (key === 'pattern' && typeof value === 'string') extra.push(patternSteps(value));
      if (key === 'patternProperties' && typeof value === 'object' && value !== null) {
        extra.push(...Object.keys(value).map(patternSteps));
      }
      if (key === 'uniqueItems' && value === true) extra.push(compareAll);
      weight += key.length + 3;
      for (const part of parts) {
        weight += part.weight;
        extra.push(...part.extra);
      }
      if (extra.length > MOST_EXTRA) return UNKNOWN;
    }
    return { weight, extra };
  }

  /** Follows only JSON Pointers from the root: Ajv alone finds what an anchor or an $id names. */
  #follow(reference: string): Cost {
    if (reference !== '#' && !reference.startsWith('#/')) return UNKNOWN;
    let node: unknown = this.#root;
    for (const token of reference.split('/').slice(1)) {
      const key = decode(token);
      if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return UNKNOWN;
      node = (node as Record<string, unknown>)[key];
    }
    return this.read(node);
  }
}

/** With more extra costs the whole is unknown: references multiply them. */
const MOST_EXTRA = 1_000;

function decode(token: string): string {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return token;
  }
}

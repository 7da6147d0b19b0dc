/** How long a check against a JSON Schema can take at most: foretold from the schema, whatever the data is. */
import { patternSteps, type Steps } from './pattern-cost.ts';

/** Of a schema, or a part of it with all that it refers to. */
type Cost = {
  /** Characters: each is looked at once for each character of the data, at most. */
  readonly weight: number;
  /** What takes longer than schema and data are long together. */
  readonly extra: readonly Steps[];
};

const UNKNOWN: Cost = { weight: Infinity, extra: [] };
/** Where references may lead is known to Ajv alone. */
const DYNAMIC = ['$dynamicRef', '$recursiveRef', '$async'];

/** Compares all with all. */
const compareAll: Steps = (length) => (length * length) / 4;

/** Steps of a check for data of so many characters of JSON. Infinity: nobody knows. */
export function schemaSteps(schema: unknown): Steps {
  const { weight, extra } = new CostReader(schema).read(schema);
  return (length) => extra.reduce((sum, steps) => sum + STEP_WEIGHT * steps(length), weight * length);
}

/** A step of a pattern takes as long as some steps of a schema: those are looked at by compiled code, and rarely all. */
const STEP_WEIGHT = 10;

/**
 * Looks at everything in a schema as if it was a subschema, also at data such as `enum` and names of properties: who has a
 * property named "pattern" is not misunderstood, because its value is no text, and the rest errs on the safe side.
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
    if (known) return known === 'being read' ? UNKNOWN : known; // It refers to itself.
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

  /** Only JSON Pointers from the root: what an anchor or an $id names is Ajv's to find. */
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

/** References multiply them. */
const MOST_EXTRA = 1_000;

function decode(token: string): string {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return token;
  }
}

/**
 * A payload filter: a condition on the JSON body that targets receive. It is stored in the shape in which it was given, so that
 * people find what they wrote.
 */

/** Exactly one of the fields is there. */
export type PayloadFilter =
  | { readonly all: readonly PayloadFilter[] }
  | { readonly any: readonly PayloadFilter[] }
  | { readonly not: PayloadFilter }
  | { readonly where: PayloadCondition };

export type JsonScalar = string | number | boolean | null;

/** One test of what stands at a path of the body: beside `path`, exactly one of the fields is there. */
export type PayloadCondition = {
  /** Names of fields from the root of the body. */
  readonly path: readonly string[];
  readonly equals?: JsonScalar;
  readonly in?: readonly JsonScalar[];
  readonly greaterThan?: string;
  readonly atLeast?: string;
  readonly lessThan?: string;
  readonly atMost?: string;
  readonly startsWith?: string;
  readonly endsWith?: string;
  readonly exists?: boolean;
};

export const GROUPS = ['all', 'any', 'not', 'where'] as const;

export const COMPARISONS = ['greaterThan', 'atLeast', 'lessThan', 'atMost'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export const TESTS = ['equals', 'in', ...COMPARISONS, 'startsWith', 'endsWith', 'exists'] as const;
export type TestName = (typeof TESTS)[number];

/** The name of the test of a condition. */
export const testOf = (condition: PayloadCondition): TestName => TESTS.find((name) => condition[name] !== undefined)!;

/** Of the filter as JSON. */
export const MAX_FILTER_BYTES = 4 * 1024;
/** How deep filters may stand in each other. */
export const MAX_FILTER_LEVELS = 5;
export const MAX_CONDITIONS = 50;
export const MAX_IN_VALUES = 100;
export const MAX_PATH_NAMES = 10;

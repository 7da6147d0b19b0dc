/** Checks the filter of a client. Every error names the place at fault, such as ["input", "filter", "all", "3", "where", "in"]. */
import { fail, succeed, userError, type Result, type UserError } from '../../errors.ts';
import { readDecimal } from '../json/decimal.ts';
import { checkStorable, quote } from '../text.ts';
import {
  COMPARISONS,
  GROUPS,
  MAX_CONDITIONS,
  MAX_FILTER_BYTES,
  MAX_FILTER_LEVELS,
  MAX_IN_VALUES,
  MAX_PATH_NAMES,
  TESTS,
  type Comparison,
  type PayloadFilter,
  type TestName,
} from './payload-filter.ts';

/** A filter as GraphQL gives it: a field that was left out is undefined or null. */
export type PayloadFilterInput = {
  readonly all?: readonly PayloadFilterInput[] | null | undefined;
  readonly any?: readonly PayloadFilterInput[] | null | undefined;
  readonly not?: PayloadFilterInput | null | undefined;
  readonly where?: PayloadConditionInput | null | undefined;
};

export type PayloadConditionInput = {
  readonly path: readonly string[];
  readonly equals?: {} | null | undefined;
  readonly in?: readonly unknown[] | null | undefined;
  readonly exists?: boolean | null | undefined;
} & { readonly [Name in Comparison | 'startsWith' | 'endsWith']?: string | null | undefined };

/** A filter that passed, and its text as it is stored. */
export type CheckedFilter = { readonly filter: PayloadFilter; readonly text: string };

type Place = readonly (string | number)[];

/** The filter in the form in which it is stored, or all its errors, each of them INVALID. `place`: where it stands in the input. */
export function checkFilter(input: PayloadFilterInput, place: Place): Result<CheckedFilter> {
  const check = new Check();
  const filter = check.filter(input, place, 1);
  if (check.conditions > MAX_CONDITIONS) {
    check.refuse(place, `at most ${MAX_CONDITIONS} conditions`, String(check.conditions));
  }
  if (check.errors.length > 0) return fail(...check.errors);
  const text = JSON.stringify(filter);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_FILTER_BYTES) check.refuse(place, `at most ${MAX_FILTER_BYTES} bytes (4 KiB) of JSON`, String(bytes));
  if (check.errors.length > 0) return fail(...check.errors);
  return succeed({ filter: JSON.parse(text) as PayloadFilter, text }); // Plain objects, and no -0.
}

class Check {
  readonly errors: UserError[] = [];
  conditions = 0;

  refuse(place: Place, expected: string, got: string): void {
    this.errors.push(userError('INVALID', place, `Expected ${expected}, got ${got}.`));
  }

  /** The value is worth nothing once there are errors. */
  filter(input: PayloadFilterInput, place: Place, level: number): object {
    if (level > MAX_FILTER_LEVELS) {
      this.refuse(place, `filters in at most ${MAX_FILTER_LEVELS} levels`, 'one more');
      return {};
    }
    const given = GROUPS.filter((name) => input[name] != null);
    const [name] = given;
    if (name === undefined || given.length > 1) {
      this.refuse(place, 'exactly one of all, any, not and where', given.join(' and ') || 'none of them');
      return {};
    }
    const inner = [...place, name];
    if (name === 'where') return { where: this.condition(input.where!, inner) };
    if (name === 'not') return { not: this.filter(input.not!, inner, level + 1) };
    return { [name]: input[name]!.map((each, index) => this.filter(each, [...inner, index], level + 1)) };
  }

  condition(input: PayloadConditionInput, place: Place): object {
    this.conditions++;
    this.path(input.path, [...place, 'path']);
    // `equals: null` is a test: it looks for a null. Of the other tests, null is none.
    const given = TESTS.filter((name) => (name === 'equals' ? input[name] !== undefined : input[name] != null));
    const [name] = given;
    if (name === undefined || given.length > 1) {
      this.refuse(place, `exactly one test, of ${TESTS.join(', ')}`, given.join(' and ') || 'none');
      return {};
    }
    this.operand(name, input[name], [...place, name]);
    return { path: input.path, [name]: input[name] };
  }

  path(path: readonly string[], place: Place): void {
    if (path.length === 0 || path.length > MAX_PATH_NAMES) {
      this.refuse(place, `1 to ${MAX_PATH_NAMES} names`, String(path.length));
    }
    path.forEach((name, index) => this.errors.push(...checkStorable([...place, index], name)));
  }

  operand(name: TestName, value: unknown, place: Place): void {
    if (name === 'equals') this.scalar(value, place);
    else if (name === 'in') this.list(value as readonly unknown[], place);
    else if (typeof value === 'string') {
      this.errors.push(...checkStorable(place, value));
      if (COMPARISONS.includes(name as Comparison) && readDecimal(value) === undefined) {
        this.refuse(place, 'a decimal number as text, such as "1000.00" or "-0.5"', quote(value));
      }
    }
  }

  list(values: readonly unknown[], place: Place): void {
    if (values.length > MAX_IN_VALUES) this.refuse(place, `at most ${MAX_IN_VALUES} values`, String(values.length));
    else values.forEach((value, index) => this.scalar(value, [...place, index]));
  }

  scalar(value: unknown, place: Place): void {
    if (typeof value === 'string') this.errors.push(...checkStorable(place, value));
    else if (typeof value === 'object' && value !== null) {
      this.refuse(place, 'a text, a number, true, false or null', Array.isArray(value) ? 'a list' : 'an object');
    } else if (typeof value === 'number' && !Number.isFinite(value)) {
      this.refuse(place, 'a number that a double can hold', 'more digits; use atLeast together with atMost');
    }
  }
}

/** Says in words why a body satisfies a filter, or does not. */
import { LongDecimal } from '../json/decimal.ts';
import { quote } from '../text.ts';
import type { BodyValues } from './body-values.ts';
import { compileFilter, satisfies } from './compile-filter.ts';
import { testOf, type PayloadCondition, type PayloadFilter } from './payload-filter.ts';

export type Explained = {
  readonly matches: boolean;
  /** Names the condition that decided, what stands at its path, and what was asked. */
  readonly reason: string;
};

/** `place`: where the filter stands, such as "filter". */
export function explainFilter(filter: PayloadFilter, body: BodyValues, place: string): Explained {
  if ('where' in filter) return explainCondition(filter.where, body, `${place}.where`);
  if ('not' in filter) {
    const inner = explainFilter(filter.not, body, `${place}.not`);
    return { matches: !inner.matches, reason: `${inner.reason} \`${place}.not\` asks for the opposite.` };
  }
  const [name, of] = 'all' in filter ? (['all', filter.all] as const) : (['any', filter.any] as const);
  const own = `${place}.${name}`;
  const each = of.map((one, index) => explainFilter(one, body, `${own}.${index}`));
  // One filter that fails decides `all`, and one that holds decides `any`.
  const decisive = each.find(({ matches }) => matches === (name === 'any'));
  if (decisive) return decisive;
  const matches = name === 'all';
  if (each.length === 1) return each[0]!;
  if (each.length === 0) return { matches, reason: `\`${own}\` is empty, and an empty \`${name}\` is ${matches}.` };
  const reason = matches
    ? `Each of the ${each.length} filters in \`${own}\` holds.`
    : `None of the ${each.length} filters in \`${own}\` holds. The first: ${each[0]!.reason}`;
  return { matches, reason };
}

function explainCondition(condition: PayloadCondition, body: BodyValues, place: string): Explained {
  const matches = satisfies(compileFilter({ where: condition }), body);
  const values = body.at(condition.path);
  const { count, first } = values;
  const path = condition.path.map((name) => (/^[\w-]+$/.test(name) ? name : quote(name))).join('.');
  const verdict = `${matches ? 'is' : 'is not'} ${askedBy(condition)}`;
  if (count === 0) {
    const what = values.isMissing ? 'is missing' : 'leads to an empty list, which passes no test';
    return { matches, reason: `\`${place}\`: ${path} ${what}${values.isMissing ? `: it ${verdict}` : ''}.` };
  }
  const list = first.map(show).join(', ');
  if (count === 1 && !values.isMissing) return { matches, reason: `\`${place}\`: ${path} is ${list}: it ${verdict}.` };
  const more = count > first.length ? ` and ${count - first.length} more` : '';
  const gaps = values.isMissing ? ', and is missing elsewhere' : '';
  const any = `${matches ? 'at least one' : 'none of them'} is ${askedBy(condition)}`;
  return { matches, reason: `\`${place}\`: ${path} has the values ${list}${more}${gaps}: ${any}.` };
}

function askedBy(condition: PayloadCondition): string {
  const test = testOf(condition);
  const operand = condition[test];
  switch (test) {
    case 'equals':
      return `equal to ${show(operand)}`;
    case 'in':
      return `one of the ${(operand as readonly unknown[]).length} values of \`in\``;
    case 'startsWith':
      return `a text that starts with ${show(operand)}`;
    case 'endsWith':
      return `a text that ends with ${show(operand)}`;
    case 'exists':
      return operand ? 'there' : 'missing';
    case 'greaterThan':
      return `a number greater than ${shorten(operand)}`;
    case 'lessThan':
      return `a number less than ${shorten(operand)}`;
    case 'atLeast':
      return `a number of at least ${shorten(operand)}`;
    case 'atMost':
      return `a number of at most ${shorten(operand)}`;
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value instanceof LongDecimal) return shorten(value.text);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** The digits of a number, as `quote` shows a text. */
const shorten = (text: unknown): string => quote(String(text)).slice(1, -1);

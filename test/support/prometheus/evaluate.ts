/**
 * Evaluates the part of PromQL that the alert rules use, on two scrapes: `now`, and `before`, which lies as long ago as the
 * ranges of the query say. So a rate is the difference by the range; what Prometheus extrapolates it does not.
 */
import type { Sample } from './samples.ts';

export type Scrapes = { readonly before: readonly Sample[]; readonly now: readonly Sample[] };
type Labels = Sample['labels'];
type Series = { readonly labels: Labels; readonly value: number };
type Value = number | readonly Series[];

const TOKEN = /\s*([a-zA-Z_:][\w:]*|\d+(?:\.\d+)?|"[^"]*"|!=|>=|<=|==|[(){}[\],=<>/])/y;

/** The series that the query yields; an alert fires for each. Throws on what this file does not know. */
export function evaluate(query: string, scrapes: Scrapes): readonly Series[] {
  const tokens = tokensOf(query);
  const value = binary(tokens, scrapes);
  if (tokens.length > 0) throw new Error(`Expected the end of the query, got ${tokens.join(' ')}`);
  return typeof value === 'number' ? [{ labels: {}, value }] : value;
}

function tokensOf(query: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < query.length) {
    const [, token] = TOKEN.exec(query) ?? [];
    if (token === undefined) throw new Error(`Expected PromQL, got: ${query}`);
    tokens.push(token);
  }
  return tokens;
}

const COMPARE: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '==': (left, right) => left === right,
};

/** A value, then `/` and another, or a comparison with a number. */
function binary(tokens: string[], scrapes: Scrapes): Value {
  let left = operand(tokens, scrapes);
  while (tokens[0] === '/' || tokens[0]! in COMPARE) {
    const operator = tokens.shift()!;
    const right = operand(tokens, scrapes);
    if (operator === '/') left = seriesOf(left).map((one) => ({ ...one, value: one.value / only(right) }));
    else left = seriesOf(left).filter(({ value }) => COMPARE[operator]!(value, only(right)));
  }
  return left;
}

function operand(tokens: string[], scrapes: Scrapes): Value {
  const token = tokens.shift() ?? '';
  if (/^\d/.test(token)) return Number(token);
  if (token in AGGREGATE) {
    const labels = tokens[0] === 'by' ? namesIn(tokens.splice(1), tokens) : [];
    const [inner] = call(tokens, scrapes);
    return aggregate(seriesOf(inner!), labels, AGGREGATE[token]!);
  }
  if (token === 'histogram_quantile') {
    const [quantile, buckets] = call(tokens, scrapes);
    return quantiles(only(quantile!), seriesOf(buckets!));
  }
  if (token in RANGE) {
    expect(tokens, '(');
    const chosen = selector(tokens.shift()!, tokens);
    const seconds = rangeOf(tokens);
    expect(tokens, ')');
    return chosen(scrapes.now).map(({ labels, value }) => {
      const earlier = chosen(scrapes.before).find((one) => keyOf(one.labels) === keyOf(labels));
      return { labels, value: RANGE[token]!(value - (earlier?.value ?? 0), seconds) };
    });
  }
  return selector(token, tokens)(scrapes.now);
}

const RANGE: Readonly<Record<string, (difference: number, seconds: number) => number>> = {
  rate: (difference, seconds) => difference / seconds,
  increase: (difference) => difference,
  delta: (difference) => difference,
};

const AGGREGATE: Readonly<Record<string, (values: readonly number[]) => number>> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
};

function call(tokens: string[], scrapes: Scrapes): Value[] {
  expect(tokens, '(');
  const values = [binary(tokens, scrapes)];
  while (tokens[0] === ',') {
    tokens.shift();
    values.push(binary(tokens, scrapes));
  }
  expect(tokens, ')');
  return values;
}

/** The names between the parentheses after `by`; what follows stays in `tokens`. */
function namesIn(rest: string[], tokens: string[]): string[] {
  const end = rest.indexOf(')');
  tokens.splice(0, tokens.length, ...rest.slice(end + 1));
  return rest.slice(1, end).filter((token) => token !== ',');
}

function selector(name: string, tokens: string[]): (samples: readonly Sample[]) => Series[] {
  const matchers: ((labels: Labels) => boolean)[] = [];
  if (tokens[0] === '{') {
    const end = tokens.indexOf('}');
    const inside = tokens
      .splice(0, end + 1)
      .slice(1, -1)
      .filter((token) => token !== ',');
    for (let at = 0; at < inside.length; at += 3) {
      const [label, operator, quoted] = inside.slice(at, at + 3) as [string, string, string];
      matchers.push((labels) => ((labels[label] ?? '') === quoted.slice(1, -1)) === (operator === '='));
    }
  }
  return (samples) => samples.filter((one) => one.name === name && matchers.every((matches) => matches(one.labels)));
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

function rangeOf(tokens: string[]): number {
  expect(tokens, '[');
  const [count, unit] = [Number(tokens.shift()), UNITS[tokens.shift()!]];
  expect(tokens, ']');
  if (!(count > 0) || unit === undefined) throw new Error('Expected a range such as [5m]');
  return count * unit;
}

function aggregate(
  series: readonly Series[],
  by: readonly string[],
  join: (values: readonly number[]) => number,
): Series[] {
  const kept = series.map(({ labels, value }) => ({
    labels: Object.fromEntries(by.map((name) => [name, labels[name] ?? ''])),
    value,
  }));
  const groups = Map.groupBy(kept, ({ labels }) => keyOf(labels));
  return [...groups.values()].map((group) => ({
    labels: group[0]!.labels,
    value: join(group.map(({ value }) => value)),
  }));
}

/** As Prometheus does: linear within the bucket, and the last bound for what lies beyond it. */
function quantiles(quantile: number, buckets: readonly Series[]): Series[] {
  const withoutBound = ({ le: _, ...labels }: Labels) => labels;
  const groups = Map.groupBy(buckets, ({ labels }) => keyOf(withoutBound(labels)));
  return [...groups.values()].flatMap((group) => {
    const bounds = group
      .map(({ labels, value }) => ({ bound: labels['le'] === '+Inf' ? Infinity : Number(labels['le']), count: value }))
      .sort((one, other) => one.bound - other.bound);
    const rank = quantile * bounds.at(-1)!.count;
    if (!(rank > 0)) return [];
    const at = bounds.findIndex(({ count }) => count >= rank);
    const [below, here] = [bounds[at - 1] ?? { bound: 0, count: 0 }, bounds[at]!];
    const share = (rank - below.count) / (here.count - below.count);
    const value = here.bound === Infinity ? below.bound : below.bound + (here.bound - below.bound) * share;
    return [{ labels: withoutBound(group[0]!.labels), value }];
  });
}

const keyOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort());
const seriesOf = (value: Value): readonly Series[] => (typeof value === 'number' ? [{ labels: {}, value }] : value);
const only = (value: Value): number => seriesOf(value)[0]?.value ?? Number.NaN;

function expect(tokens: string[], token: string): void {
  const found = tokens.shift();
  if (found !== token) throw new Error(`Expected ${token}, got ${found}`);
}

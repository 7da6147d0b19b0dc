import { expect, test } from 'vitest';
import { overlap } from '../../../src/domain/schemas/code-points.ts';
import { patternSteps } from '../../../src/domain/schemas/pattern-cost.ts';
import { parsePattern, type PatternNode } from '../../../src/domain/schemas/pattern.ts';

const LENGTH = 100_000;
const isLinear = (pattern: string) => patternSteps(pattern)(LENGTH) <= 10 * (LENGTH + 1) * Math.max(pattern.length, 1);

test.each([
  '^[a-z]+$',
  '^\\d{4}-\\d{2}-\\d{2}$',
  '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
  '^[a-z0-9_]+(\\.[a-z0-9_]+)*$',
  '^-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?$',
  '^0x[0-9a-f]{40}$',
  '^https?://[^/\\s]+(/[^\\s]*)?$',
  '^(?:USD|EUR|GBP)$',
  '^\\p{Lu}+$',
  '^[^\\p{Lu}]+$',
  '^(?<country>[A-Z]{2})\\d{2}$',
  '[A-Z]{3}',
  '',
])('%j takes time in proportion to the text', (pattern) => {
  expect(new RegExp(pattern, 'u')).toBeDefined();
  expect(isLinear(pattern)).toBe(true);
});

test.each([
  '^(a+)+$',
  '^(a|a)*$',
  '^(a|aa)+$',
  '^(a?b?)*$',
  '^([a-z]+,?)+$',
  '^(.*,){20}$',
  '^(\\w+\\s?)+$',
  '(x+x+)+y',
  '\\d+x',
  '^\\S+@\\S+$',
  '^a*a*$',
  '^\\p{L}+\\p{Lu}+$',
  '^(?=a)(b+)$',
  '^(a+)\\1$',
  '^(?<a>x+)\\k<a>$',
  '(?<!a)b',
  `^${'(a?)'.repeat(40)}${'a'.repeat(40)}$`,
  `^${'(a|b|ab)'.repeat(30)}$`,
  `^[a-z${'x'.repeat(300)}]+$`,
])('%j may take longer', (pattern) => {
  expect(new RegExp(pattern, 'u')).toBeDefined();
  expect(isLinear(pattern)).toBe(false);
});

/** A backtracking engine that counts what it looks at. */
function countSteps(pattern: PatternNode, text: string): number {
  let steps = 0;
  const match = (node: PatternNode, at: number, goOn: (at: number) => boolean): boolean => {
    steps++;
    switch (node.kind) {
      case 'character': {
        const code = text.charCodeAt(at);
        return at < text.length && overlap(node.set, [[code, code]]) && goOn(at + 1);
      }
      case 'assertion':
        return (node.isStart ? at === 0 : at === text.length) && goOn(at);
      case 'sequence':
        return node.items.reduceRight((next, item) => (from: number) => match(item, from, next), goOn)(at);
      case 'choice':
        return node.options.some((option) => match(option, at, goOn));
      case 'repeat': {
        const again = (from: number, count: number): boolean => {
          steps++;
          const isMore = count < node.most;
          if (isMore && match(node.body, from, (to) => (to > from || count < node.least) && again(to, count + 1)))
            return true;
          return count >= node.least && goOn(from);
        };
        return again(at, 0);
      }
    }
  };
  for (let start = 0; start <= text.length; start++) if (match(pattern, start, () => true)) break;
  return steps;
}

test('no pattern takes more steps than was foretold', () => {
  let seed = 1;
  const any = <T>(of: readonly T[]): T => {
    seed = (seed * 48_271) % 2_147_483_647;
    return of[seed % of.length]!;
  };
  const make = (depth: number): string => {
    if (depth === 0) return any(['a', 'b', '[ab]', '.', '[^a]', '\\w']);
    const part = () => make(depth - 1);
    const group = `(?:${part()}${any(['', '|'])}${part()})`;
    return `${any([part(), group, part() + part()])}${any(['', '', '*', '+', '?', '{2}', '{1,3}'])}`;
  };
  let foretold = 0;
  for (let round = 0; round < 1_000; round++) {
    const pattern = `${any(['^', ''])}${make(2)}${any(['$', 'c', ''])}`.replace(/([*+?}])([*+{])/g, '$1');
    try {
      new RegExp(pattern, 'u');
    } catch {
      continue;
    }
    const node = parsePattern(pattern)!;
    for (const text of ['a'.repeat(12), 'ab'.repeat(6), `${'a'.repeat(11)}!`, `${'b'.repeat(6)}${'a'.repeat(6)}`, '']) {
      const steps = patternSteps(pattern)(text.length);
      if (steps > 20_000) continue; // Infinity, or too many to count here.
      foretold++;
      // The engine of this test looks at groups and counts, too: some looks for each step.
      expect(countSteps(node, text), `${pattern} for ${text}`).toBeLessThanOrEqual(8 * (steps + pattern.length));
    }
  }
  expect(foretold).toBeGreaterThan(1_000);
});

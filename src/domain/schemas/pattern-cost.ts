/**
 * The longest time that a backtracking engine, such as V8's, can take for a pattern. It is foretold from the pattern alone,
 * so that a pattern that some text makes slow never runs on the event loop.
 *
 *     every choice is settled by the next character    linear:      ^\d{4}-\d{2}$, ^[a-z]+(\.[a-z]+)*$
 *     one path for each way to divide the text         polynomial:  ^\S+@\S+$
 *     a choice inside of a repetition                  unknown:     ^(a+)+$
 *     no ^ in front                                    once for each place of the text
 */
import { overlap, union, type CodePoints } from './code-points.ts';
import { parsePattern, type PatternNode } from './pattern.ts';

/** Steps for a text, or for several texts of this length together. Infinity when nobody knows. */
export type Steps = (length: number) => number;

export const unknownSteps: Steps = () => Infinity;

/** Looking through a longer pattern takes a while itself. */
const MOST_CHARACTERS = 200;

export function patternSteps(pattern: string): Steps {
  const node = pattern.length > MOST_CHARACTERS ? undefined : parsePattern(pattern);
  if (!node) return unknownSteps;
  const isDecided = decides(node, []);
  const isAnchored = startsAtStart(node);
  return (length) => {
    const linear = isDecided ? 4 * (length + pattern.length) : Infinity;
    const steps = Math.min(linear, countPaths(node, length, 1));
    return isAnchored ? steps : (length + 1) * steps;
  };
}

function startsAtStart(node: PatternNode): boolean {
  if (node.kind === 'assertion') return node.isStart;
  if (node.kind === 'choice') return node.options.every(startsAtStart);
  return node.kind === 'sequence' && node.items.length > 0 && startsAtStart(node.items[0]!);
}

/** Steps of a search that finds no match: each choice multiplies what comes after it, which takes `rest` steps. */
function countPaths(node: PatternNode, length: number, rest: number): number {
  if (rest === Infinity) return Infinity;
  switch (node.kind) {
    case 'character':
    case 'assertion':
      return 1 + rest;
    case 'sequence':
      return node.items.reduceRight((steps, item) => countPaths(item, length, steps), rest);
    case 'choice':
      return node.options.reduce((sum, option) => sum + countPaths(option, length, rest), 1);
    case 'repeat':
      return countRepeats(node, length, rest);
  }
}

const MOST_UNROLLED = 16;

function countRepeats(
  { body, least, most }: Extract<PatternNode, { kind: 'repeat' }>,
  length: number,
  rest: number,
): number {
  if (body.kind === 'character') return least + (Math.min(most - least, length) + 1) * (1 + rest);
  if (most > MOST_UNROLLED) return Infinity;
  let steps = rest;
  for (let count = most; count > 0; count--) {
    steps = countPaths(body, length, steps) + (count > least ? rest : 0);
  }
  return steps;
}

/**
 * Whether the next character settles every choice, when a character of `follow` comes after the node. Then every way but
 * one ends at once, and a text is walked over once, and once back.
 */
function decides(node: PatternNode, follow: CodePoints): boolean {
  switch (node.kind) {
    case 'character':
    case 'assertion':
      return true;
    case 'sequence': {
      let next = follow;
      return node.items.toReversed().every((item) => {
        const isDecided = decides(item, next);
        next = isOptional(item) ? union(firstOf(item), next) : firstOf(item);
        return isDecided;
      });
    }
    case 'choice': {
      let taken: CodePoints = node.options.some(isOptional) ? follow : [];
      const areApart = node.options.every((option) => {
        const first = firstOf(option);
        const isApart = !overlap(first, taken);
        taken = union(taken, first);
        return isApart;
      });
      return areApart && node.options.filter(isOptional).length <= 1 && node.options.every((o) => decides(o, follow));
    }
    case 'repeat': {
      const { body, least, most } = node;
      if (body.kind === 'character' && least === most) return true;
      const first = firstOf(body);
      const next = most > 1 ? union(first, follow) : follow;
      return !isOptional(body) && !overlap(first, follow) && decides(body, next);
    }
  }
}

/** The characters with which a text that the node matches can begin. */
function firstOf(node: PatternNode): CodePoints {
  switch (node.kind) {
    case 'character':
      return node.set;
    case 'assertion':
      return [];
    case 'repeat':
      return firstOf(node.body);
    case 'choice':
      return node.options.map(firstOf).reduce(union);
    case 'sequence': {
      let first: CodePoints = [];
      for (const item of node.items) {
        first = union(first, firstOf(item));
        if (!isOptional(item)) break;
      }
      return first;
    }
  }
}

/** Whether the node matches the empty text. */
function isOptional(node: PatternNode): boolean {
  switch (node.kind) {
    case 'character':
      return false;
    case 'assertion':
      return true;
    case 'repeat':
      return node.least === 0 || isOptional(node.body);
    case 'choice':
      return node.options.some(isOptional);
    case 'sequence':
      return node.items.every(isOptional);
  }
}

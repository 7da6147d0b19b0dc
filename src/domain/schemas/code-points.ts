/** Sets of Unicode code points, as ordered ranges that neither touch nor overlap. */

export type CodePoints = readonly (readonly [from: number, to: number])[];

const LAST = 0x10ffff;

export const EVERYTHING: CodePoints = [[0, LAST]];
export const DIGITS: CodePoints = [[0x30, 0x39]];
export const WORD_CHARACTERS: CodePoints = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
export const LINE_ENDS: CodePoints = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
export const SPACES: CodePoints = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];

export function union(a: CodePoints, b: CodePoints): CodePoints {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  if (a === EVERYTHING || b === EVERYTHING) return EVERYTHING;
  const merged: [number, number][] = [];
  for (const [from, to] of [...a, ...b].sort(([left], [right]) => left - right)) {
    const last = merged.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

export function complement(set: CodePoints): CodePoints {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [from, to] of set) {
    if (from > next) rest.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= LAST) rest.push([next, LAST]);
  return rest;
}

export const overlap = (a: CodePoints, b: CodePoints): boolean =>
  a.some(([from, to]) => b.some(([otherFrom, otherTo]) => from <= otherTo && otherFrom <= to));

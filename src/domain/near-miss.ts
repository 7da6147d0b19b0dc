/** Which known name a text was meant to be. A warning about a misspelt name is worth a line; a false warning is noise. */

/** A name of up to this many letters is close to too many others: HOST and HOME are two edits apart. */
const SHORT_LETTERS = 6;

/**
 * The known name nearest to `name`: at most one edit away, or two for a name of over 6 letters. Upper and lower case are the
 * same. Undefined when no name is near, or when `name` is known. An edit adds, takes away or changes a letter, or swaps two
 * neighbours.
 */
export function nearMiss(name: string, known: Iterable<string>): string | undefined {
  let nearest: { readonly name: string; readonly edits: number } | undefined;
  for (const candidate of known) {
    if (candidate === name) return undefined;
    const allowed = candidate.length <= SHORT_LETTERS ? 1 : 2;
    if (Math.abs(candidate.length - name.length) > allowed) continue;
    const edits = countEdits(name.toUpperCase(), candidate.toUpperCase());
    if (edits <= allowed && edits < (nearest?.edits ?? Infinity)) nearest = { name: candidate, edits };
  }
  return nearest?.name;
}

/** Optimal string alignment: Levenshtein's distance, with a swap of neighbours as one edit. */
function countEdits(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const changed = last[column - 1]! + (isSame ? 0 : 1);
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? beforeLast[column - 2]! + 1 : Infinity;
      current.push(Math.min(last[column]! + 1, current[column - 1]! + 1, changed, swapped));
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length]!;
}

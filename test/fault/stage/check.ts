/** Whether a subscriber was shown a history: all of it, in order, nothing twice. */

export function requireHistory(name: string, seen: readonly string[], history: readonly string[]): void {
  if (seen.length === history.length && seen.every((place, index) => place === history[index])) return;
  const shown = new Set(seen);
  const known = new Set(history);
  const missing = history.filter((place) => !shown.has(place));
  const foreign = seen.filter((place) => !known.has(place));
  const at = history.findIndex((place, index) => place !== seen[index]);
  const around = (places: readonly string[]) => places.slice(Math.max(0, at - 2), at + 3).join(' ');
  throw new Error(
    `${name} saw ${seen.length} changes of ${history.length}: ${missing.length} missing, ` +
      `${seen.length - shown.size} repeated, ${foreign.length} that are not in the table. ` +
      `The first difference is at ${at}: expected ${around(history)}, saw ${around(seen)}`,
  );
}

/** Rejects with what `describe` says when it takes longer. */
export async function within<T>(ms: number, work: Promise<T>, describe: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not finished within ${ms / 1_000} s: ${describe()}`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/**
 * What belongs to a row, loaded once per row object. Rows are those of one reading (reads.ts), and so are their parts: never
 * for what outlives a reading, as a change of a stream does. Operations that read together are given the same row objects.
 */
const parts = new WeakMap<object, Map<string, Promise<unknown>>>();

export function once<T>(row: object, part: string, load: () => Promise<T>): Promise<T> {
  let known = parts.get(row);
  if (!known) parts.set(row, (known = new Map()));
  const loaded = known.get(part) as Promise<T> | undefined;
  if (loaded) return loaded;
  const loading = load();
  known.set(part, loading);
  loading.catch(() => known.delete(part)); // The next one to ask tries again.
  return loading;
}

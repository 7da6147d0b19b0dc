/**
 * Loads a part of a row once per row object. Rows and their parts belong to one reading (reads.ts). So it is not for what
 * outlives a reading, such as a change of a stream. Operations that read together get the same row objects.
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

/**
 * What belongs to a row, loaded once per row object. Subscribers to one change are given the same row objects, so what
 * a thousand of them select is read once; the rows of other operations are their own, so nothing outlives the answer.
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

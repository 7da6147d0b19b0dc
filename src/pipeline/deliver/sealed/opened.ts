/** Keeps what was opened of sealed values, within a number of bytes: beyond it, what was opened first is forgotten. */
export type Opened<T> = {
  get(key: string): T | undefined;
  /** `bytes`: of the sealed value. */
  set(key: string, value: T, bytes: number): void;
  delete(key: string): void;
  entries(): Iterable<readonly [key: string, value: T]>;
};

export function createOpened<T>(mostBytes: number): Opened<T> {
  const kept = new Map<string, { readonly value: T; readonly bytes: number }>(); // Oldest first.
  let keptBytes = 0;

  function forget(key: string): void {
    keptBytes -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  }

  return {
    get: (key) => kept.get(key)?.value,
    set(key, value, bytes) {
      forget(key);
      kept.set(key, { value, bytes });
      keptBytes += bytes;
      for (const oldest of kept.keys()) {
        if (keptBytes <= mostBytes) break;
        forget(oldest);
      }
    },
    delete: forget,
    *entries() {
      for (const [key, { value }] of kept) yield [key, value];
    },
  };
}

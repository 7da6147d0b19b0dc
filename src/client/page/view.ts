/** A value that a page shows: as React's useSyncExternalStore, and every other page, can read it. */
export type View<Value> = {
  /** The same object until something changes. */
  readonly get: () => Value;
  readonly change: (part: Partial<Value>) => void;
  /** Calls the listener after each change. Returns how to end that. */
  readonly subscribe: (listener: () => void) => () => void;
};

export function createView<Value extends object>(value: Value): View<Value> {
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    change(part) {
      value = { ...value, ...part };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

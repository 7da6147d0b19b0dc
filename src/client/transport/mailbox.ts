/** What arrives by itself, for a reader who takes it one by one. */
export type Mailbox<T> = {
  /** Returns how many wait to be taken. */
  put(item: T): number;
  /** The reader gets what waits, and then this error. The first reason counts. */
  close(reason: unknown): void;
  take(): AsyncGenerator<T, never, undefined>;
};

export function createMailbox<T>(): Mailbox<T> {
  const waiting: T[] = [];
  let end: { readonly reason: unknown } | undefined;
  let wake = () => {};
  return {
    put(item) {
      waiting.push(item);
      wake();
      return waiting.length;
    },
    close(reason) {
      end ??= { reason };
      wake();
    },
    async *take() {
      while (true) {
        for (const item of waiting.splice(0)) yield item;
        if (waiting.length > 0) continue;
        if (end) throw end.reason;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

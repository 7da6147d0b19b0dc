/**
 * Joins calls that arrive while earlier ones are being written, so that they share a transaction. While fewer than
 * `parallel` batches are under way, a call starts a batch at once: it never waits for other calls.
 */

type Options<Item, Out> = {
  /** Batches under way at once. */
  readonly parallel: number;
  /** A batch takes items until their weights reach this. */
  readonly maxWeight: number;
  readonly weigh: (item: Item) => number;
  /** One outcome per item, in order. A rejection is every item's rejection. */
  readonly run: (items: Item[]) => Promise<Out[]>;
};

export type Batch<Item, Out> = {
  add(item: Item): Promise<Out>;
  /** Takes an item out of the queue: its call is then never answered. False when the item had left the queue before. */
  withdraw(item: Item): boolean;
  /** Resolves when nothing is queued or under way. */
  idle(): Promise<void>;
};

type Waiting<Item, Out> = { item: Item; resolve: (out: Out) => void; reject: (error: unknown) => void };

export function createBatch<Item, Out>({ parallel, maxWeight, weigh, run }: Options<Item, Out>): Batch<Item, Out> {
  let queue: Waiting<Item, Out>[] = [];
  let running = 0;
  let idleWaiters: (() => void)[] = [];

  function take(): Waiting<Item, Out>[] {
    let weight = 0;
    let count = 0;
    while (count < queue.length && weight < maxWeight) weight += weigh(queue[count++]!.item);
    const taken = queue.slice(0, count);
    queue = queue.slice(count);
    return taken;
  }

  async function runBatches(): Promise<void> {
    running++;
    while (queue.length > 0) {
      const batch = take();
      try {
        const outs = await run(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, index) => resolve(outs[index]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    if (--running > 0) return;
    for (const wake of idleWaiters) wake();
    idleWaiters = [];
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        queue.push({ item, resolve, reject });
        // In a microtask: calls of the same turn of the event loop share the first batch.
        if (running < parallel) queueMicrotask(() => running < parallel && queue.length > 0 && void runBatches());
      }),
    withdraw(item) {
      const at = queue.findIndex((waiting) => waiting.item === item);
      if (at >= 0) queue.splice(at, 1);
      return at >= 0;
    },
    idle: () =>
      running === 0 && queue.length === 0 ? Promise.resolve() : new Promise((done) => idleWaiters.push(done)),
  };
}

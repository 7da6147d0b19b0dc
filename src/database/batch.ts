/**
 * Joins calls that arrive while earlier ones are being written, so that they share a transaction. While fewer than `parallel`
 * batches are under way, a call starts a batch at once: it never waits for other calls. Only a batch that follows another one
 * may wait for more of them (`gather`).
 */

/** Called with how many items wait. Undefined: the batch starts at once. */
export type Gather = (waiting: number) => Promise<void> | undefined;

type Options<Item, Out> = {
  /** Batches under way at once. */
  readonly parallel: number;
  /** A batch takes items until their weights reach this. */
  readonly maxWeight: number;
  readonly weigh: (item: Item) => number;
  /**
   * Whether an item must not keep others waiting: such items share no batch with others, and have one batch at a time.
   * Default: none.
   */
  readonly isHeldBack?: (item: Item) => boolean;
  /** What a batch that follows another one waits for. Default: nothing. */
  readonly gather?: Gather | undefined;
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

export function createBatch<Item, Out>(options: Options<Item, Out>): Batch<Item, Out> {
  const { parallel, maxWeight, weigh, isHeldBack = () => false, gather, run } = options;
  let queue: Waiting<Item, Out>[] = [];
  let running = 0;
  /** Whether a batch of items that are held back is under way. */
  let isHeldBackRunning = false;
  let idleWaiters: (() => void)[] = [];

  /** Takes the next batch: items of one kind, that of the first item which may go on. */
  function take(): { readonly taken: Waiting<Item, Out>[]; readonly areHeldBack: boolean } {
    const taken: Waiting<Item, Out>[] = [];
    const passedOver: Waiting<Item, Out>[] = [];
    let areHeldBack: boolean | undefined = isHeldBackRunning ? false : undefined;
    let weight = 0;
    let looked = 0;
    for (; looked < queue.length && weight < maxWeight; looked++) {
      const waiting = queue[looked]!;
      const isOne = isHeldBack(waiting.item);
      areHeldBack ??= isOne;
      if (isOne !== areHeldBack) passedOver.push(waiting);
      else {
        taken.push(waiting);
        weight += weigh(waiting.item);
      }
    }
    queue = passedOver.concat(queue.slice(looked));
    return { taken, areHeldBack: areHeldBack === true };
  }

  async function runBatches(): Promise<void> {
    running++;
    while (queue.length > 0) {
      const { taken, areHeldBack } = take();
      if (taken.length === 0) break; // Those that are left are taken after the batch of their kind.
      if (areHeldBack) isHeldBackRunning = true;
      try {
        const outs = await run(taken.map(({ item }) => item));
        taken.forEach(({ resolve }, index) => resolve(outs[index]!));
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
      if (areHeldBack) isHeldBackRunning = false;
      if (queue.length > 0) await gather?.(queue.length);
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

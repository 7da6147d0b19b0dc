/** A queue in which owners take turns: each gives one item at a time, and an owner's items come in their order. */
export type TurnQueue<Item> = {
  add(owner: string, item: Item): void;
  /** Takes the item whose turn it is; undefined when there is none. */
  take(): Item | undefined;
  readonly isEmpty: boolean;
};

export function createTurnQueue<Item>(): TurnQueue<Item> {
  const queues = new Map<string, Item[]>(); // Insertion order is the order of turns.
  return {
    add(owner, item) {
      const queue = queues.get(owner);
      if (queue) queue.push(item);
      else queues.set(owner, [item]);
    },
    take() {
      const [first] = queues;
      if (!first) return undefined;
      const [owner, queue] = first;
      const item = queue.shift();
      queues.delete(owner);
      if (queue.length > 0) queues.set(owner, queue);
      return item;
    },
    get isEmpty() {
      return queues.size === 0;
    },
  };
}

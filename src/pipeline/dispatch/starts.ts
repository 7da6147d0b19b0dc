/**
 * Bounds how many attempts start in one turn of the event loop. To sign a hundred requests takes 10 ms, and a turn that reads
 * fifty answers would start hundreds: PostgreSQL and the API would wait, and each request would need a connection of its own.
 */
export type Starts = {
  /** Whether the next attempt has to wait for the next turn. */
  readonly isFull: boolean;
  /**
   * Whether attempts that may soon be answered have filled the turn. Attempts to targets that owe an answer do not count: they
   * start after all others (line-up.ts), so what is claimed beside them does not have to wait.
   */
  readonly isBehind: boolean;
  /** Call it for each attempt that starts. `isOverdue`: its target owes an answer for longer than usual. */
  add(isOverdue: boolean): void;
};

const MOST_STARTS = 16;
/** While a quiet organization is beside a loud one, and the process is busy. */
const STRAINED_STARTS = 4;

/** `onTurn` is called when a turn begins after one in which attempts started. */
export function createStarts(isStrained: () => boolean, onTurn: () => void): Starts {
  let started = 0;
  let overdue = 0;
  let nextTurn: NodeJS.Immediate | undefined;

  function beginTurn(): void {
    nextTurn = undefined;
    started = overdue = 0;
    onTurn();
  }

  const most = () => (isStrained() ? STRAINED_STARTS : MOST_STARTS);

  return {
    get isFull() {
      return started >= most();
    },
    get isBehind() {
      return started - overdue >= most();
    },
    add(isOverdue) {
      started++;
      if (isOverdue) overdue++;
      nextTurn ??= setImmediate(beginTurn);
    },
  };
}

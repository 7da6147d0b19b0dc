/**
 * Whether a request had left when its answer ended. A receiver may answer before it has read the whole request; what it
 * makes of the rest is unknown, so no other request may follow on that connection.
 *
 * Node tells the end of a write by `writableLength`, which is 0 from then on:
 *
 *     TCP    in the write itself, when the kernel took all bytes at once; else when it has taken the last ones
 *     TLS    the same, but what the kernel took at once is told at the end of the loop's turn (a `setImmediate` of Node)
 *
 * At a short distance an answer comes before that turn is over: measured at 0 to 2 ms, 4 of 10 connections were thrown
 * away for it. So an answer that ends in the turn of its request is judged when the turn is over. In every later turn a
 * request that has not left is one that the kernel had no room for: the receiver has answered too early.
 */
import type { Socket } from 'node:net';

export type Sent = {
  /** The HTTP client has just handed the whole request to the socket. */
  begin(): void;
  /** Calls back with whether the request has left: at once, or when the turn is over in which it was handed over. */
  judge(verdict: (hasLeft: boolean) => void): void;
};

export function createSent(socketOf: () => Socket | undefined, isSecure: boolean): Sent {
  let isTurnOver = true;
  let waiting: ((hasLeft: boolean) => void) | undefined;
  const hasLeft = () => (socketOf()?.writableLength ?? 0) === 0;

  /** Node's own immediates come before those of JavaScript: the write that ended in this turn has been told. */
  function endTurn(): void {
    isTurnOver = true;
    const verdict = waiting;
    waiting = undefined;
    verdict?.(hasLeft());
  }

  return {
    begin() {
      if (!isSecure || hasLeft()) return;
      isTurnOver = false;
      setImmediate(endTurn);
    },
    judge(verdict) {
      if (isTurnOver) verdict(hasLeft());
      else waiting = verdict;
    },
  };
}

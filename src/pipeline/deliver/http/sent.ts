/**
 * Finds out whether a request had left when its answer ended. A receiver may answer before it has read the whole request.
 * What it does with the rest is unknown, so no other request may follow on that connection.
 *
 * Node shows the end of a write by `writableLength`, which is 0 from then on:
 *
 *     TCP    in the write itself, when the kernel took all bytes at once; otherwise when it has taken the last
 *     TLS    the same, but what the kernel took at once shows at the end of the loop's turn (a `setImmediate` of Node)
 *
 * From a near receiver an answer can come before that turn is over: measured at 0 to 2 ms, 4 of 10 connections would be
 * thrown away for this. So an answer that ends in the turn of its request is judged when the turn is over. In a later
 * turn, a request that has not left did not fit into the kernel's buffer: the receiver has answered too early.
 */
import type { Socket } from 'node:net';

export type Sent = {
  /** Call it when the HTTP client has just handed the whole request to the socket. */
  begin(): void;
  /** Calls `verdict` with whether the request has left: at once, or at the end of the turn in which it was handed over. */
  judge(verdict: (hasLeft: boolean) => void): void;
};

export function createSent(socketOf: () => Socket | undefined, isSecure: boolean): Sent {
  let isTurnOver = true;
  let waiting: ((hasLeft: boolean) => void) | undefined;
  const hasLeft = () => (socketOf()?.writableLength ?? 0) === 0;

  /** Node's own immediates run before those of JavaScript, so by now a write that ended in this turn shows. */
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

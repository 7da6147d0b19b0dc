/**
 * The WebSockets that have not shown a valid API key yet. When there is one too many, the socket that has waited longest is
 * closed: a client with an API key waits for a moment only. Refusing the newest would let a few clients that never show a key
 * keep everybody out.
 *
 * Behind a proxy all clients have one address, and after a restart thousands of them come back at once, each about to show its
 * API key. So an address may have any number of sockets for that moment, and is held to its limit after it. When all places are
 * taken, the address with the most sockets gives one up.
 */
import type { Clock } from '../../clock.ts';
import type { StrangerLimits } from './strangers.ts';

export type WaitingRoom = {
  /** Calls `leave` when there is no room any more. Call what it returns when the wait is over, however it ended. */
  enter(address: string, leave: () => void): () => void;
};

type Waiting = { readonly address: string; readonly sinceMs: number; readonly leave: () => void };

/** Milliseconds: a handshake over a slow line, and the look-up of an API key, take no longer. */
const MOMENT_MS = 1_000;

export function createWaitingRoom({ sockets, socketsPerAddress }: StrangerLimits, clock: Clock): WaitingRoom {
  // Each set is in the order in which its sockets came.
  const byAddress = new Map<string, Set<Waiting>>();
  let count = 0;

  function remove(one: Waiting): void {
    const ofAddress = byAddress.get(one.address);
    if (!ofAddress?.delete(one)) return;
    count--;
    if (ofAddress.size === 0) byAddress.delete(one.address);
  }

  function dismissOldest(waiting: ReadonlySet<Waiting>): void {
    const [oldest] = waiting;
    remove(oldest!);
    oldest!.leave();
  }

  function largest(): ReadonlySet<Waiting> {
    return [...byAddress.values()].reduce((most, each) => (each.size > most.size ? each : most));
  }

  function keepLimit(waiting: ReadonlySet<Waiting>, nowMs: number): void {
    for (const { sinceMs } of waiting) {
      if (waiting.size < socketsPerAddress || nowMs - sinceMs < MOMENT_MS) return;
      dismissOldest(waiting);
    }
  }

  return {
    enter(address, leave) {
      const nowMs = clock.monotonicMs();
      keepLimit(byAddress.get(address) ?? new Set(), nowMs);
      if (count > 0 && count >= sockets) dismissOldest(largest());
      const one = { address, sinceMs: nowMs, leave };
      byAddress.set(address, (byAddress.get(address) ?? new Set()).add(one));
      count++;
      return () => remove(one);
    },
  };
}

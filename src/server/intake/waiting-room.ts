/**
 * WebSockets that have not shown a valid API key yet. When there is one too many, the one that has waited longest goes: a client
 * with a key is through in a moment, so those that wait long are the others. Refusing the newest would let a few that never show a
 * key keep everybody out.
 */
import type { StrangerLimits } from './strangers.ts';

export type WaitingRoom = {
  /** `leave` is called when there is no room any more. Returns what is to be called when the wait is over, however it ended. */
  enter(address: string, leave: () => void): () => void;
};

type Waiting = { readonly address: string; readonly leave: () => void };

export function createWaitingRoom({ sockets, socketsPerAddress }: StrangerLimits): WaitingRoom {
  // Sets are in the order of coming.
  const all = new Set<Waiting>();
  const byAddress = new Map<string, Set<Waiting>>();

  function remove(one: Waiting): boolean {
    const ofAddress = byAddress.get(one.address);
    ofAddress?.delete(one);
    if (ofAddress?.size === 0) byAddress.delete(one.address);
    return all.delete(one);
  }

  function dismissOldest(waiting: ReadonlySet<Waiting>): void {
    const [oldest] = waiting;
    remove(oldest!);
    oldest!.leave();
  }

  return {
    enter(address, leave) {
      const one = { address, leave };
      const ofAddress = byAddress.get(address) ?? new Set();
      if (ofAddress.size >= socketsPerAddress) dismissOldest(ofAddress);
      else if (all.size >= sockets) dismissOldest(all);
      all.add(one);
      byAddress.set(address, ofAddress.add(one));
      return () => remove(one);
    },
  };
}

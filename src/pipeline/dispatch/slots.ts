/**
 * The slots of one worker process: how many attempts it may have open, and for whom they are.
 *
 *     ┌ quick ─ CONCURRENCY ──────────────┐      ┌ slow ─ 4 × CONCURRENCY ────────────────┐
 *     │ known targets: any                │ ──▶  │ attempts that have run for SLOW_MS     │
 *     │ new targets: at most half of them │  1 s │ slow targets: at most 3/4, from start  │
 *     └───────────────────────────────────┘      └────────────────────────────────────────┘
 *
 * A slow attempt costs a socket and a little memory, but no slot that a quick target could use; so a hundred targets that
 * hang cost the others nothing. Targets of which nothing is known yet cannot fill the quick slots before they are found
 * to hang, and those known to hang leave room for the next ones to be found out.
 *
 * Should more attempts than that become slow, they stay in quick slots: nothing is ever open beyond both together.
 */
import type { Claim } from '../deliver/claim.ts';
import { SLOW_MS, type Lane, type LaneKind } from './lane.ts';

/** One attempt under way. */
export type Flight = {
  readonly claim: Claim;
  readonly lane: Lane;
  readonly startedMs: number;
  /** Of the slot that it has. */
  kind: LaneKind;
};

export type Slots = {
  take(flight: Flight): void;
  give(flight: Flight): void;
  /** Whether an attempt of such a lane may start. */
  hasRoom(kind: LaneKind): boolean;
  /** Free quick slots. */
  readonly free: number;
  /** Half the slots for new targets are taken. */
  readonly isCrowded: boolean;
  /** Makes the attempts that have run for SLOW_MS slow, and names them. */
  age(nowMs: number): Flight[];
  /** When the next attempt will be slow; undefined when there is none. */
  readonly nextSlowMs: number | undefined;
};

const SLOW_SLOTS = 4;
const SLOW_SLOTS_FROM_START = 3;

/**
 * The most requests that are ever open, so the most that one origin can get. The sender must not stop them earlier: a
 * request that waits there for a connection waits on the clock of its attempt, behind requests of other targets.
 */
export const mostOpen = (concurrency: number): number => (1 + SLOW_SLOTS) * concurrency;

export function createSlots(concurrency: number): Slots {
  const quick = new Set<Flight>(); // In the order in which they started.
  const mostNew = Math.ceil(concurrency / 2);
  let newCount = 0;
  let slowCount = 0;

  const free = () => Math.max(0, concurrency - quick.size - Math.max(0, slowCount - SLOW_SLOTS * concurrency));

  function leaveQuick(flight: Flight): void {
    quick.delete(flight);
    if (flight.kind === 'new') newCount--;
  }

  return {
    take(flight) {
      if (flight.kind === 'slow') slowCount++;
      else quick.add(flight);
      if (flight.kind === 'new') newCount++;
    },
    give(flight) {
      if (flight.kind === 'slow') slowCount--;
      else leaveQuick(flight);
    },
    hasRoom(kind) {
      if (kind === 'slow') return slowCount < SLOW_SLOTS_FROM_START * concurrency;
      return free() > 0 && (kind === 'known' || newCount < mostNew);
    },
    get free() {
      return free();
    },
    get isCrowded() {
      return newCount * 2 >= mostNew;
    },
    age(nowMs) {
      const aged: Flight[] = [];
      for (const flight of quick) {
        if (nowMs - flight.startedMs < SLOW_MS) break;
        leaveQuick(flight);
        flight.kind = 'slow';
        slowCount++;
        aged.push(flight);
      }
      return aged;
    },
    get nextSlowMs() {
      const [oldest] = quick;
      return oldest && oldest.startedMs + SLOW_MS;
    },
  };
}

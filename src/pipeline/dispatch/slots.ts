/**
 * Shares out the slots of one worker process: at most CONCURRENCY requests are open at once.
 *
 *     ┌ CONCURRENCY ───────────────────────────────────────────────────────────┐
 *     │ known targets: any                                                     │
 *     ├ new and slow targets: at most 3/4 together ────────────────────────────┤
 *     │ new: at most 1/4       ──1 s──▶  slow: attempts that run for SLOW_MS;  │
 *     │                                  of slow targets at most 3/8 begin     │
 *     └────────────────────────────────────────────────────────────────────────┘
 *
 * New targets cannot fill all slots before it is known that they hang, and targets that hang leave room to try the next
 * new ones. So a hundred targets that hang cost the others nothing.
 *
 * Two more rules are for known targets that begin to hang all at once, and for an organization that has most of them:
 *
 *     one lane            has at most its first width, or a quarter of the free slots, once 3/4 of the slots are taken
 *     one organization    has at most half of the slots while another organization waits, and otherwise 7/8
 */
import type { Claim } from '../deliver/claim.ts';
import type { Loans } from '../deliver/loans.ts';
import { SLOW_MS, type Lane, type LaneKind } from './lanes/lane.ts';
import { FIRST_WIDTH, type Beginning } from './lanes/width.ts';

/** An attempt under way. */
export type Flight = {
  readonly claim: Claim;
  readonly lane: Lane;
  readonly startedMs: number;
  readonly beginning: Beginning;
  /** The kind of its slot. */
  kind: LaneKind;
};

export type Slots = {
  take(flight: Flight): void;
  give(flight: Flight): void;
  /** Whether an attempt of a lane of this kind may start. */
  hasRoom(kind: LaneKind): boolean;
  /** Whether there is room for the body of the claim (deliver/loans.ts). */
  hasBytes(claim: Claim): boolean;
  /** Whether the lane has less than its share. */
  hasShare(lane: Lane): boolean;
  /** Whether the organization has its full share, or is held back. `isAlone`: no other organization waits for a slot. */
  isSated(organizationId: string, isAlone: boolean): boolean;
  readonly free: number;
  /** Whether half the slots for new targets are taken. */
  readonly isCrowded: boolean;
  /** Marks the attempts that have run for SLOW_MS as slow, and returns them. */
  age(nowMs: number): Flight[];
  /** When the next attempt will be slow; undefined when there is none. */
  readonly nextSlowMs: number | undefined;
};

type Rules = {
  readonly loans?: Pick<Loans, 'hasRoom' | 'take' | 'give'> | undefined;
  /** Whether attempts of the organization have to wait (fairness/fair-share.ts, unsettled.ts). */
  readonly isHeldBack?: (organizationId: string) => boolean;
};

export function createSlots(concurrency: number, { loans, isHeldBack = () => false }: Rules = {}): Slots {
  const quick = new Set<Flight>(); // In the order in which they started.
  const byOrganization = new Map<string, number>();
  const mostNew = Math.ceil(concurrency / 4);
  const mostSlow = Math.ceil((concurrency * 3) / 8);
  const mostUncertain = Math.ceil((concurrency * 3) / 4);
  const mostOfOne = Math.ceil(concurrency / 2);
  const mostAlone = Math.ceil((concurrency * 7) / 8);
  let newCount = 0;
  let slowCount = 0;

  const free = () => concurrency - quick.size - slowCount;

  function leaveQuick(flight: Flight): void {
    quick.delete(flight);
    if (flight.kind === 'new') newCount--;
  }

  function count({ lane: { organizationId } }: Flight, change: 1 | -1): void {
    const next = (byOrganization.get(organizationId) ?? 0) + change;
    if (next === 0) byOrganization.delete(organizationId);
    else byOrganization.set(organizationId, next);
  }

  return {
    take(flight) {
      count(flight, 1);
      loans?.take(flight.claim);
      if (flight.kind === 'slow') slowCount++;
      else quick.add(flight);
      if (flight.kind === 'new') newCount++;
    },
    give(flight) {
      count(flight, -1);
      loans?.give(flight.claim);
      if (flight.kind === 'slow') slowCount--;
      else leaveQuick(flight);
    },
    hasRoom(kind) {
      if (free() <= 0) return false;
      if (kind === 'known') return true;
      if (newCount + slowCount >= mostUncertain) return false;
      return kind === 'slow' ? slowCount < mostSlow : newCount < mostNew;
    },
    hasBytes: (claim) => !loans || loans.hasRoom(claim),
    hasShare: ({ active }) => free() * 4 >= concurrency || active < Math.max(FIRST_WIDTH, free() / 4),
    isSated: (organizationId, isAlone) =>
      (byOrganization.get(organizationId) ?? 0) >= (isAlone ? mostAlone : mostOfOne) || isHeldBack(organizationId),
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

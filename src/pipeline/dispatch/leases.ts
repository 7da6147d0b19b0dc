/**
 * Manages the leases of one worker process (lease.ts): takes them for lanes that have something to send, keeps them while
 * they are used, and gives them up.
 *
 *     lane of a target with limits ──▶ unleased ──take──▶ leased ──idle, stopping, no limits any more──▶ given up
 *                                        ▲   └─ another process has it: elsewhere, until its term may end
 *                                        └─────────────── the term is over: lost
 *
 * Invariants:
 *   - a request starts only before `untilMs`, which is MARGIN_MS before the term ends by the clock of Postgres: `untilMs`
 *     counts from before the statement was sent, on a monotonic clock;
 *   - a process that gives a lease up stops using it first, then tells Postgres;
 *   - a process whose targets have no limits has no term, and asks Postgres nothing.
 */
import type { Clock } from '../../clock.ts';
import type { Claim } from '../deliver/claim.ts';
import type { Lane } from './lanes/lane.ts';
import type { Lanes } from './lanes/lanes.ts';
import type { TargetLease } from './lanes/lease.ts';
import { TERM_MS, type LeaseAnswer, type LeaseRows } from './lanes/lease-rows.ts';
import { createRounds } from './rounds.ts';
import type { Scheduler } from './scheduler.ts';

export type Leases = {
  start(): void;
  /** Takes leases if lanes want any; costs nothing if none does. */
  ask(): void;
  /** Looks now, because another process gave leases up and one may be wanted here. */
  heedGivenUp(): void;
  /** Looks now, because another process holds deliveries of targets whose leases it does not have. */
  heedHeld(): void;
  /** Gives all leases up, each as soon as the limits of its target allow it. */
  leave(): void;
  /** Ends the term. Call it when no request is open any more. */
  stop(): Promise<void>;
  readonly isRunning: boolean;
};

type Options = {
  readonly rows: LeaseRows;
  readonly lanes: Lanes;
  readonly scheduler: Pick<Scheduler, 'grant' | 'revoke'>;
  readonly clock: Clock;
  /** Called when lanes got a lease: they may have room. */
  readonly onGranted: () => void;
  /** Gets claims to hold, because their lanes have no lease. */
  readonly onRevoked: (claims: Claim[]) => void;
  /** Called when other processes may take leases. */
  readonly onGivenUp: () => void;
  readonly onError: (error: unknown) => void;
  readonly onEnd: () => void;
};

type Leased = { readonly lane: Lane; readonly sinceMs: number };
type Term = TargetLease & { readonly id: string; extendedMs: number; askedMs: number };

/** How long before the end of the term the last request may start: it is on its way for a while, and a timer may be late. */
const MARGIN_MS = 1_000;
const EXTEND_MS = 1_500;
const LOOK_MS = 1_000;
/**
 * A lease is given up when its lane sent nothing for this long; a term without leases ends when none was wanted for this
 * long.
 */
const IDLE_MS = 30_000;
/** How long it is remembered that another process has a lease, after the end of that process's term. */
const FORGET_MS = 60_000;

export function createLeases(options: Options): Leases {
  const { rows, lanes, scheduler, clock, onGranted, onRevoked, onGivenUp, onError, onEnd } = options;
  const leased = new Map<string, Leased>();
  /** Lanes of targets whose lease another process has, with the time when its term may end. */
  const elsewhere = new Map<Lane, number>();
  let term: Term | undefined;
  let isLeaving = false;
  const heard = { givenUp: false, held: false };
  let timer: NodeJS.Timeout | undefined;

  function revoke(lane: Lane): void {
    const claims = scheduler.revoke(lane);
    if (claims.length > 0) onRevoked(claims);
  }

  async function beginTerm(): Promise<Term> {
    const sentMs = clock.monotonicMs();
    const begun = { id: clock.uuid(), untilMs: sentMs + TERM_MS - MARGIN_MS, extendedMs: sentMs, askedMs: sentMs };
    await rows.begin(begun.id);
    return begun;
  }

  async function extendTerm(): Promise<boolean> {
    if (!term) return false;
    const extended = term;
    const sentMs = clock.monotonicMs();
    const before = [...leased.values()];
    const count = await rows.extend(extended.id);
    if (term !== extended) return false; // The term was ended meanwhile, because no lease named it.
    const hadEnded = extended.untilMs <= clock.monotonicMs();
    if (count !== undefined) {
      extended.untilMs = sentMs + TERM_MS - MARGIN_MS;
      extended.extendedMs = sentMs;
    } else term = undefined; // The next term begins when a lane wants a lease.
    if (!term) lose([...leased.values()]);
    // A failover can lose leases whose commits were acknowledged.
    else if (count! < before.length) {
      const kept = await rows.leasesOf(extended.id);
      lose(before.filter(({ lane }) => !kept.has(lane.targetId)));
    }
    if (hadEnded) resume();
    return false;
  }

  function lose(lost: readonly Leased[]): void {
    for (const { lane, sinceMs } of lost) {
      if (leased.get(lane.targetId)?.sinceMs !== sinceMs) continue;
      leased.delete(lane.targetId);
      revoke(lane);
      if (lane.lease === null) lanes.unleased.add(lane);
    }
    claiming.ask();
  }

  /** Lets lanes go on: the term had ended by the clock of this process, but no process had ended it in Postgres. */
  function resume(): void {
    const nowMs = clock.monotonicMs();
    for (const { lane } of leased.values()) if (lane.lease) scheduler.grant(lane, lane.lease, -Infinity, nowMs);
    onGranted();
  }

  async function look(): Promise<boolean> {
    await giveUp();
    if (heard.held) await findHeld();
    if (heard.givenUp) await findFree();
    if (!isLeaving) await take();
    return false;
  }

  async function giveUp(): Promise<void> {
    const nowMs = clock.monotonicMs();
    const given = [...leased.values()].filter(({ lane, sinceMs }) => isDispensable(lane, sinceMs, nowMs));
    if (!term) return;
    if (given.length === 0) return endIdleTerm(nowMs);
    const list = given.map(({ lane: { targetId, nextStartMs } }) => {
      return { targetId, waitMs: Math.max(0, nextStartMs - nowMs) };
    });
    for (const { lane } of given) {
      leased.delete(lane.targetId);
      if (lane.lease) revoke(lane);
    }
    await rows.giveUp(term.id, list);
    onGivenUp();
  }

  async function endIdleTerm(nowMs: number): Promise<void> {
    if (leased.size > 0 || nowMs - term!.askedMs < IDLE_MS) return;
    const { id } = term!;
    term = undefined;
    await rows.end(id);
  }

  function isDispensable(lane: Lane, sinceMs: number, nowMs: number): boolean {
    if (!lane.lease) return true; // Its target has no limits any more.
    if (isLeaving) return lane.active === 0 || !lane.hasOpenLimit;
    const isEmpty = lane.active + lane.waiting.length + lane.expected === 0;
    return isEmpty && !lane.hasHeld && nowMs - Math.max(sinceMs, lane.movedMs) > IDLE_MS;
  }

  /** Looks for held deliveries of lanes that have a lease, but no held deliveries known to this process. */
  async function findHeld(): Promise<void> {
    heard.held = false;
    const looked = [...leased.values()].filter(({ lane }) => lane.lease && !lane.hasHeld);
    if (looked.length === 0) return;
    const found = await rows.withHeld(looked.map(({ lane }) => lane.targetId));
    const nowMs = clock.monotonicMs();
    for (const { lane } of looked) {
      if (term && lane.lease === term && found.has(lane.targetId)) scheduler.grant(lane, term, -Infinity, nowMs);
    }
    if (found.size > 0) onGranted();
  }

  async function findFree(): Promise<void> {
    heard.givenUp = false;
    const looked = [...elsewhere.keys()];
    elsewhere.clear();
    if (looked.length === 0) return;
    const found = await rows.withHeld(looked.map(({ targetId }) => targetId));
    for (const lane of looked) if (lane.lease === null && found.has(lane.targetId)) lanes.unleased.add(lane);
  }

  async function take(): Promise<void> {
    const nowMs = clock.monotonicMs();
    const wanting: Lane[] = [];
    for (const lane of lanes.unleased) {
      if (lane.lease) continue; // The lease was granted after the lane asked.
      if (lane.lease === null && (elsewhere.get(lane) ?? -Infinity) <= nowMs) wanting.push(lane);
      else revoke(lane);
    }
    lanes.unleased.clear(); // The next claim, or the sweep, adds a lane again that has something to send.
    for (const [lane, untilMs] of elsewhere) if (untilMs < nowMs - FORGET_MS) elsewhere.delete(lane);
    if (wanting.length === 0) return;
    try {
      const mine = (term ??= await beginTerm());
      mine.askedMs = nowMs;
      const wanted = wanting.map(({ targetId, hasOpenLimit }) => ({ targetId, hasOpenLimit }));
      const answers = new Map((await rows.take(mine.id, wanted)).map((answer) => [answer.targetId, answer]));
      for (const lane of wanting) receive(lane, mine, answers.get(lane.targetId)!);
    } catch (error) {
      for (const lane of wanting) lanes.unleased.add(lane);
      throw error;
    }
    onGranted();
  }

  function receive(lane: Lane, mine: Term, { isMine, waitMs, othersMs }: LeaseAnswer): void {
    const nowMs = clock.monotonicMs();
    elsewhere.delete(lane);
    if (!isMine) {
      elsewhere.set(lane, nowMs + othersMs);
      revoke(lane);
    } else if (mine !== term)
      lanes.unleased.add(lane); // The term is over already.
    else {
      leased.set(lane.targetId, { lane, sinceMs: nowMs });
      if (lane.lease === null) scheduler.grant(lane, mine, nowMs + waitMs, nowMs);
      else revoke(lane); // Its target has no limits any more; the lease is given up by the next look.
    }
  }

  const claiming = createRounds({ round: look, onError, onEnd });
  const extending = createRounds({ round: extendTerm, onError, onEnd });

  function tick(): void {
    extending.ask();
    claiming.ask();
  }

  return {
    start() {
      isLeaving = false;
      timer = setInterval(() => (term || lanes.unleased.size > 0) && tick(), LOOK_MS);
    },
    ask() {
      if (lanes.unleased.size > 0 || (isLeaving && leased.size > 0)) claiming.ask();
      if (term && clock.monotonicMs() - term.extendedMs > EXTEND_MS) tick();
    },
    heedGivenUp() {
      heard.givenUp = true;
      if (elsewhere.size > 0) claiming.ask();
    },
    heedHeld() {
      heard.held = true;
      if (leased.size > 0) claiming.ask();
    },
    leave() {
      isLeaving = true;
      claiming.ask();
    },
    async stop() {
      clearInterval(timer);
      if (!term) return;
      const { id } = term;
      term = undefined;
      await rows.end(id).catch(onError);
    },
    get isRunning() {
      return claiming.isRunning || extending.isRunning;
    },
  };
}

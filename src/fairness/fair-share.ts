/**
 * A fair share of this process for each organization. While a quiet organization is active beside a loud one, and the process
 * is busy, the work of the loud ones waits in turns: attempts that start, operations of the API, answers of streams. It goes on
 * whenever the event loop was busy for at most SHARE of the time. So what the quiet ones ask for finds the process, and
 * PostgreSQL, nearly idle. When nobody else is there, or nothing has to wait, nobody is held back.
 *
 *     free       ──the loop is busy or late, and a quiet organization is beside a loud one──▶   strained
 *     strained   ──nothing has had to wait for STRAINED_MS, or no quiet one is active──▶        free
 *
 * Invariants:
 *   - a quiet organization never waits here;
 *   - the loud ones go on: something of theirs is let in at least every STARVED_MS;
 *   - loud organizations take turns with each other.
 */
import type { Clock } from '../clock.ts';
import { createTurnQueue } from '../domain/turn-queue.ts';
import { createBudget } from './budget.ts';
import { createLag } from './lag.ts';
import { createNeighbours } from './neighbours.ts';
import { createPlaces, type OperationPlace } from './places.ts';

export type FairShare = {
  /** Counts work of the organization that took about `ms` of the event loop. */
  note(organizationId: string, ms: number): void;
  /** Whether work of the organization has to wait now. Ask only when there is some: it notes that it waits. */
  isHeldBack(organizationId: string): boolean;
  /** Whether the organization has to leave room to others now: it is loud, a quiet one is there, and the process is busy. */
  isRestrained(organizationId: string): boolean;
  /** Waits for the turn of a short piece of work. Undefined: go on now. */
  enter(organizationId: string): Promise<void> | undefined;
  /**
   * Leaves the event loop to others in the middle of work that is under way, such as a large answer: until the loop has had
   * its rest, but for PAUSE_MS at most, because the work may hold a connection. Undefined: go on now.
   */
  pause(organizationId: string): Promise<void> | undefined;
  /** Waits for the turn of an operation. Null: too many of the organization wait already. */
  begin(organizationId: string): Promise<Turn | null>;
  /** Whether a quiet organization is active beside a loud one, and the process is busy. */
  readonly isStrained: boolean;
  /** The time by which all of this is measured. What is paced while the process is strained is paced by it. */
  readonly nowMs: number;
  /** In how many milliseconds work that is held back may go on, at the earliest. */
  readonly opensInMs: number;
  /** How late timers are, on average. */
  readonly lagMs: number;
  /** For how long nothing was done for any organization. */
  readonly restingMs: number;
  start(): void;
  stop(): void;
};

/** An operation that has begun (places.ts). */
export type Turn = Omit<OperationPlace, 'begun'>;

type Options = {
  /** Real time, also under a test's clock: it is set against the time for which the event loop was really busy. */
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** How long the event loop has been busy since the process began. */
  readonly busyMs: () => number;
};

/** The part of the event loop's time up to which loud organizations may go on. */
const SHARE = 0.25;
/** The process is busy when its timers are later than this on average, or when the loop is busy for this part of the time. */
const BUSY_LAG_MS = 2;
const BUSY_SHARE = 0.5;
const LOOK_MS = 40;
const STRAINED_MS = 5_000;
const STARVED_MS = 100;
const PAUSE_MS = 10;
/**
 * Operations and answers of one organization that wait at once. Nobody has read the body of an operation that waits to begin; that of
 * a query which waits to read stays in the budget of bodies (server/intake/body-budget.ts).
 */
const MOST_WAITING = 2_000;

export function createFairShare({ clock, busyMs }: Options): FairShare {
  const lag = createLag(clock);
  const neighbours = createNeighbours();
  const budget = createBudget(SHARE);
  const pieces = createTurnQueue<() => void>();
  const places = createPlaces((organizationId) => isRestrained(organizationId, clock.monotonicMs()));
  const waiting = createCounts();
  const letInMs = { attempt: -Infinity, piece: -Infinity };
  let [lookedMs, lookedBusyMs, strainedUntilMs] = [0, 0, -Infinity];
  let accountedBusyMs = busyMs();
  let workedMs = clock.monotonicMs();
  /** What was noted since then, without operations. */
  let notedMs = 0;
  let isBusy = false;
  let isReleasing = false;

  /**
   * Charges the time for which the loop was busy to the operations that are under way, but for what is known to be other work.
   * An operation that is long shows before it ends.
   */
  function account(nowMs: number): void {
    const nowBusyMs = busyMs();
    const ms = nowBusyMs - accountedBusyMs - notedMs;
    [accountedBusyMs, notedMs] = [nowBusyMs, 0];
    if (ms <= 0) return;
    for (const [organizationId, part] of places.parts()) neighbours.note(organizationId, ms * part, nowMs);
  }

  function look(nowMs: number): void {
    const nowBusyMs = busyMs();
    budget.look(nowBusyMs, nowMs);
    if (nowMs - lookedMs < LOOK_MS) return;
    account(nowMs);
    isBusy = lag.ms > BUSY_LAG_MS || nowBusyMs - lookedBusyMs > BUSY_SHARE * (nowMs - lookedMs);
    [lookedMs, lookedBusyMs] = [nowMs, nowBusyMs];
  }

  function isStrained(nowMs: number): boolean {
    look(nowMs);
    if (!neighbours.hasQuietBesideLoud(nowMs)) return false;
    return isBusy || nowMs < strainedUntilMs;
  }

  const isRestrained = (organizationId: string, nowMs: number): boolean =>
    isStrained(nowMs) && neighbours.isLoud(organizationId, nowMs);

  function noteWaiting(organizationId: string, nowMs: number): void {
    neighbours.holdBack(organizationId, nowMs);
    strainedUntilMs = nowMs + STRAINED_MS;
  }

  function letIn(kind: keyof typeof letInMs, nowMs: number): boolean {
    if (!budget.isOpen && nowMs - letInMs[kind] < STARVED_MS) return false;
    letInMs[kind] = nowMs;
    return true;
  }

  function isHeldBack(organizationId: string, kind: keyof typeof letInMs = 'attempt'): boolean {
    const nowMs = clock.monotonicMs();
    if (!isRestrained(organizationId, nowMs) || letIn(kind, nowMs)) return false;
    noteWaiting(organizationId, nowMs);
    return true;
  }

  /** Lets one in for each turn of the event loop, so that each turn is short and its cost is known to the next one. */
  function release(): void {
    const nowMs = clock.monotonicMs();
    if (!isStrained(nowMs)) while (!pieces.isEmpty) pieces.take()!();
    else if (letIn('piece', nowMs)) pieces.take()!();
    isReleasing = !pieces.isEmpty;
    if (!isReleasing) return;
    if (budget.isOpen) setImmediate(release);
    else setTimeout(release, Math.min(STARVED_MS, Math.max(1, budget.opensInMs)));
  }

  function enter(organizationId: string): Promise<void> | undefined {
    if (waiting.of(organizationId) === 0 && !isHeldBack(organizationId, 'piece')) return undefined;
    waiting.add(organizationId);
    if (!isReleasing) setImmediate(release);
    isReleasing = true;
    return new Promise((goOn) => {
      pieces.add(organizationId, () => {
        waiting.remove(organizationId);
        noteWaiting(organizationId, clock.monotonicMs());
        goOn();
      });
    });
  }

  function pause(organizationId: string): Promise<void> | undefined {
    const nowMs = clock.monotonicMs();
    if (!isRestrained(organizationId, nowMs)) return undefined;
    if (!budget.isOpen) noteWaiting(organizationId, nowMs);
    return new Promise((goOn) => void setTimeout(goOn, Math.min(PAUSE_MS, Math.max(1, budget.opensInMs))));
  }

  /** Called before other operations are under way than until now. */
  function takeStock(): void {
    workedMs = clock.monotonicMs();
    account(workedMs);
  }

  /**
   * Notes that the organization waits, where it does and the loop is busy: operations of one organization that wait for each
   * other in an idle process are no sign of strain.
   */
  function watched<Wait>(organizationId: string, wait: Wait): Wait {
    look(workedMs);
    if (wait && !budget.isOpen) noteWaiting(organizationId, workedMs);
    return wait;
  }

  return {
    note(organizationId, ms) {
      notedMs += ms;
      workedMs = clock.monotonicMs();
      neighbours.note(organizationId, ms, workedMs);
    },
    isHeldBack: (organizationId) => isHeldBack(organizationId),
    isRestrained: (organizationId) => isRestrained(organizationId, clock.monotonicMs()),
    enter,
    pause,
    async begin(organizationId) {
      const ahead = waiting.of(organizationId) + places.waiting(organizationId);
      if (ahead >= MOST_WAITING) return null;
      takeStock();
      const place = places.take(organizationId);
      await watched(organizationId, place.begun);
      await enter(organizationId);
      return {
        startReading() {
          takeStock();
          return watched(organizationId, place.startReading());
        },
        endReading() {
          takeStock();
          place.endReading();
        },
        end() {
          takeStock();
          place.end();
        },
      };
    },
    get isStrained() {
      return isStrained(clock.monotonicMs());
    },
    get nowMs() {
      return clock.monotonicMs();
    },
    get opensInMs() {
      return Math.min(STARVED_MS, budget.opensInMs);
    },
    get lagMs() {
      return lag.ms;
    },
    get restingMs() {
      return clock.monotonicMs() - workedMs;
    },
    start: lag.start,
    stop: lag.stop,
  };
}

function createCounts() {
  const counts = new Map<string, number>();
  const of = (name: string): number => counts.get(name) ?? 0;
  return {
    of,
    add: (name: string) => void counts.set(name, of(name) + 1),
    remove(name: string): void {
      if (of(name) === 1) counts.delete(name);
      else counts.set(name, of(name) - 1);
    },
  };
}

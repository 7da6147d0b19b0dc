/**
 * Leaves turns of the event loop to everybody else. Without it, one change for 5,000 subscribers is answered in one turn:
 * requests wait, and all 5,000 answers are in memory at once, where the garbage collector takes them for long-lived.
 *
 * Answers get a little of each turn (USUAL.leastMs). In a busy process a turn takes longer. Then the answers may take `times`
 * as long as everything else did: so one subscriber stays near a service that delivers as fast as it can, and any number of
 * subscribers leave a fifth of the time to everything else. Where deliveries wait too long they leave more, in the end nearly all
 * (UNDER_STRAIN): those come first.
 *
 * What an answer takes is measured, and does not end with its work: its text and its write follow in the same turn. So a second
 * callback, behind the turn, looks at the time. To prepare an answer takes longer, and happens in pieces in later turns; how
 * much longer is known (PREPARED_COST). These turns pay for it: no answer begins in them before all is paid.
 *
 * Owners take turns with each other: an owner with thousands of answers waiting delays each answer of another owner by one of
 * its own.
 */
import { createTurnQueue } from '../../domain/turn-queue.ts';

/** Answers never take longer than this at a time. */
const LONGEST_MS = 40;
/**
 * `leastMs`: answers take this long in a turn, however short it is. The two changes of a delivery, with the full selection,
 * take more than the delivery takes. So one subscriber sees changes after 0.5 to 1 s (p50) and 1.1 to 2.1 s (p99) at the highest
 * rate of deliveries; with half of that share it was 1.8 and 2.8 s where this was 0.5 and 1.5.
 */
const USUAL = { leastMs: 2, times: 4 };
/**
 * A turn under such a load is 5 to 8 ms long. With 0.5 ms and a ninth, six subscribers with the full selection were shown 630
 * changes a second, and a process that could not keep up delivered 1,640 a second; with 0.1 ms and a fortieth 370 and 1,850. An
 * answer costs more than its turns: what it shows is read from PostgreSQL, and its garbage is collected. 0.2 ms are ten answers
 * that are at hand: their cost can be measured (TELLING_ANSWERS).
 */
const UNDER_STRAIN = { leastMs: 0.2, times: 1 / 40 };
/** By equal factors from the one to the other. At half of the strain: a third as long as everything else, 0.6 ms at least. */
const between = (usual: number, underStrain: number, strain: number): number => usual * (underStrain / usual) ** strain;
/**
 * What preparing an answer takes, as a multiple of giving a prepared one to a subscriber. With the full selection both together
 * were 80 us of the processor, and giving alone 10 to 26.
 */
const PREPARED_COST = 4;
/** What an answer takes until that is measured, and the bounds of what is believed. */
const COST_MS = { first: 0.05, least: 0.005, most: 1 };
/** Fewer answers in a turn tell nothing: the callbacks of others may have run between them. */
const TELLING_ANSWERS = 8;
/** The part of the newest measurement. */
const NEWEST_SHARE = 1 / 8;
/** The part by which the cost is lowered in a full turn that tells nothing. */
const DOUBT = 1 / 64;

export type EventLoopShare = {
  /** Runs `work` at once, or in a later turn of the event loop when this turn is full. */
  run<T>(owner: string, work: () => T | Promise<T>): T | Promise<T>;
  /** Counts this many answers that `work` has begun to prepare, for the present subscriber and others. */
  prepare(answers: number): void;
};

export function createEventLoopShare(
  monotonicMs: () => number,
  deliveryStrain: () => number = () => 0,
): EventLoopShare {
  const queue = createTurnQueue<() => void>();
  let costMs = COST_MS.first;
  /** When the present turn began. */
  let beganMs = 0;
  /**
   * How many answers it pays for, how many have begun and are not paid for by earlier turns,
   * and for how many work was run in it.
   */
  let most = 0;
  let begun = 0;
  let run = 0;
  let isRunning = false;

  function begin(nowMs: number, othersMs: number): void {
    beganMs = nowMs;
    const strain = deliveryStrain();
    const leastMs = between(USUAL.leastMs, UNDER_STRAIN.leastMs, strain);
    const times = between(USUAL.times, UNDER_STRAIN.times, strain);
    most = Math.max(1, Math.floor(Math.min(LONGEST_MS, Math.max(leastMs, times * othersMs)) / costMs));
    run = 0;
  }

  function nextTurn(): void {
    const nowMs = monotonicMs();
    const paid = Math.min(begun, most);
    begun -= paid;
    begin(nowMs, nowMs - beganMs - paid * costMs);
    while (!queue.isEmpty && begun < most) queue.take()!();
    isRunning = run > 0 || begun > 0;
    if (isRunning) scheduleTurn();
  }

  /** Runs when all that the turn's answers have caused is done: Node empties its queues between two immediates. */
  function measure(): void {
    if (run < TELLING_ANSWERS) {
      // With too high a cost no turn might ever have enough answers to tell.
      if (begun >= most) costMs = Math.max(COST_MS.least, costMs * (1 - DOUBT));
      return;
    }
    const measuredMs = Math.min(COST_MS.most, Math.max(COST_MS.least, (monotonicMs() - beganMs) / run));
    costMs += (measuredMs - costMs) * NEWEST_SHARE;
  }

  function scheduleTurn(): void {
    setImmediate(nextTurn);
    setImmediate(measure);
  }

  function start<T>(work: () => T): T {
    begun++;
    run++;
    return work();
  }

  return {
    run(owner, work) {
      if (!isRunning) {
        isRunning = true;
        begin(monotonicMs(), 0);
        scheduleTurn();
      }
      if (queue.isEmpty && begun < most) return start(work);
      return new Promise((resolve, reject) =>
        queue.add(owner, () => {
          Promise.try(start, work).then(resolve, reject);
        }),
      );
    },
    prepare: (answers) => void (begun += answers * PREPARED_COST),
  };
}

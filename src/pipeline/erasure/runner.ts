/**
 * Runs erasures, in every worker process. An erasure is run by the process that holds its lease: once a second it takes those
 * that are free, one after another, and makes their steps until there is nothing to do for now.
 *
 * Each step asks for the lease in its own transaction (step.ts), so a process that was thought dead changes nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { createCaretaker, type Caretaker } from '../../database/caretaker.ts';
import type { Database } from '../../database/client.ts';
import { OutcomeUnknown } from '../../database/commit.ts';
import { DEADLOCK } from '../../database/sql-state.ts';
import { sqlState, type Statement } from '../../database/statement.ts';
import { scopeOf, type ErasureScope } from '../../domain/erasure.ts';
import { takeErasure } from './erasure-rows.ts';
import type { ErasureStep, ErasureStepped } from './step.ts';

/** An erasure that is over, as the log tells of it. */
export type ErasureEnd = {
  readonly erasureId: string;
  readonly organizationId: string;
  readonly scope: ErasureScope['kind'];
  readonly eventCount: number;
  readonly cancelledCount: number;
};

type Options = {
  readonly database: Pick<Database, 'transact'>;
  readonly clock: Clock;
  readonly step: ErasureStep;
  /** Called after the commit of a step that erased events or cancelled deliveries. */
  readonly onErased: (events: number, deliveries: number) => void;
  /** Called after a commit that released deliveries of chains, which are sent now. */
  readonly onReleased: () => void;
  readonly onEnded: (end: ErasureEnd) => void;
  readonly onError: (error: unknown) => void;
};

const LOOK_MS = 1_000;
/** Events of a step. A slow step, of events with many deliveries, and one that failed are followed by a smaller one. */
const FIRST_EVENTS = 50;
const LEAST_EVENTS = 1;
const MOST_EVENTS = 500;
const SHORT_MS = 100;
const LONG_MS = 500;
/** An erasure rests as long as a step took: half of the time belongs to others. */
const REST_FACTOR = 1;

export function createErasureRunner(options: Options): Caretaker {
  const { database, clock, step, onErased, onReleased, onEnded, onError } = options;
  const runner = clock.uuid();

  /** Makes the steps of an erasure until it waits, is over, or another process has it. Returns whether it is over. */
  async function run(id: string, signal: AbortSignal): Promise<boolean> {
    let limit = FIRST_EVENTS;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      const stepped = await step(id, runner, limit).catch(failed);
      if (stepped === undefined) return false;
      if (stepped === FAILED) limit = Math.max(limit >> 2, LEAST_EVENTS);
      else {
        tell(stepped);
        if (stepped.isOver || stepped.waitMs > 0) return stepped.isOver;
      }
      const tookMs = clock.monotonicMs() - startedMs;
      if (tookMs > LONG_MS) limit = Math.max(limit >> 1, LEAST_EVENTS);
      if (tookMs < SHORT_MS) limit = Math.min(limit * 2, MOST_EVENTS);
      await delay(tookMs * REST_FACTOR, undefined, { signal }).catch(() => {});
    }
    return false;
  }

  async function failed(error: unknown): Promise<typeof FAILED> {
    // Workers lock deliveries in the order of their outcomes: now and then in a ring with a step, which is then made again.
    if (sqlState(error) !== DEADLOCK) onError(error);
    if (error instanceof OutcomeUnknown) await error.ended;
    return FAILED;
  }

  function tell({ erasure, erased, cancelled, released, isOver }: ErasureStepped): void {
    if (erased + cancelled > 0) onErased(erased, cancelled);
    if (released > 0) onReleased();
    if (!isOver) return;
    onEnded({
      erasureId: erasure.id,
      organizationId: erasure.organizationId,
      scope: scopeOf(erasure).kind,
      eventCount: erasure.eventCount + erased,
      cancelledCount: erasure.cancelledCount + cancelled,
    });
  }

  async function round(signal: AbortSignal): Promise<void> {
    let ended = 0;
    for (let id = await next(signal); id !== undefined; id = await next(signal)) if (await run(id, signal)) ended++;
    if (ended > 0) await database.transact([SAMPLE_TAGS]);
  }

  const next = async (signal: AbortSignal): Promise<string | undefined> =>
    signal.aborted ? undefined : takeErasure(database, runner, clock.now());

  return createCaretaker({ everyMs: LOOK_MS, round, onError });
}

/** PostgreSQL's samples of tags may hold what was erased. It skips a table that the role does not own, with a warning. */
const SAMPLE_TAGS: Statement = {
  name: 'renew_tag_samples',
  text: 'analyze event_tags (tag), delivery_tags (tag)',
  values: [],
};

const FAILED = Symbol('failed');

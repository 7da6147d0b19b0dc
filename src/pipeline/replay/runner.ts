/**
 * Runs replays, in every worker process. A replay is run by the process that holds its lease: it takes free and lapsed leases
 * once a second, and whenever a replay is created.
 *
 * Invariants:
 *   - each step asks for the lease in its own transaction (step.ts), so a process that was thought dead changes nothing;
 *   - STEPS_AT_ONCE steps run at once in a process: replays never take all its connections;
 *   - stop ends after the steps under way, and gives the leases back.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { createCaretaker } from '../../database/caretaker.ts';
import type { Database } from '../../database/client.ts';
import { OutcomeUnknown } from '../../database/commit.ts';
import { DEADLOCK } from '../../database/sql-state.ts';
import { FORGETTABLE, sqlState } from '../../database/statement.ts';
import type { ReplayMode, ReplayStatus } from '../../domain/replay/scope.ts';
import type { Channel } from '../../live/doorbell.ts';
import { LEASE_MS } from './replay-rows.ts';
import type { Step, Stepped } from './step.ts';
import { FIRST_ROWS, nextRows, rowsAfterFailure } from './step-rows.ts';

/** A replay, as the log tells of it. */
export type ReplayFacts = {
  readonly replayId: string;
  readonly organizationId: string;
  readonly targetId: string | null;
  readonly mode: ReplayMode;
  readonly ratePerSecond: number;
};

export type ReplayEnd = {
  readonly status: ReplayStatus;
  readonly replayedCount: number;
  readonly skippedCount: number;
  readonly reason: string | null;
};

export type ReplayRunner = {
  start(): void;
  stop(): Promise<void>;
  /** Looks for replays now: one was created. */
  wake(): void;
  /** The replays of this process, and for how long the position of the slowest has stood still. */
  stats(): { readonly running: number; readonly waiting: number; readonly positionAgeSeconds: number };
};

type Options = {
  readonly database: Pick<Database, 'transact'>;
  readonly clock: Clock;
  readonly step: Step;
  /** Called after a commit that made deliveries: with how many of them wait for no other of their chain. */
  readonly onMade: (queued: number) => void;
  readonly ring: (channel: Channel) => void;
  /** `isTakenOver`: another process had begun it. */
  readonly onStarted: (replay: ReplayFacts, isTakenOver: boolean) => void;
  readonly onEnded: (replay: ReplayFacts, end: ReplayEnd) => void;
  readonly onError: (error: unknown) => void;
};

const LOOK_MS = 1_000;
const STEPS_AT_ONCE = 2;
/** How many replays one look takes. */
const TAKEN_AT_ONCE = 100;
const AFTER_FAILURE_MS = 1_000;
/** A replay that this process runs. */
type Run = { status: ReplayStatus; movedMs: number };

export function createReplayRunner(options: Options): ReplayRunner {
  const { database, clock, step, ring, onError } = options;
  const runner = clock.uuid();
  const runs = new Map<string, Run>();
  const loops = new Set<Promise<void>>();
  const stopping = new AbortController();
  const { signal } = stopping;
  const atOnce = createTurns(STEPS_AT_ONCE);

  const rest = (ms: number): Promise<void> => delay(ms, undefined, { signal, ref: false }).catch(() => {});

  /** Makes the steps of a replay until it has ended or another process has it. */
  async function run(id: string): Promise<void> {
    let rows = FIRST_ROWS;
    while (!signal.aborted) {
      let startedMs = clock.monotonicMs();
      const stepped = await atOnce(() => {
        startedMs = clock.monotonicMs(); // What other replays took before it says nothing about this one.
        return step(id, runner, rows);
      }).catch(failed);
      if (stepped === undefined) return;
      const tookMs = clock.monotonicMs() - startedMs;
      if (stepped === FAILED) {
        rows = rowsAfterFailure(rows);
        await rest(AFTER_FAILURE_MS);
        continue;
      }
      tell(id, stepped);
      if (stepped.status !== 'RUNNING' && stepped.status !== 'WAITING') return;
      rows = nextRows(rows, stepped, tookMs);
      // A search through events that it does not replay leaves PostgreSQL half of the time.
      await rest(Math.max(stepped.waitMs, stepped.made > 0 ? 0 : tookMs));
    }
  }

  function tell(id: string, { replay, status, made, queued, isMoved, isTold, ...end }: Stepped): void {
    const known = runs.get(id)!;
    known.status = status;
    if (isMoved) known.movedMs = clock.monotonicMs();
    if (made > 0) options.onMade(queued);
    if (isTold) ring('replay_changes');
    if (status === 'RUNNING' || status === 'WAITING') return;
    const { replayedCount, skippedCount, reason } = end;
    options.onEnded(factsOf(replay), { status, replayedCount, skippedCount, reason });
  }

  async function failed(error: unknown): Promise<typeof FAILED> {
    // Another transaction waited for the same rows: nothing is lost, and the next step does the same.
    if (sqlState(error) !== DEADLOCK) onError(error);
    if (error instanceof OutcomeUnknown) await error.ended;
    return FAILED;
  }

  /** Takes replays whose lease is free. */
  async function look(): Promise<void> {
    const now = clock.now();
    const values = [runner, new Date(now.getTime() + LEASE_MS), now, TAKEN_AT_ONCE];
    const [, taken] = await database.transact([FORGETTABLE, { name: 'take_replays', text: TAKE, values }]);
    for (const { isTakenOver, ...facts } of taken!.rows as TakenRow[]) {
      const id = facts.replayId;
      if (runs.has(id) || signal.aborted) continue;
      runs.set(id, { status: 'RUNNING', movedMs: clock.monotonicMs() });
      options.onStarted(facts, isTakenOver);
      const loop = run(id).finally(() => {
        runs.delete(id);
        loops.delete(loop);
      });
      loops.add(loop);
    }
  }

  const caretaker = createCaretaker({ everyMs: LOOK_MS, round: look, onError });

  return {
    start() {
      caretaker.start();
      void caretaker.run().catch(onError);
    },
    async stop() {
      stopping.abort();
      await caretaker.stop();
      await Promise.all(loops);
      const leaving = { name: 'release_replays', text: LEAVE, values: [runner] };
      await database.transact([FORGETTABLE, leaving]).catch(onError);
    },
    wake: () => void caretaker.run().catch(onError),
    stats() {
      const all = [...runs.values()];
      const running = all.filter(({ status }) => status === 'RUNNING');
      const oldestMs = Math.min(...running.map(({ movedMs }) => movedMs));
      const positionAgeSeconds = running.length === 0 ? 0 : (clock.monotonicMs() - oldestMs) / 1_000;
      return { running: running.length, waiting: all.length - running.length, positionAgeSeconds };
    },
  };
}

const FAILED = Symbol('failed');

const factsOf = ({ id, organizationId, targetId, mode, ratePerSecond }: Stepped['replay']): ReplayFacts => ({
  replayId: id,
  organizationId,
  targetId,
  mode,
  ratePerSecond,
});

type TakenRow = ReplayFacts & { readonly isTakenOver: boolean };

const TAKE = `
  with free as (
    select id, runner from replays
    where ended_at is null and (leased_until is null or leased_until <= $3)
    order by id limit $4
    for update skip locked
  )
  update replays r set runner = $1, leased_until = $2
  from free where r.id = free.id
  returning r.id as "replayId", r.organization_id as "organizationId", r.target_id as "targetId", r.mode,
    r.rate_per_second as "ratePerSecond", free.runner is not null as "isTakenOver"`;

const LEAVE = 'update replays set leased_until = null where runner = $1 and ended_at is null';

/** Returns the function that lets at most `most` works run at once; the others wait for their turn. */
function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (busy === most) await new Promise<void>((begin) => waiting.push(begin));
    else busy++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else busy--;
    }
  };
}

/**
 * What this process measures, for /metrics: one registry, and the instruments of everything but the server, whose own are
 * in server/metrics.ts. Labels have few values, all from this code: never an id, a URL or an event type.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { VERSION } from './version.ts';
import type { Backlog, BacklogReader } from '../database/backlog.ts';
import type { Database } from '../database/client.ts';
import type { Verdict } from '../pipeline/deliver/judge.ts';
import type { CertificateWatch } from '../pipeline/upkeep/ending-certificates.ts';
import type { ReplayRunner } from '../pipeline/replay/runner.ts';
import type { Written } from '../pipeline/publish/options.ts';

/** The stages in which the hot path waits for Postgres. */
export type Stage = 'publish' | 'claim' | 'settle';

export type Meters = {
  readonly registry: Registry;
  attempted(verdict: Verdict): void;
  published(written: Written): void;
  /** Events whose data was erased. */
  erased(events: number): void;
  /** The same function, with its calls timed. */
  timed<Args extends unknown[], Out>(
    stage: Stage,
    call: (...args: Args) => Promise<Out>,
  ): (...args: Args) => Promise<Out>;
  /** The same function; the gauge of this name shows how many of its calls are under way. */
  counted<Args extends unknown[], Out>(
    name: string,
    help: string,
    call: (...args: Args) => Promise<Out>,
  ): (...args: Args) => Promise<Out>;
  /** Adds the gauges that read the database when they are asked for. */
  showBacklog(backlog: BacklogReader): void;
  /** Adds the gauges of replays; `stats` asks the runner of this process. */
  showReplays(stats: ReplayRunner['stats']): void;
  /** Adds the gauge of client certificates that end; `counts` asks the watch of this process. */
  showCertificates(counts: CertificateWatch['counts']): void;
  /** Adds the gauge of how far subscribers are behind; `lagsMs` asks each of them. */
  showSubscriberLag(lagsMs: () => readonly number[]): void;
};

/** An attempt takes at most ATTEMPT_TIMEOUT, 20 s unless it is set. */
const ATTEMPT_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60];
const TRANSACTION_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

export function createMeters({ pool, reads }: Pick<Database, 'pool' | 'reads'>): Meters {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  showBuild(registry);

  const attempts = new Counter({
    registers,
    name: 'hookcast_attempts_total',
    labelNames: ['outcome', 'status'],
    help: 'Attempts, by their outcome and the status that it gave their delivery.',
  });
  const attemptSeconds = new Histogram({
    registers,
    name: 'hookcast_attempt_duration_seconds',
    labelNames: ['outcome'],
    buckets: ATTEMPT_SECONDS,
    help: 'From the start of the connection to the last byte that was read.',
  });
  const events = new Counter({
    registers,
    name: 'hookcast_events_published_total',
    help: 'Events that were committed.',
  });
  const deliveries = new Counter({
    registers,
    name: 'hookcast_deliveries_created_total',
    help: 'Deliveries that were committed with their events.',
  });
  const filtered = new Counter({
    registers,
    name: 'hookcast_deliveries_filtered_total',
    help: 'Subscribed targets that did not get an event because of their filters.',
  });
  const erasedEvents = new Counter({
    registers,
    name: 'hookcast_events_erased_total',
    help: 'Events whose data this process has erased.',
  });
  const transactionSeconds = new Histogram({
    registers,
    name: 'hookcast_batch_duration_seconds',
    labelNames: ['stage'],
    buckets: TRANSACTION_SECONDS,
    help: 'A batch of publishes, claims or settlements, from the wait for a connection to the commit.',
  });
  showPools(registry, { main: pool, reads });

  return {
    registry,
    attempted({ outcome, transition, result }) {
      attempts.inc({ outcome, status: transition.status });
      attemptSeconds.observe({ outcome }, result.durationMs / 1_000);
    },
    published(written) {
      events.inc(written.events);
      deliveries.inc(written.deliveries);
      filtered.inc(written.filtered);
    },
    erased: (events) => erasedEvents.inc(events),
    timed:
      (stage, call) =>
      async (...args) => {
        const stop = transactionSeconds.startTimer({ stage });
        try {
          return await call(...args);
        } finally {
          stop();
        }
      },
    counted(name, help, call) {
      const underWay = new Gauge({ registers, name, help });
      return async (...args) => {
        underWay.inc();
        try {
          return await call(...args);
        } finally {
          underWay.dec();
        }
      };
    },
    showBacklog: (backlog) => showBacklog(registry, backlog),
    showReplays: (stats) => showReplays(registry, stats),
    showCertificates: (counts) => showCertificates(registry, counts),
    showSubscriberLag: (lagsMs) => showSubscriberLag(registry, lagsMs),
  };
}

/** Like those of other programs: always 1, to be joined with other metrics. */
function showBuild(registry: Registry): void {
  const labelNames = ['version', 'node'];
  const build = new Gauge({
    registers: [registry],
    name: 'hookcast_build_info',
    labelNames,
    help: 'The running release.',
  });
  build.set({ version: VERSION, node: process.versions.node }, 1);
}

function showPools(registry: Registry, pools: Readonly<Record<string, Database['pool']>>): void {
  const registers = [registry];
  new Gauge({
    registers,
    name: 'hookcast_database_pool_connections',
    labelNames: ['pool', 'state'],
    help: 'Connections of this process, by state: busy or idle.',
    collect() {
      for (const [name, { idleCount, totalCount }] of Object.entries(pools)) {
        this.set({ pool: name, state: 'idle' }, idleCount);
        this.set({ pool: name, state: 'busy' }, totalCount - idleCount);
      }
    },
  });
  new Gauge({
    registers,
    name: 'hookcast_database_pool_waiting',
    labelNames: ['pool'],
    help: 'Callers that wait for a connection.',
    collect() {
      for (const [name, { waitingCount }] of Object.entries(pools)) this.set({ pool: name }, waitingCount);
    },
  });
}

function showSubscriberLag(registry: Registry, lagsMs: () => readonly number[]): void {
  new Gauge({
    registers: [registry],
    name: 'hookcast_subscriber_lag_seconds',
    labelNames: ['subscriber'],
    help: 'Age of the oldest change that a subscriber of this process was not given: of the median and of the worst; 0 without any.',
    collect() {
      const sorted = Float64Array.from(lagsMs()).sort();
      this.set({ subscriber: 'median' }, (sorted[sorted.length >> 1] ?? 0) / 1_000);
      this.set({ subscriber: 'worst' }, (sorted.at(-1) ?? 0) / 1_000);
    },
  });
}

function showReplays(registry: Registry, stats: ReplayRunner['stats']): void {
  const registers = [registry];
  new Gauge({
    registers,
    name: 'hookcast_replays',
    labelNames: ['status'],
    help: 'Replays that this process runs: running, or waiting for their paused target.',
    collect() {
      const { running, waiting } = stats();
      this.set({ status: 'running' }, running);
      this.set({ status: 'waiting' }, waiting);
    },
  });
  new Gauge({
    registers,
    name: 'hookcast_replay_position_age_seconds',
    help: 'For how long the position of a running replay of this process has stood still: of the slowest; 0 without any.',
    collect() {
      this.set(stats().positionAgeSeconds);
    },
  });
}

function showCertificates(registry: Registry, counts: CertificateWatch['counts']): void {
  new Gauge({
    registers: [registry],
    name: 'hookcast_client_certificates',
    labelNames: ['ends'],
    help: 'Client certificates of targets that end within 30 days, within 7 days, or have ended. Ten minutes old at most.',
    collect() {
      const found = counts();
      if (!found) return;
      this.set({ ends: '30d' }, found.within30Days);
      this.set({ ends: '7d' }, found.within7Days);
      this.set({ ends: 'now' }, found.ended);
    },
  });
}

function showBacklog(registry: Registry, backlog: BacklogReader): void {
  const registers = [registry];
  const show = (name: string, help: string, valueOf: (found: Backlog) => number) =>
    new Gauge({
      registers,
      name,
      help,
      async collect() {
        const found = await backlog.read();
        // Unknown is not zero: without an answer the metric has no value.
        if (found) this.set(valueOf(found));
        else this.remove();
      },
    });
  show('hookcast_jobs_due', 'Attempts that wait for a worker. The figure is a few seconds old.', ({ due }) => due);
  show('hookcast_jobs_dated', 'Retries that are due later. The figure is a few seconds old.', ({ dated }) => dated);
  show(
    'hookcast_oldest_due_job_age_seconds',
    'For how long the oldest attempt among the next ones has been due; 0 when none is.',
    ({ oldestDueSeconds }) => oldestDueSeconds,
  );
  show(
    'hookcast_deliveries_held',
    'Deliveries that wait for their target to be active or to take more; 10000 means as many or more.',
    ({ held }) => held,
  );
  show('hookcast_lanes_held', 'Targets for which these deliveries wait.', ({ heldLanes }) => heldLanes);
  show(
    'hookcast_order_chains_blocked',
    'Chains of ordered deliveries in which one waits for another, among the 1000 oldest deliveries of chains.',
    ({ chainsBlocked }) => chainsBlocked,
  );
  show(
    'hookcast_order_oldest_blocked_age_seconds',
    'Time since the publish of the oldest delivery that waits for another one of its chain; 0 when none waits.',
    ({ oldestBlockedSeconds }) => oldestBlockedSeconds,
  );
  show(
    'hookcast_stream_lag_seconds',
    'Age of the oldest committed change that this process has not passed to its subscribers; 0 without subscribers.',
    ({ streamLagSeconds }) => streamLagSeconds,
  );
  show(
    'hookcast_statistics_lag_seconds',
    'Age of the oldest committed change that the statistics have not counted; 0 when all are counted.',
    ({ statisticsLagSeconds }) => statisticsLagSeconds,
  );
  new Gauge({
    registers,
    name: 'hookcast_database_up',
    help: '1 when Postgres answers within a second or so, otherwise 0.',
    async collect() {
      this.set((await backlog.read()) ? 1 : 0);
    },
  });
}

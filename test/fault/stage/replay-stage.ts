/** A service with events that were all delivered once, to be replayed, and a second target for what is published meanwhile. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createIdGenerator } from '../../../src/domain/ksuid.ts';
import type { CreatedTarget } from '../../support/service.ts';
import { percentile } from './check.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { publishOnce } from './publishers.ts';
import { openTargets, type Targets } from './receipts.ts';
import { startApi, type ApiProcess } from './service.ts';

export type ReplayStage = {
  readonly cluster: Cluster;
  /** By their roles, in the order of `roles`. */
  readonly processes: readonly ApiProcess[];
  readonly targets: Targets;
  /** Of a replay of everything, at RATE. */
  begin(): Promise<string>;
  /** Notes its counts five times a second, until it is over. */
  watch(replayId: string): Promise<readonly Sample[]>;
  rows<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Publishes ten events a second for a time, and returns how long each took to its receiver, in milliseconds. */
  publishFresh(forMs: number): Promise<number[]>;
};

export type Sample = { readonly atMs: number; readonly count: number; readonly status: string };

export const RATE = 1_000;
const [REPLAYED, FRESH] = [0, 1];
const TYPES = ['user.created', 'user.updated'];
const FILL = 5_000;
const SAMPLE_MS = 200;
const FRESH_EVERY_MS = 100;
const HOUR_MS = 3_600_000;

const CREATE = `mutation ($url: String!, $types: [String!]!) {
  createWebhookTarget(input: { url: $url, eventTypes: $types }) { target { id } userErrors { message } }
}`;
const BEGIN = `mutation ($input: CreateReplayInput!) {
  createReplay(input: $input) { replay { id } userErrors { message } }
}`;

type Options = { readonly events: number; readonly roles: readonly string[] };

export async function setReplay(stack: AsyncDisposableStack, { events, roles }: Options): Promise<ReplayStage> {
  const targets = stack.use(await openTargets({ count: TYPES.length, answerMs: () => 2, refuses: () => false }));
  const cluster = stack.use(await startCluster());
  const processes: ApiProcess[] = [];
  for (const ROLES of roles) processes.push(stack.use(await startApi(cluster.databaseUrl, { ROLES })));
  const api = <T>(query: string, variables: object) => processes[0]!.current().api<T>(query, variables);
  const create = async (index: number) =>
    (await api<CreatedTarget>(CREATE, { url: targets.url(index), types: [TYPES[index]!] })).createWebhookTarget.target
      .id;
  const targetIds = [await create(REPLAYED), await create(FRESH)];
  const pool = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}));
  stack.defer(() => pool.end());
  await fill(pool, targetIds[REPLAYED]!, events);
  const filledAt = Date.now();

  return {
    cluster,
    processes,
    targets,
    async begin() {
      const createdAt = { gte: new Date(filledAt - 2 * HOUR_MS), lt: new Date(filledAt) };
      const scope = { targetId: targetIds[REPLAYED], mode: 'ALL', createdAt };
      type Begun = { createReplay: { replay: { id: string } } };
      return (await api<Begun>(BEGIN, { input: { scope, ratePerSecond: RATE } })).createReplay.replay.id;
    },
    async watch(replayId) {
      const samples: Sample[] = [];
      for (let isOver = false; !isOver; await delay(SAMPLE_MS)) {
        const sample = await readSample(pool, replayId).catch(() => undefined); // PostgreSQL is away.
        if (sample) samples.push(sample);
        isOver = sample !== undefined && sample.status !== 'RUNNING';
      }
      return samples;
    },
    rows: async (sql, values = []) => (await pool.query(sql, values)).rows,
    publishFresh: (forMs) => publishFresh(processes[0]!.origin, targets, forMs),
  };
}

/** Events of the last hour, each with a delivery that was made, as if all had been published. */
async function fill(pool: pg.Pool, targetId: string, count: number): Promise<void> {
  const startMs = Date.now() - HOUR_MS;
  let nth = 0;
  const nowMs = () => startMs + Math.floor((nth / count) * (HOUR_MS / 2));
  const ids = createIdGenerator({ nowMs, randomBytes });
  while (nth < count) {
    const [eventIds, deliveryIds, times]: [string[], string[], Date[]] = [[], [], []];
    for (let size = 0; size < FILL && nth < count; size++, nth++) {
      times.push(new Date(nowMs()));
      eventIds.push(ids.next());
      deliveryIds.push(ids.next());
    }
    await pool.query(FILL_ROWS, [eventIds, deliveryIds, times, targetId, TYPES[REPLAYED]]);
  }
  await pool.query('analyze events, deliveries');
}

const FILL_ROWS = `
  with new as (
    select u.*, t.organization_id from unnest($1::text[], $2::text[], $3::timestamptz[]) as u (event_id, delivery_id, at),
      webhook_targets t where t.id = $4
  ), event as (
    insert into events (id, organization_id, event_type, body, created_at)
    select event_id, organization_id, $5, '{"id":"' || event_id || '"}', at from new
  )
  insert into deliveries (id, organization_id, event_id, target_id, event_type, status, attempt_count, max_attempts,
    delivered_at, created_at, updated_at)
  select delivery_id, organization_id, event_id, $4, $5, 'DELIVERED', 1, 10, at, at, at from new`;

async function readSample(pool: pg.Pool, replayId: string): Promise<Sample> {
  const { rows } = await pool.query<Sample>(
    `select (extract(epoch from clock_timestamp()) * 1000)::float8 as "atMs", replayed_count + skipped_count as count, status
     from replays where id = $1`,
    [replayId],
  );
  return rows[0]!;
}

async function publishFresh(origin: string, targets: Targets, forMs: number): Promise<number[]> {
  const startedMs = performance.now();
  const tries = { unavailable: 0, unanswered: 0, longestMs: 0 };
  const tookMs: Promise<number>[] = [];
  for (let nth = 0; nth * FRESH_EVERY_MS < forMs; nth++) {
    await delay(Math.max(0, startedMs + nth * FRESH_EVERY_MS - performance.now()));
    const beganMs = performance.now();
    const key = `fresh-${startedMs}-${nth}`;
    const eventId = await publishOnce(origin, { type: TYPES[FRESH]!, key }, tries);
    if (eventId === undefined) throw new Error('A fresh event was not acknowledged');
    const arrived = async () => {
      await targets.delivered(FRESH, eventId);
      return targets.receipts(FRESH).get(eventId)![0]!.receivedMs - beganMs;
    };
    tookMs.push(arrived());
  }
  return Promise.all(tookMs);
}

/** The most that were replayed in any 10 seconds, by what was committed. */
export function mostIn10Seconds(samples: readonly Sample[]): number {
  let most = 0;
  for (let first = 0, last = 0; last < samples.length; last++) {
    while (samples[last]!.atMs - samples[first]!.atMs > 10_000) first++;
    most = Math.max(most, samples[last]!.count - samples[first]!.count);
  }
  return most;
}

export const describeMs = (tookMs: readonly number[]): string =>
  `p50 ${percentile(tookMs, 0.5).toFixed(1)} ms, p99 ${percentile(tookMs, 0.99).toFixed(1)} ms`;

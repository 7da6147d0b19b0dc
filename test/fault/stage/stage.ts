/** What the suites play on: a cluster, API processes, and rows that changes can be about. */
import pg from 'pg';
import { systemClock } from '../../../src/clock.ts';
import { recordDeliveryChanges } from '../../../src/live/changes/delivery-changes.ts';
import { createDatabaseConnector } from '../../../src/database/connect/database-connection.ts';
import { createDoorbell } from '../../../src/live/doorbell.ts';
import { createPlaceOf, type PlaceOf } from '../../support/cursors.ts';
import { createFixtures } from '../../support/fixtures.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { startApi, type ApiProcess } from './service.ts';
import type { Scene } from './writers.ts';

export type Stage = AsyncDisposable & {
  readonly cluster: Cluster;
  readonly processes: readonly ApiProcess[];
  /** Connections of the suite itself. */
  readonly pool: pg.Pool;
  readonly scene: Scene;
  /** What the pipeline calls after a commit. */
  ring(): void;
  /** Commits a change of a delivery, and rings. */
  record(deliveryId: string): Promise<void>;
  /** A delivery of the scene that no writer writes about. */
  newDelivery(): Promise<string>;
  cursor(): Promise<string>;
  readonly placeOf: PlaceOf;
  /** Ends all connections for LISTEN, as soon as there is one. Returns how many. */
  terminateListeners(): Promise<number>;
};

const DELIVERIES = 200;
const TERMINATE = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hookcast doorbell'`;

/** The first attempt of each delivery. */
const ATTEMPTS = `insert into delivery_attempts (delivery_id, number, trigger, outcome, response_status, duration_ms, started_at)
  select id, 1, 'SCHEDULE', 'DELIVERED', 204, 12, now() from unnest($1::text[]) as id`;

/** Those that are set: a suite that is given up cannot clear its own. */
const stages = new Set<AsyncDisposable>();

/** Ends every process that a suite has left behind. */
export const clearStages = () => Promise.allSettled([...stages].map((stage) => stage[Symbol.asyncDispose]()));

/** What is set on `stack` is cleared by clearStages too. */
export function clearLater(stack: AsyncDisposableStack): void {
  stages.add(stack);
  stack.defer(() => void stages.delete(stack));
}

type StageOptions = { readonly processes?: number; readonly environment?: NodeJS.ProcessEnv };

export async function setStage({ processes: count = 2, environment = {} }: StageOptions = {}): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  clearLater(stack);
  const cluster = stack.use(await startCluster());
  const { databaseUrl } = cluster;
  const processes: ApiProcess[] = [];
  while (processes.length < count) processes.push(stack.use(await startApi(databaseUrl, environment)));

  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}));
  stack.defer(() => pool.end());
  const doorbell = createDoorbell({
    connector: createDatabaseConnector(databaseUrl),
    clock: systemClock,
    onError: () => {},
  });
  await doorbell.start();
  stack.defer(() => doorbell.stop());

  const api = <T>(query: string) => processes[0]!.current().api<T>(query);
  const { viewer } = await api<{ viewer: { organization: { id: string } } }>('{ viewer { organization { id } } }');
  const organizationId = viewer.organization.id;
  const fixtures = createFixtures({ database: { pool }, clock: systemClock });
  // All changes are those of the suite: the service's own events, of API keys for example, do not go to this target.
  const { id: targetId } = await fixtures.target({ organizationId, eventTypes: ['user.created'] });
  const newDelivery = async () => (await fixtures.delivery({ organizationId, targetId })).id;
  const deliveryIds = await Promise.all(Array.from({ length: DELIVERIES }, newDelivery));
  await pool.query(ATTEMPTS, [deliveryIds]);
  const ring = () => doorbell.ring('changes');
  return {
    cluster,
    processes,
    pool,
    newDelivery,
    ring,
    placeOf: await createPlaceOf(pool, organizationId),
    scene: { organizationId, targetId, deliveryIds },
    async record(deliveryId) {
      const ids = { organizationId, targetId, deliveryId, eventId: targetId };
      const change = { ...ids, eventType: 'user.created', previousStatus: null, status: 'PENDING' } as const;
      await recordDeliveryChanges(pool, [{ ...change, attemptNumber: null, occurredAt: new Date() }]);
      ring();
    },
    cursor: async () => (await api<{ deliveryStreamCursor: string }>('{ deliveryStreamCursor }')).deliveryStreamCursor,
    async terminateListeners() {
      for (;;) {
        const { rowCount } = await pool.query(TERMINATE);
        if (rowCount) return rowCount;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

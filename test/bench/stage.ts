/** What benchmarks run on: a PostgreSQL with its real settings, receivers and services as processes of their own. */
import { execFile, fork, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/database/embedded.ts';
import type { FromReceiver, ToReceiver } from './receiver.ts';

export const API_KEY = 'bench-key-0123456789abcdefghijklmnopqrst';
const here = (file: string) => new URL(file, import.meta.url).pathname;

export type Reached = FromReceiver & { type: 'reached' };

export type Receiver = {
  /** Of a behaviour: ok, hang, fail, reset. */
  url(behaviour: string): string;
  reset(): void;
  /** Resolves when this many /ok requests have arrived since the reset. */
  reached(count: number): Promise<Reached>;
  report(): Promise<FromReceiver & { type: 'report' }>;
};

export type Service = {
  readonly url: string;
  readonly process: ChildProcess;
  api<T>(query: string, variables?: object): Promise<T>;
  stop(): Promise<void>;
};

export type Stage = {
  readonly pool: pg.Pool;
  startReceiver(): Promise<Receiver>;
  /** A service on the stage's database; roles and settings by environment. */
  startService(environment?: NodeJS.ProcessEnv): Promise<Service>;
  /** Deliveries per second of the bare sign and POST loop, against a receiver of its own. */
  bareLoop(): Promise<number>;
  /** Empties every table of the data plane. */
  clear(): Promise<void>;
  close(): Promise<void>;
};

export async function createStage(): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'hookcast-bench-'));
  const postgres = await startEmbeddedPostgres({ directory, newPassword: randomBytes(16).toString('hex') });
  const pool = new pg.Pool({ connectionString: postgres.databaseUrl, max: 4 });
  pool.on('error', () => {});
  const children = new Set<ChildProcess>();
  const keep = (child: ChildProcess) => {
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  };
  let bare: Promise<number> | undefined;

  const startReceiver = async (): Promise<Receiver> => {
    const child = keep(fork(here('receiver.ts'), { execArgv: [] }));
    const heard = <T extends FromReceiver['type']>(type: T) =>
      new Promise<FromReceiver & { type: T }>((resolve) => {
        const listen = (message: FromReceiver) => {
          if (message.type !== type) return;
          child.off('message', listen);
          resolve(message as FromReceiver & { type: T });
        };
        child.on('message', listen);
      });
    const { port } = await heard('listening');
    const tell = (message: ToReceiver) => child.send(message);
    return {
      url: (behaviour) => `http://127.0.0.1:${port}/${behaviour}`,
      reset: () => tell({ type: 'reset' }),
      reached: (count) => (tell({ type: 'expect', count }), heard('reached')),
      report: () => (tell({ type: 'report' }), heard('report')),
    };
  };

  return {
    pool,
    startReceiver,
    startService: (environment = {}) => startService(postgres.databaseUrl, environment, keep),
    bareLoop: () =>
      (bare ??= (async () => {
        const receiver = await startReceiver();
        const options = JSON.stringify({ url: receiver.url('ok'), count: 40_000 });
        const { stdout } = await promisify(execFile)(process.execPath, [here('bare-loop.ts'), options]);
        return (JSON.parse(stdout) as { perSecond: number }).perSecond;
      })()),
    async clear() {
      const tables = [
        'events',
        'deliveries',
        'delivery_attempts',
        'delivery_changes',
        'webhook_targets',
        'target_health',
      ];
      await pool.query(`truncate ${tables.join(', ')}, target_secrets, pgboss.job cascade`);
    },
    async close() {
      for (const child of children) child.kill('SIGKILL');
      await pool.end();
      await postgres.stop('immediate');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function startService(
  databaseUrl: string,
  environment: NodeJS.ProcessEnv,
  keep: (child: ChildProcess) => ChildProcess,
): Promise<Service> {
  const settings = {
    ...{ DATABASE_URL: databaseUrl, MASTER_KEY: Buffer.alloc(32, 3).toString('base64'), BOOTSTRAP_API_KEY: API_KEY },
    ...{ HOST: '127.0.0.1', PORT: '0', ALLOW_HTTP_TARGETS: 'true', ALLOWED_NETWORKS: '127.0.0.0/8' },
  };
  const child = keep(
    spawn(process.execPath, [here('../../src/main.ts')], {
      env: { PATH: process.env['PATH'], ...settings, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const origin = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('The service did not start')));
    createInterface(child.stdout!).on('line', (line) => {
      if (line.includes('"service.started"')) resolve((JSON.parse(line) as { url: string }).url);
    });
  });
  const url = `${origin}/graphql`;
  return {
    url,
    process: child,
    api: (query, variables = {}) => callApi(url, query, variables),
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function callApi<T>(url: string, query: string, variables: object): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

export async function createTargets(
  service: Service,
  urls: readonly string[],
  eventTypes: string[] = [],
): Promise<string[]> {
  const query = `mutation ($input: CreateWebhookTargetInput!) { createWebhookTarget(input: $input) { target { id } userErrors { message } } }`;
  const ids: string[] = [];
  for (const url of urls) {
    type Created = { createWebhookTarget: { target: { id: string } } };
    const { createWebhookTarget } = await service.api<Created>(query, { input: { url, eventTypes } });
    ids.push(createWebhookTarget.target.id);
  }
  return ids;
}

/** Publishes `count` events of about 1 KB in requests of `perRequest`, `connections` requests at a time. */
export async function publishMany(
  service: Service,
  {
    count,
    perRequest,
    connections,
    eventType,
  }: { count: number; perRequest: number; connections: number; eventType: string },
): Promise<number> {
  const query = `mutation ($input: PublishEventsInput!) { publishEvents(input: $input) { deliveryCount userErrors { message } } }`;
  const events = Array.from({ length: perRequest }, () => ({ eventType, data: { text: 'x'.repeat(900) } }));
  let sent = 0;
  const startedAt = performance.now();
  const lane = async () => {
    while (sent < count) {
      sent += perRequest;
      await service.api(query, { input: { events } });
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  return count / ((performance.now() - startedAt) / 1000);
}

/** The real service, `src/main.ts`, as a process of its own. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { MEMORY_ENVIRONMENT, MEMORY_FLAGS } from '../../src/app/memory.ts';
import { masterKeyBytes } from '../support/master-key.ts';
import { startChild, type Child } from './child.ts';
import type { FromProbe, ToProbe } from './processes/probe.ts';

export const API_KEY = 'bench-key-0123456789abcdefghijklmnopqrst';
export const MASTER_KEY = masterKeyBytes('bench');

export type Service = Child<ToProbe, FromProbe> & {
  /** Of the GraphQL endpoint. */
  readonly url: string;
  /** Data of an operation; throws on errors. */
  api<T>(query: string, variables?: object): Promise<T>;
  /** Bytes after garbage collection. */
  memory(): Promise<FromProbe>;
  /** The page of /metrics. */
  metrics(): Promise<string>;
};

type Options = {
  readonly name: string;
  readonly databaseUrl: string;
  readonly logFile: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Writes a CPU profile here when it stops. */
  readonly profileDirectory: string | undefined;
};

const START_MS = 60_000;
const REQUEST_MS = 60_000;
const path = (file: string) => new URL(file, import.meta.url).pathname;

export async function startService(options: Options): Promise<Service> {
  const { name, databaseUrl, logFile, profileDirectory } = options;
  const profiling = profileDirectory ? ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`] : [];
  const child = await startChild<ToProbe, FromProbe>({
    name,
    file: path('../../src/main.ts'),
    // As the start command would set them; it cannot under a parent that talks to it.
    nodeFlags: [...MEMORY_FLAGS, '--expose-gc', '--import', path('processes/probe.ts'), ...profiling],
    environment: {
      ...MEMORY_ENVIRONMENT,
      NODE_OPTIONS: process.env['NODE_OPTIONS'],
      DATABASE_URL: databaseUrl,
      MASTER_KEY: MASTER_KEY.toString('base64'),
      BOOTSTRAP_API_KEY: API_KEY,
      HOST: '127.0.0.1',
      PORT: '0',
      ALLOW_HTTP_TARGETS: 'true',
      ALLOWED_NETWORKS: '127.0.0.0/8',
      ...options.environment,
    },
    logFile,
  });
  const origin = await waitForStart(child, logFile);
  const url = `${origin}/graphql`;
  return {
    ...child,
    url,
    api: (query, variables = {}) => callApi(url, query, variables),
    memory: () => child.ask({ type: 'memory' }, 'memory', 30_000),
    metrics: async () => (await fetch(`${origin}/metrics`, { signal: AbortSignal.timeout(REQUEST_MS) })).text(),
    // A profile is written at the end.
    end: (withinMs = profileDirectory ? 30_000 : 2_000) => child.end(withinMs),
  };
}

async function waitForStart(child: { name: string; process: { exitCode: number | null } }, logFile: string) {
  for (let waitedMs = 0; waitedMs < START_MS; waitedMs += 50) {
    const lines = (await readFile(logFile, 'utf8')).split('\n');
    const started = lines.find((line) => line.includes('"service.started"') && line.endsWith('}'));
    if (started) return (JSON.parse(started) as { url: string }).url;
    if (child.process.exitCode !== null) break;
    await pause(50);
  }
  throw new Error(`${child.name} did not start: ${await readFile(logFile, 'utf8')}`);
}

async function callApi<T>(url: string, query: string, variables: object): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

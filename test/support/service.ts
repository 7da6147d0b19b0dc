/** The service as its own process, on a test database, as an operator runs it. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createDatabaseUrl } from './database.ts';
import { MASTER_KEY } from './master-key.ts';
import { QUICK_START, startProcess } from './processes/start.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
export const API_KEY = 'test-bootstrap-key-0123456789abcdefghij';

export type Launched = AsyncDisposable & {
  readonly process: ChildProcess;
  /** All that the process has written so far, log and errors. */
  readonly output: () => string;
  /** Log events so far, oldest first. */
  readonly logs: readonly LogEvent[];
  /** The next log event with this message. */
  logged(message: string): Promise<LogEvent>;
  /** Sends it to the process that was started, and resolves when that has exited. */
  kill(signal: NodeJS.Signals): Promise<void>;
};

export type Service = Launched & {
  /** Of the GraphQL endpoint. */
  readonly url: string;
  readonly origin: string;
  /** Data of an operation; throws on errors and user errors. */
  api<T>(query: string, variables?: object): Promise<T>;
};

type LogEvent = { readonly msg: string; readonly [key: string]: unknown };

/**
 * Production mode, with loopback receivers allowed. `environment` adds or overrides settings; undefined takes one away.
 * `start`: the main.ts of another release, or the words of another command.
 */
export async function startService(
  environment: NodeJS.ProcessEnv = {},
  start: string | readonly string[] = MAIN,
): Promise<Service> {
  const launched = await launchService(environment, typeof start === 'string' ? [process.execPath, start] : start);
  const exited = once(launched.process, 'exit').then(() => undefined);
  const started = await Promise.race([launched.logged('service.started'), exited]);
  if (!started) throw new Error(`The service did not start: ${launched.output()}`);
  const origin = String(started['url']);
  const url = `${origin}/graphql`;
  return { ...launched, url, origin, api: (query, variables = {}) => callApi(url, query, variables) };
}

/** The same, not started yet. */
export async function launchService(
  environment: NodeJS.ProcessEnv,
  [file, ...words]: readonly string[],
): Promise<Launched> {
  const settings = {
    DATABASE_URL: 'DATABASE_URL' in environment ? undefined : await createDatabaseUrl(),
    MASTER_KEY,
    BOOTSTRAP_API_KEY: API_KEY,
    HOST: '127.0.0.1',
    PORT: '0',
    ALLOW_HTTP_TARGETS: 'true',
    ALLOWED_NETWORKS: '127.0.0.0/8',
  };
  const child = startProcess(file!, words, {
    env: { PATH: process.env['PATH'], TZ: process.env['TZ'], ...QUICK_START, ...settings, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logs: LogEvent[] = [];
  const waiting: { message: string; resolve: (event: LogEvent) => void }[] = [];
  let [errors, written] = ['', ''];
  child.stderr!.on('data', (chunk) => (errors += chunk));
  child.stdout!.on('data', (chunk) => (written += chunk));
  createInterface(child.stdout!).on('line', (line) => {
    if (!line.startsWith('{"')) return; // Something else may print objects.
    const event = JSON.parse(line) as LogEvent;
    logs.push(event);
    for (const wait of waiting.filter(({ message }) => message === event.msg)) {
      waiting.splice(waiting.indexOf(wait), 1);
      wait.resolve(event);
    }
  });
  const logged = (message: string) => new Promise<LogEvent>((resolve) => waiting.push({ message, resolve }));
  const exited = once(child, 'close'); // After the last line of its output.
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  return {
    process: child,
    logs,
    logged,
    kill,
    output: () => written + errors,
    [Symbol.asyncDispose]: () => kill('SIGKILL'),
  };
}

/** Data of an operation under API_KEY; throws on errors and user errors. `operationName`: of several in the document. */
export async function callApi<T>(url: string, query: string, variables: object, operationName?: string): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
    body: JSON.stringify({ query, variables, operationName }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown[] };
  const payloads = Object.values(data ?? {}) as ({ userErrors?: unknown[] } | null)[];
  const failures = [...(errors ?? []), ...payloads.flatMap((payload) => payload?.userErrors ?? [])];
  if (failures.length > 0) throw new Error(JSON.stringify(failures));
  return data;
}

export const CREATE_TARGET = `mutation ($url: String!) {
  createWebhookTarget(input: { url: $url }) { target { id } secret userErrors { field message } }
}`;

export const PUBLISH = `mutation ($type: String!, $data: JSON!) {
  publishEvent(input: { eventType: $type, data: $data }) {
    event { id deliveries { nodes { id status } } } deliveryCount userErrors { field message }
  }
}`;

export type CreatedTarget = { createWebhookTarget: { target: { id: string }; secret: string } };
export type PublishedEvent = {
  publishEvent: {
    event: { id: string; deliveries: { nodes: { id: string; status: string }[] } };
    deliveryCount: number;
  };
};

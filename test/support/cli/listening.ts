/** `hookcast listen` as its own process, as a developer runs it: its lines, and what its receiver gets. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startCli } from '../cli.ts';
import { API_KEY, callApi } from '../service.ts';

export type Forwarded = {
  readonly at: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly attempt: number;
  readonly status: number | null;
  readonly durationMs: number;
  readonly failure: string | null;
};

export type Listening = AsyncDisposable & {
  readonly process: ChildProcess;
  /** Its lines so far. */
  readonly output: readonly string[];
  readonly errors: readonly string[];
  /** The next line of its standard output, as JSON. */
  next(): Promise<Forwarded>;
  /** Resolves when a line of its error output, past or future, matches. */
  said(line: RegExp): Promise<string>;
  /** Sends a signal, and resolves with the exit code when it has ended. */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

type Options = {
  /** Of the service. */
  readonly url: string;
  /** The folder of its keys and places. */
  readonly home: string;
  readonly environment?: NodeJS.ProcessEnv;
};

/** Starts it, and waits until it listens. `words`: its arguments; with `--output json`, `next` gives its lines. */
export async function startListening(words: readonly string[], options: Options): Promise<Listening> {
  const listening = spawnListening(words, options);
  await listening.said(/^ {2}public key/);
  return listening;
}

/** The same without the wait. */
export function spawnListening(words: readonly string[], { url, home, environment = {} }: Options): Listening {
  const settings = { HOOKCAST_URL: url, HOOKCAST_API_KEY: API_KEY, HOOKCAST_HOME: home };
  const child = startCli(['listen', ...words], { environment: { ...settings, ...environment } });
  const [output, errors]: [string[], string[]] = [[], []];
  const changed = new Set<() => void>();
  const keep = (lines: string[]) => (line: string) => {
    lines.push(line);
    for (const wake of changed) wake();
  };
  createInterface(child.stdout!).on('line', keep(output));
  createInterface(child.stderr!).on('line', keep(errors));
  const closed = once(child, 'close').then(() => {
    for (const wake of changed) wake();
  });
  /** Waits for what `find` looks for in the lines. */
  const until = <T>(find: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found === undefined && child.exitCode === null && child.signalCode === null) return;
        changed.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`It ended before ${what}: ${[...errors, ...output].join('\n')}`));
      };
      changed.add(look);
      look();
    });
  let taken = 0;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await closed;
    return child.exitCode;
  };
  return {
    process: child,
    output,
    errors,
    async next() {
      const at = taken++;
      return JSON.parse(await until(() => output[at], `line ${at}`)) as Forwarded;
    },
    said: (line) => until(() => errors.find((each) => line.test(each)), String(line)),
    end,
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  };
}

const PUBLISH = `mutation ($input: PublishEventInput!) {
  publishEvent(input: $input) { event { id body } userErrors { field message } }
}`;

export type PublishedBody = { readonly id: string; readonly body: string };

/** Publishes an event at the service under its API key. */
export async function publishAt(url: string, input: object = {}): Promise<PublishedBody> {
  const event = { eventType: 'transaction.auto.updated', rawData: '{"status":"done"}', ...input };
  type Data = { publishEvent: { event: PublishedBody } };
  return (await callApi<Data>(url, PUBLISH, { input: event })).publishEvent.event;
}

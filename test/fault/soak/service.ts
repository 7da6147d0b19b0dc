/** The start command under load for long: of its log only what is wrong is kept, and the rest is counted. */
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { MASTER_KEY } from '../../support/master-key.ts';
import { startProcess } from '../../support/processes/start.ts';
import { API_KEY } from '../stage/service.ts';

export type SoakService = AsyncDisposable & {
  readonly origin: string;
  /** Log lines of level error and above, and of level warn. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** NaN where there is no /proc. */
  residentBytes(): Promise<number>;
  descriptors(): Promise<number>;
  /** Rejects when the process ends. */
  readonly ended: Promise<never>;
};

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname;
const [WARN, ERROR] = [40, 50];
/** A line of level warn or above, or the one that says where the service listens. */
const NOTABLE = /^\{"level":(?:[4-9]\d|.*"service\.started").*$/gm;
const MOST_KEPT = 1_000;

export async function startSoakService(environment: NodeJS.ProcessEnv): Promise<SoakService> {
  const child = startProcess(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      MASTER_KEY,
      BOOTSTRAP_API_KEY: API_KEY,
      HOST: '127.0.0.1',
      PORT: '0',
      ALLOW_HTTP_TARGETS: 'true',
      ALLOWED_NETWORKS: '127.0.0.0/8',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [errors, warnings]: [string[], string[]] = [[], []];
  const started = Promise.withResolvers<string>();
  const keep = (list: string[], line: string) => list.length < MOST_KEPT && list.push(line);
  createInterface(child.stderr!).on('line', (line) => keep(errors, line));
  onMatchingLines(child.stdout!, NOTABLE, (line) => {
    const { level, url } = JSON.parse(line) as { level: number; url: string };
    if (level < WARN) started.resolve(url);
    else keep(level >= ERROR ? errors : warnings, line);
  });
  const exited = once(child, 'exit');
  const ended = exited.then(([code, signal]): never => {
    throw new Error(`The service ended with ${signal ?? code}: ${errors.slice(-5).join('\n')}`);
  });
  ended.catch(() => {}); // It ends with the suite, too.
  const { pid } = child;
  return {
    origin: await Promise.race([started.promise, ended]),
    errors,
    warnings,
    ended,
    async residentBytes() {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
    },
    descriptors: async () => (await readdir(`/proc/${pid}/fd`).catch(() => [])).length,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Looks at a whole piece of the output at once: to cut 2,000 lines a second out of it takes a tenth of a processor from the service. */
function onMatchingLines(output: Readable, pattern: RegExp, take: (line: string) => void): void {
  let rest = '';
  output.setEncoding('utf8').on('data', (piece: string) => {
    const end = piece.lastIndexOf('\n') + 1;
    if (end > 0) for (const [line] of (rest + piece.slice(0, end)).matchAll(pattern)) take(line);
    rest = end > 0 ? piece.slice(end) : rest + piece;
  });
}

/** Processes of tests, benches and fault suites. All are started here, so that none is left behind (reaper.ts). */
import { fork, spawn, type ChildProcess, type ForkOptions, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { guardProcess, LEADS_GROUP } from './reaper.ts';

/**
 * For the environment of a process that a test waits for: what one process has compiled, the next one finds on the disk, and
 * starts in two thirds of the time. Not for what is measured.
 */
export const QUICK_START = {
  NODE_COMPILE_CACHE: new URL('../../../node_modules/.cache/node', import.meta.url).pathname,
};

export type Output = { readonly stdout: string; readonly stderr: string };

/** `spawn` of node:child_process. */
export const startProcess = (file: string, args: readonly string[], options: SpawnOptions): ChildProcess =>
  guardProcess(spawn(file, args, { ...options, ...LEADS_GROUP }));

/** `fork` of node:child_process. */
export const forkProcess = (file: URL, args: readonly string[], options: ForkOptions): ChildProcess =>
  guardProcess(fork(file, args, { ...options, ...LEADS_GROUP }));

type RunOptions = Omit<SpawnOptions, 'stdio' | 'detached'> & {
  /** What it reads from its standard input. Default: nothing. */
  readonly input?: string;
};

/** Runs a process to its end, and returns what it wrote. Rejects, with the same in the error, on an exit code other than 0. */
export async function runProcess(
  file: string,
  args: readonly string[],
  { input = '', ...options }: RunOptions = {},
): Promise<Output> {
  const child = startProcess(file, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin!.on('error', () => {}); // It may end without reading its input; then its exit code says why.
  child.stdin!.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')]);
  const { exitCode, signalCode } = child;
  if (exitCode === 0) return { stdout, stderr };
  const ended = signalCode ? `was ended by ${signalCode}` : `ended with ${exitCode}`;
  const error = new Error(`${[file, ...args].join(' ')} ${ended}\n${stderr}`);
  throw Object.assign(error, { exitCode, signalCode, stdout, stderr });
}

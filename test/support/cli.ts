/** The CLI as its own process, as an operator runs it. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { QUICK_START, startProcess } from './processes/start.ts';

const CLI = new URL('../../src/cli.ts', import.meta.url).pathname;

export { MASTER_KEY } from './master-key.ts';

export type CliOptions = { readonly environment?: NodeJS.ProcessEnv; readonly input?: string };
export type CliResult = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

export function startCli(args: readonly string[], { environment = {} }: CliOptions = {}): ChildProcess {
  return startProcess(process.execPath, [CLI, ...args], {
    env: { PATH: process.env['PATH'], TZ: process.env['TZ'], ...QUICK_START, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = startCli(args, options);
  child.stdin!.on('error', () => {}); // Many commands do not read it.
  child.stdin!.end(options.input ?? '');
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')]);
  return { exitCode: child.exitCode, stdout, stderr };
}

/** A receiver that a document shows, as a process of its own: what it says, and where it takes webhooks. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startProcess } from '../processes/start.ts';

export type ReceiverProcess = AsyncDisposable & {
  /** Where it takes webhooks. */
  readonly url: string;
  /** What it has said so far, on both of its outputs. */
  readonly lines: readonly string[];
  /** Resolves when it has said this in so many lines. */
  said(text: string, times?: number): Promise<void>;
};

type Options = {
  readonly command: readonly [string, ...string[]];
  readonly directory: string;
  readonly port: number;
  /** Its settings, beside PORT. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What it says when it listens. */
  readonly ready: string;
};

/** Resolves when it listens. */
export async function startReceiverProcess(options: Options): Promise<ReceiverProcess> {
  const { command, directory, port, environment, ready } = options;
  const [program, ...args] = command;
  const child = startProcess(program, args, {
    cwd: directory,
    env: { PATH: process.env['PATH'], PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const { lines, said } = listen(child);
  const ended = exited.then(() => Promise.reject(new Error(`It ended: ${lines.join('\n')}`)));
  ended.catch(() => {});
  await Promise.race([said(ready), ended]);
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    lines,
    said: (text, times) => Promise.race([said(text, times), ended]),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}

function listen(child: ChildProcess): Pick<ReceiverProcess, 'lines' | 'said'> {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const output of [child.stdout!, child.stderr!]) {
    createInterface(output).on('line', (line) => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }
  const said = (text: string, times = 1) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (lines.filter((line) => line.includes(text)).length < times) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { lines, said };
}

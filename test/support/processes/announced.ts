/** A process that says in its error output when it is ready. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const KEPT_LINES = 40;

/** Resolves at the line that matches; rejects with the last lines when the process ends before, or is `timeoutMs` late. */
export async function announced(child: ChildProcess, name: string, line: RegExp, timeoutMs = 60_000): Promise<void> {
  const lines: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (what: string) => reject(new Error(`${name} ${what}:\n${lines.join('\n')}`));
  createInterface(child.stderr!).on('line', (written) => {
    if (lines.push(written) > KEPT_LINES) lines.shift();
    if (line.test(written)) resolve();
  });
  child.once('error', (error) => fail(`did not start (${error.message})`));
  void once(child, 'exit').then(([code, signal]) => fail(`ended before it was ready (${signal ?? code})`));
  const timer = setTimeout(() => fail(`was not ready within ${timeoutMs / 1_000} s`), timeoutMs);
  return promise.finally(() => clearTimeout(timer));
}

/** An example of the guide for receivers, run as a reader would run it: a process of its own, with the installed package. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startProcess } from './processes/start.ts';
import type { Installed, NodeBinary } from './packages/install.ts';

export type ExampleReceiver = AsyncDisposable & {
  /** Where it takes webhooks. */
  readonly url: string;
  /** What it has said so far, on both of its outputs. */
  readonly lines: readonly string[];
  /** Resolves when it has said this in so many lines. */
  said(text: string, times?: number): Promise<void>;
};

type Options = {
  readonly framework: string;
  readonly installed: Installed;
  readonly node: NodeBinary;
  readonly port: number;
  /** Its settings. */
  readonly environment: Readonly<Record<string, string>>;
};

export async function startExampleReceiver(options: Options): Promise<ExampleReceiver> {
  const { framework, installed, node, port, environment } = options;
  const code = await readFile(new URL(`examples/receive-${framework}.ts`, import.meta.url), 'utf8');
  // An older Node runs no TypeScript: its user leaves out the types.
  const isOwn = node.path === process.execPath;
  const file = join(installed.directory, `receive-${framework}.${isOwn ? 'ts' : 'js'}`);
  await writeFile(file, isOwn ? code : stripTypeScriptTypes(code));
  const child = startProcess(node.path, [file], {
    cwd: installed.directory,
    env: { PATH: process.env['PATH'], PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const { lines, said } = listen(child);
  const ended = exited.then(() => Promise.reject(new Error(`It ended: ${lines.join('\n')}`)));
  ended.catch(() => {});
  await Promise.race([said(`Listening on ${port}`), ended]);
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

function listen(child: ChildProcess): Pick<ExampleReceiver, 'lines' | 'said'> {
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

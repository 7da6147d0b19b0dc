/** A process beside the benchmark. Every wait for it has a bound, and its death is an error that names it. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { startProcess } from '../support/processes/start.ts';

export type Message = { readonly type: string };

export type Child<To extends Message = Message, From extends Message = Message> = {
  readonly name: string;
  readonly pid: number;
  tell(message: To): void;
  /** The next message of this type, also one that came before anybody asked. */
  hear<T extends From['type']>(type: T, withinMs: number): Promise<Extract<From, { type: T }>>;
  /** Tells, and hears what comes after that. */
  ask<T extends From['type']>(message: To, type: T, withinMs: number): Promise<Extract<From, { type: T }>>;
  /** SIGTERM, and SIGKILL to one that is still there after `withinMs`. */
  end(withinMs?: number): Promise<void>;
};

type Options = {
  readonly name: string;
  readonly file: string;
  /** What the process is told on its command line, as JSON. */
  readonly argument?: unknown;
  readonly nodeFlags?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Where its output goes: a file, because reading a pipe would cost what is measured. */
  readonly logFile: string;
};

export async function startChild<To extends Message, From extends Message>(
  options: Options,
): Promise<Child<To, From> & { readonly process: ChildProcess }> {
  const { name, file, argument, nodeFlags = [], environment, logFile } = options;
  const log = await open(logFile, 'a');
  const child = startProcess(
    process.execPath,
    [...nodeFlags, file, ...(argument === undefined ? [] : [JSON.stringify(argument)])],
    { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', log.fd, log.fd, 'ipc'] },
  );
  await log.close();
  const unheard: From[] = [];
  const listeners = new Set<() => void>();
  let death: string | undefined;
  const wake = () => listeners.forEach((listener) => listener());
  child.on('message', (message) => {
    unheard.push(message as From);
    wake();
  });
  child.once('exit', (code, signal) => {
    death = `${name} ended (${signal ?? `exit code ${code}`}); its output is in ${logFile}`;
    wake();
  });
  child.on('error', (error) => {
    death ??= `${name}: ${error.message}`;
    wake();
  });

  const take = <T extends From['type']>(type: T) => {
    const index = unheard.findIndex((message) => message.type === type);
    return index < 0 ? undefined : (unheard.splice(index, 1)[0] as Extract<From, { type: T }>);
  };
  const hear = <T extends From['type']>(type: T, withinMs: number) =>
    new Promise<Extract<From, { type: T }>>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        listeners.delete(look);
        settle();
      };
      const look = () => {
        const message = take(type);
        if (message) finish(() => resolve(message));
        else if (death !== undefined) finish(() => reject(new Error(death)));
      };
      const late = () => finish(() => reject(new Error(`${name} did not say "${type}" within ${withinMs / 1_000} s`)));
      const timer = setTimeout(late, withinMs);
      listeners.add(look);
      look();
    });
  const tell = (message: To) => {
    if (death === undefined) child.send(message, () => {}); // A failed send is a death, which every wait reports.
  };
  return {
    name,
    pid: child.pid!,
    process: child,
    tell,
    hear,
    ask(message, type, withinMs) {
      while (take(type));
      tell(message);
      return hear(type, withinMs);
    },
    async end(withinMs = 2_000) {
      if (death !== undefined) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

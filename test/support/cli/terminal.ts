/** A command at a terminal, as a person sees it. The terminal is that of the program `script` of util-linux. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { expect } from 'vitest';
import { QUICK_START, runProcess, startProcess } from '../processes/start.ts';

const CLI = new URL('../../../src/cli.ts', import.meta.url).pathname;

export const hasTerminal = await runProcess('script', ['--version']).then(
  ({ stdout }) => stdout.includes('util-linux'),
  () => false,
);

/** `hookcast` for a line of the shell. */
export const HOOKCAST = `${process.execPath} ${CLI}`;

export type Terminal = ReturnType<typeof openTerminal>;

/** Runs a line of the shell at a terminal of its own. */
export function openTerminal(line: string, environment: NodeJS.ProcessEnv) {
  const settings = { PATH: process.env['PATH'], TERM: 'xterm-256color', SHELL: '/bin/sh' };
  const terminal = startProcess('script', ['-qec', line, '/dev/null'], {
    env: { ...settings, ...QUICK_START, ...environment },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  /** Every process at the terminal holds the other end. */
  const held = terminal.stdio[3] as Readable;
  const left = once(held.resume(), 'close');
  let shown = '';
  terminal.stdout!.on('data', (chunk) => (shown += chunk));
  const ended = once(terminal, 'exit');
  return {
    press: (keys: string) => void terminal.stdin!.write(keys),
    /** Waits until what was shown so far matches. */
    shows: (text: RegExp) => expect.poll(() => shown, { timeout: 30_000 }).toMatch(text),
    shown: () => shown,
    exitCode: async () => (await ended)[0] as number,
    /** Takes the terminal away, and waits until all that ran at it have ended. */
    async [Symbol.asyncDispose]() {
      terminal.kill('SIGKILL');
      await left;
    },
  };
}

/** Single keys of the person at the terminal. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type Keyboard = {
  /** Gives the terminal back as it was. */
  close(): void;
};

/** What a terminal sends for Ctrl-C and Ctrl-Z while it hands over single keys. */
const [INTERRUPT, SUSPEND] = ['\x03', '\x1a'];

/**
 * Calls `onKey` for each key. Ctrl-C and Ctrl-Z work as always. Undefined where nobody can press one: without a terminal, and in
 * a job in the background, which the system would stop at the first look at the keyboard.
 */
export function openKeyboard(input: NodeJS.ReadStream, onKey: (key: string) => void): Keyboard | undefined {
  if (!input.isTTY || !isInForeground()) return undefined;
  const onData = (data: Buffer): void => {
    for (const key of data.toString()) {
      if (key === INTERRUPT) process.kill(process.pid, 'SIGINT');
      else if (key === SUSPEND) suspend();
      else onKey(key);
    }
  };
  const suspend = (): void => {
    input.setRawMode(false);
    process.kill(0, 'SIGTSTP'); // To the whole job, as a terminal does: a shell waits for all of a pipeline.
  };
  const resume = (): void => {
    if (isInForeground()) input.setRawMode(true);
  };
  input.setRawMode(true);
  input.on('data', onData).resume();
  process.on('SIGCONT', resume);
  return {
    close() {
      process.off('SIGCONT', resume);
      input.off('data', onData).pause();
      if (isInForeground()) input.setRawMode(false);
    },
  };
}

/** Whether this process belongs to the job that has the terminal. False where the system does not tell. */
function isInForeground(): boolean {
  try {
    const [group, terminalGroup] = readGroups();
    return group === terminalGroup;
  } catch {
    return false;
  }
}

/** Its process group, and that of the terminal's foreground job. */
function readGroups(): [string, string] {
  if (process.platform === 'linux') {
    // proc_pid_stat(5): the name of the program is in parentheses and may hold anything; pgrp and tpgid come after it.
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [fields[2]!, fields[5]!];
  }
  const ids = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { encoding: 'utf8' });
  const [group = '', terminalGroup = 'none'] = ids.trim().split(/\s+/);
  return [group, terminalGroup];
}

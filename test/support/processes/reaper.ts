/**
 * Nothing outlives its starter: a test, a bench or a fault suite names every process and every folder to a reaper (reap.ts).
 * When the process that named them has ended, the reaper ends and removes what is left. This holds when a test fails, when
 * its file runs out of time, and when the runner is killed with SIGKILL.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Word } from './reap.ts';

const REAP = new URL('./reap.ts', import.meta.url).pathname;

/** Processes that are to be guarded are leaders of a group, so that what they start in turn ends with them. */
export const LEADS_GROUP = { detached: process.platform !== 'win32' };

const LOOK_MS = 1_000;

/** Of this process; started with the first word. */
let reaper: ChildProcess | undefined;

function tell(word: Word): void {
  reaper ??= startReaper();
  reaper.stdin!.write(`${JSON.stringify(word)}\n`);
}

function startReaper(): ChildProcess {
  const child = spawn(process.execPath, [REAP], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin!.on('error', (error) => console.error(`The reaper has ended: ${error.message}`));
  // Who has nothing else to wait for ends, and the reaper after it.
  child.unref();
  (child.stdin as Socket).unref();
  return child;
}

/** Ends the process, and what it has started, when this process ends. It must have been started with LEADS_GROUP. */
export function guardProcess<T extends ChildProcess>(child: T): T {
  const { pid } = child;
  if (pid === undefined) return child; // It could not be started: its 'error' event says why.
  const name = String(pid);
  tell({ act: 'guard', kind: 'group', name });
  // What it has started may go on without it. A group that is gone is released: another one may get its number.
  const release = (): void => {
    if (isGroupThere(pid)) setTimeout(release, LOOK_MS).unref();
    else tell({ act: 'release', kind: 'group', name });
  };
  child.once('exit', release);
  return child;
}

function isGroupThere(leader: number): boolean {
  try {
    return process.kill(-leader, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export type Folder = AsyncDisposable & { readonly path: string };

/**
 * An empty folder, by default in the system's temporary folder. When this process ends, every process that was started with the
 * folder's name on its command line ends, e.g. the PostgreSQL whose data is in it, and the folder is removed.
 */
export async function createFolder(prefix: string, parent = tmpdir()): Promise<Folder> {
  const path = await mkdtemp(join(parent, prefix));
  tell({ act: 'guard', kind: 'folder', name: path });
  const dispose = async () => {
    await rm(path, { recursive: true, force: true });
    tell({ act: 'release', kind: 'folder', name: path });
  };
  return { path, [Symbol.asyncDispose]: dispose };
}

/**
 * Keeps other processes out of a folder, by a file that names its owner: the process number, when that process started, and the
 * boot of the machine. A number alone would not do: after a reboot, or in a container that starts anew, it is another's.
 */
import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** `startedAt` and `boot` are undefined where the system does not tell them, and in files of releases up to 0.1.0. */
type Owner = { readonly pid: number; readonly startedAt?: string | undefined; readonly boot?: string | undefined };

const LOOK_MS = 100;

/**
 * Takes the lock, and returns what gives it back. An owner that lives is waited for, for `patienceMs`: it may be stopping, or
 * dying. Rejects with a FolderInUse after that.
 */
export async function lockDirectory(file: string, patienceMs: number): Promise<() => Promise<void>> {
  for (let waitedMs = 0; !(await write(file)); waitedMs += LOOK_MS) {
    const pid = await ownerOf(file);
    if (pid !== undefined && waitedMs >= patienceMs) throw new FolderInUse(pid);
    // A file without text is just being written, or its writer was killed: the next look tells.
    const isStale = pid === undefined && (waitedMs > 0 || (await hasText(file)));
    if (isStale) await rm(file, { force: true });
    else await delay(LOOK_MS);
  }
  return () => rm(file, { force: true });
}

/** Another process has the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly pid: number;

  constructor(pid: number) {
    super(`process ${pid} has the folder`);
    this.pid = pid;
  }
}

/** The number of the other process that has the lock; undefined where there is none, or it has ended. */
export async function ownerOf(file: string): Promise<number | undefined> {
  const owner = parse(await readFile(file, 'utf8').catch(() => ''));
  if (owner === undefined || owner.pid === process.pid) return undefined;
  const { pid, startedAt, boot } = owner;
  if (boot !== undefined && boot !== (await readBoot())) return undefined;
  const running = await readProcess(pid);
  if (running === undefined) return undefined;
  return startedAt === undefined || startedAt === running.startedAt ? pid : undefined;
}

const hasText = (file: string): Promise<boolean> =>
  readFile(file, 'utf8').then(
    (text) => text !== '',
    () => false, // It is gone meanwhile.
  );

/** False when another process was faster. */
async function write(file: string): Promise<boolean> {
  const { pid } = process;
  const owner: Owner = { pid, startedAt: (await readProcess(pid))?.startedAt, boot: await readBoot() };
  const handle = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await handle?.writeFile(JSON.stringify(owner));
  await handle?.close();
  return handle !== undefined;
}

function parse(text: string): Owner | undefined {
  try {
    const value = JSON.parse(text) as Owner | number; // A number in files of releases up to 0.1.0.
    return typeof value === 'number' ? { pid: value } : value;
  } catch {
    return undefined;
  }
}

/** When the machine, or the kernel of its container, was started: another text each time. */
const readBoot = (): Promise<string | undefined> =>
  readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );

/** Undefined when no process has the number, or one that has ended and waits for its parent (a zombie). */
async function readProcess(pid: number): Promise<{ readonly startedAt: string | undefined } | undefined> {
  if (process.platform !== 'linux') return isRunning(pid) ? { startedAt: undefined } : undefined;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the name of the program, in parentheses, and may hold any text.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return !state || 'ZX'.includes(state) ? undefined : { startedAt: fields[18] };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Keeps other processes out of a folder, by a file that names its owner: the process number, when that process started, and the
 * boot of the machine. A number alone would not do: after a reboot, or in a container that starts anew, it is another's.
 */
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../clock.ts';

/** `startedAt` and `boot` are undefined where the system does not tell them, and in files of releases up to 0.1.0. */
type Owner = { readonly pid: number; readonly startedAt?: string | undefined; readonly boot?: string | undefined };

const LOOK_MS = 100;

/**
 * Takes the lock, and returns what gives it back. An owner that lives is waited for, for `patienceMs`: it may be stopping, or
 * dying. Rejects with a FolderInUse after that.
 */
export async function lockDirectory(file: string, patienceMs: number): Promise<() => Promise<void>> {
  const own = nameBeside(file);
  await writeFile(own, JSON.stringify(await describeOwner()), { flag: 'wx' });
  try {
    for (let waitedMs = 0; !(await linkTo(file, own)); waitedMs += LOOK_MS) {
      const text = await read(file);
      const pid = await ownerIn(text ?? '');
      if (pid !== undefined && waitedMs >= patienceMs) throw new FolderInUse(pid);
      // A file without text is just being written by release 0.1.0, or its writer was killed: the next look tells.
      if (text !== undefined && pid === undefined && (text !== '' || waitedMs > 0)) await takeAway(file, text);
      else await delay(LOOK_MS);
    }
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(file, { force: true });
}

/**
 * Removes a lock that was judged by its text to be nobody's. Meanwhile another process may have done so and have taken the
 * lock: the file has another text then, and is put back.
 */
export async function takeAway(file: string, judged: string): Promise<void> {
  const taken = nameBeside(file);
  try {
    await rename(file, taken); // Of several processes, one gets it.
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await read(taken)) !== judged) await linkTo(file, taken);
  await rm(taken, { force: true });
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
export const ownerOf = async (file: string): Promise<number | undefined> =>
  ownerIn(await readFile(file, 'utf8').catch(() => ''));

async function ownerIn(text: string): Promise<number | undefined> {
  const owner = parse(text);
  if (owner === undefined || owner.pid === process.pid) return undefined;
  const { pid, startedAt, boot } = owner;
  if (boot !== undefined && boot !== (await readBoot())) return undefined;
  const running = await readProcess(pid);
  if (running === undefined) return undefined;
  return startedAt === undefined || startedAt === running.startedAt ? pid : undefined;
}

const describeOwner = async (): Promise<Owner> => {
  const { pid } = process;
  return { pid, startedAt: (await readProcess(pid))?.startedAt, boot: await readBoot() };
};

const nameBeside = (file: string): string => `${file}.${systemClock.randomBytes(6).toString('hex')}`;

/** Puts a file that is written already in a place, whole. False when something is there: another process was faster. */
const linkTo = (place: string, file: string): Promise<boolean> =>
  link(file, place).then(
    () => true,
    (error: unknown) => {
      if (isCode(error, 'EEXIST')) return false;
      throw error;
    },
  );

/** Undefined when there is no file. */
const read = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  });

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

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

/**
 * The reaper: a process that outlives its starter, and ends whatever the starter leaves behind. It reads `Word`s from its
 * standard input, a JSON text a line. The input ends when the starter ends, however that happens, because nobody else holds
 * the other end of the pipe.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** `group`: a process and all that it starts. `folder`: what is in it, and every process that was started with its name. */
export type Word = { readonly act: 'guard' | 'release'; readonly kind: 'group' | 'folder'; readonly name: string };

const run = promisify(execFile);
/** A PostgreSQL that is told to stop at once waits 5 s for its sessions. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 50;

process.title = 'hookcast-reaper';
// Ctrl+C is for the starter; the reaper follows when the input ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const guarded = { group: new Set<string>(), folder: new Set<string>() };
for await (const line of createInterface({ input: process.stdin })) {
  const { act, kind, name } = JSON.parse(line) as Word;
  if (act === 'guard') guarded[kind].add(name);
  else guarded[kind].delete(name);
}
// A PostgreSQL ends with its folder, in its own way.
const servers = await postgresServers();
for (const group of guarded.group.difference(servers)) signalGroup(Number(group), 'SIGKILL');
await Promise.all([...guarded.folder].map(clear));
for (const group of guarded.group.intersection(await postgresServers())) signalGroup(Number(group), 'SIGKILL');

async function postgresServers(): Promise<Set<string>> {
  return new Set((await commandLines()).filter(({ words }) => isPostgres(words)).map(({ pid }) => String(pid)));
}

function isPostgres(words: readonly string[]): boolean {
  return basename(words[0]!) === 'postgres';
}

async function clear(folder: string): Promise<void> {
  const startedMs = performance.now();
  // Twice: what an ended process had just started may not have been there at the first look.
  for (let clearLooks = 0; clearLooks < 2; await pause(LOOK_MS)) {
    const processes = await processesNaming(folder);
    const waitedMs = performance.now() - startedMs;
    for (const { pid, words } of processes) {
      // PostgreSQL gives its shared memory back only when it may end by itself.
      signal(pid, isPostgres(words) && waitedMs < PATIENCE_MS ? 'SIGQUIT' : 'SIGKILL');
    }
    clearLooks = processes.length === 0 ? clearLooks + 1 : 0;
    if (clearLooks > 0) await remove(folder);
    if (waitedMs > 2 * PATIENCE_MS) return console.error(`${folder} is left behind: ${JSON.stringify(processes)}`);
  }
}

async function remove(folder: string): Promise<void> {
  const attempt = () => rm(folder, { recursive: true, force: true });
  // A suite may have mounted a small disk there.
  await attempt().catch(() => run('umount', [folder]).then(attempt, () => {}));
}

async function processesNaming(folder: string): Promise<CommandLine[]> {
  return (await commandLines()).filter(
    ({ pid, words }) => pid !== process.pid && words.some((word) => word.includes(folder)),
  );
}

type CommandLine = { readonly pid: number; readonly words: readonly string[] };

async function commandLines(): Promise<CommandLine[]> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((name) => /^\d+$/.test(name));
  if (pids.length === 0) return commandLinesOfPs();
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return texts.map((text, index) => ({ pid: Number(pids[index]), words: text.split('\0') }));
}

/** Where there is no /proc. */
async function commandLinesOfPs(): Promise<CommandLine[]> {
  const { stdout } = await run('ps', ['-Ao', 'pid=,args=']);
  return stdout.split('\n').map((line) => {
    const [pid, ...words] = line.trim().split(/\s+/);
    return { pid: Number(pid), words };
  });
}

function signalGroup(leader: number, name: NodeJS.Signals): void {
  signal(process.platform === 'win32' ? leader : -leader, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

/** CPU time by process, from /proc: it explains a missed budget. Empty where there is no /proc. */
import { readdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';

/** Milliseconds of processor time by part (`service`, `PostgreSQL`, …), and of the whole machine. */
export type Cpu = { readonly parts: ReadonlyMap<string, number>; readonly busyMs: number; readonly allMs: number };

const TICK_MS = 10; // USER_HZ is 100 on every Linux that Node runs on.

async function readTimes(pid: number): Promise<{ parent: number; ownMs: number; reapedMs: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in parentheses may hold spaces; the numbers follow it.
  const fields = text
    ?.slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  if (!fields) return undefined;
  return {
    parent: fields[1]!,
    ownMs: (fields[11]! + fields[12]!) * TICK_MS,
    reapedMs: (fields[13]! + fields[14]!) * TICK_MS,
  };
}

/** Of a process and all that it started, e.g. a postmaster and its backends. */
async function familyMs(parentPid: number): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0);
  const parent = await readTimes(parentPid);
  let sum = (parent?.ownMs ?? 0) + (parent?.reapedMs ?? 0);
  for (const pid of pids) {
    const times = await readTimes(pid);
    if (times?.parent === parentPid) sum += times.ownMs;
  }
  return sum;
}

export async function readCpu(
  processes: Iterable<{ readonly name: string; readonly pid: number }>,
  postmasterPid: number,
): Promise<Cpu> {
  const parts = new Map([['PostgreSQL', await familyMs(postmasterPid)]]);
  for (const { name, pid } of processes) {
    parts.set(name, (parts.get(name) ?? 0) + ((await readTimes(pid))?.ownMs ?? 0));
  }
  const machine = cpus().map(({ times }) => times);
  const allMs = machine.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  const idleMs = machine.reduce((sum, { idle }) => sum + idle, 0);
  return { parts, busyMs: allMs - idleMs, allMs };
}

/** Milliseconds by part between two readings. */
export const usedMs = (before: Cpu, after: Cpu): ReadonlyMap<string, number> =>
  new Map([...after.parts].map(([name, ms]) => [name, ms - (before.parts.get(name) ?? 0)]));

/** "service 151 us, PostgreSQL 120 us, … per delivery; processors 97 % busy, 4 % by others" */
export function describeCpu(before: Cpu, after: Cpu, count: number, unit: string): string {
  const used = [...usedMs(before, after)]
    .filter(([, ms]) => ms * 1_000 > count) // Under a microsecond each says nothing.
    .sort(([, one], [, other]) => other - one);
  const ours = used.reduce((sum, [, ms]) => sum + ms, 0);
  const all = after.allMs - before.allMs;
  const busy = after.busyMs - before.busyMs;
  const percent = (ms: number) => `${Math.max(0, Math.round((100 * ms) / all))} %`;
  const shares = used.map(([name, ms]) => `${name} ${Math.round((ms * 1_000) / count)} us`).join(', ');
  return `CPU per ${unit}: ${shares}; processors ${percent(busy)} busy, ${percent(busy - ours)} by others`;
}

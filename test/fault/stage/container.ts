/** Control groups of Linux as a container has them: so much memory, and a process that needs more is killed. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Container = Disposable & {
  /** For a service whose main is IN_CONTAINER. */
  readonly environment: { readonly CONTAINER_GROUP: string };
  /** The most memory that its processes had at once, with what the kernel kept for them. */
  peakBytes(): number;
};

export const IN_CONTAINER = new URL('../processes/in-container.ts', import.meta.url).pathname;

type Version = { readonly root: string; readonly limit: string; readonly peak: string };

/** As they are mounted nearly everywhere. */
const VERSIONS: readonly Version[] = [
  { root: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak' },
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes' },
];

/** Undefined where this system, or this user, cannot make one. */
export function createContainer(limitBytes: number): Container | undefined {
  for (const { root, limit, peak } of VERSIONS) {
    const group = join(root, `hookcast-fault-${randomUUID()}`);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    if (!existsSync(join(group, limit))) {
      rmdirSync(group); // Not a control group, or without a controller of memory.
      continue;
    }
    writeFileSync(join(group, limit), String(limitBytes));
    return {
      environment: { CONTAINER_GROUP: group },
      peakBytes: () => Number(readFileSync(join(group, peak), 'utf8')),
      [Symbol.dispose]: () => rmdirSync(group),
    };
  }
  return undefined;
}

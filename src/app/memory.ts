/**
 * What only the start of a process can say about its memory. With it, and with what spare-memory.ts gives back,
 * it holds 120 MB at rest instead of 220, 210 MB under 6,000 deliveries a second instead of 480 to 580, and 145 MB after them.
 *
 * None of them is a limit: a burst may still take all that V8 allows, which goes by the memory of the machine or of its container.
 */
import { flushCompileCache, getCompileCacheDir } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

/**
 * V8 lets a heap of 60 MB grow to 240 before it looks for garbage where the machine is large. This is 25 % at a time,
 * everywhere. With 50 % the process is 15 to 20 MB larger under a mixed load. Against 30 %, deliveries are 3 % faster with 50 %,
 * and a change with the full selection takes 6 % less of the processor.
 */
const GROWTH = '--heap-growing-percent=25';
/**
 * Of the young generation, three times over. V8's own 32 MiB make a process 25 to 35 MB larger, and collections of it twice as
 * long; rates are the same within 3 %. Less costs speed: what is under way must fit, else each collection copies it. With 8 MiB
 * and a growth of 30 % a delivery takes 20 % more of the processor.
 */
const YOUNG = '--max-semi-space-size=16';

/** Node starts so many, whatever the machine. */
const MOST_THREADS = 4;
/**
 * V8's threads beside the main one: they look for garbage while it works. They leave it a processor. Four of them on two processors
 * kept the main thread waiting for up to 85 ms while a heap was marked; with one of them the p99 of an organization beside a loud one
 * is 1.6 times that of an idle process in place of 2.1 to 3.1, and rates are the same.
 */
const THREADS = `--v8-pool-size=${Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1))}`;

export const MEMORY_FLAGS: readonly string[] = [GROWTH, YOUNG, THREADS];

/** What an operator may set, with - or _ between the words; then it is the operator's choice, and nothing is set here. */
const SETS_HEAP = /--(?:heap.growing.percent|max.semi.space.size|max.old.space.size|max.heap.size|v8.pool.size)\b/;

export const MEMORY_ENVIRONMENT: Readonly<Record<string, string>> = {
  // glibc makes eight arenas for each core, and gives nothing back from any of them.
  MALLOC_ARENA_MAX: '2',
  // A freed block of this size goes back to the system at once. By default glibc raises the size, up to 32 MiB, with each large
  // block that is freed, and keeps them all: 245 MB in a process of 535, under publishes of 8 MiB.
  MALLOC_MMAP_THRESHOLD_: '131072',
  // What is compiled is kept here, so that the compiler of TypeScript (12 MB) need not be loaded. In the installation, where nobody
  // else writes; a folder that cannot be written to is no error.
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/hookcast', import.meta.url)),
};

type Process = Pick<NodeJS.Process, 'execPath' | 'execArgv' | 'argv' | 'env' | 'channel'> & {
  readonly execve?: NodeJS.Process['execve'];
  /** What of Node itself is loaded. Not in Node's documents: where it is missing, the compiler stays. */
  readonly moduleLoadList?: readonly string[];
};

/**
 * Replaces the process by itself with these settings, under the same pid, once. Returns where they are set already, where the
 * operator has chosen others, and where a process cannot be replaced: on Windows, and under a parent that talks to it over IPC.
 */
export function restartWithMemorySettings(self: Process = process): void {
  const { execPath, execArgv, argv, env, channel, execve } = self;
  if (SETS_HEAP.test([...execArgv, env['NODE_OPTIONS']].join(' ')) || channel || !execve) return;
  try {
    execve(execPath, [execPath, ...execArgv, ...MEMORY_FLAGS, ...argv.slice(1)], { ...MEMORY_ENVIRONMENT, ...env });
  } catch {
    // Not on this system. The process only needs more memory without the settings; the growth of the heap can still be set.
    v8.setFlagsFromString(GROWTH);
  }
}

/** Node's compiler of TypeScript. It never leaves a process that needed it. */
const COMPILER = /\bamaro\b/;
/**
 * In the environment of a process that has been replaced for it.
 * It is replaced once at most: else one that cannot fill the cache, on a full disk, would restart for ever.
 */
const WITHOUT_COMPILER = 'HOOKCAST_WITHOUT_COMPILER';

/**
 * A start from the sources, the first one or the first after a change, compiles them, and would hold the compiler (12 MB) until
 * it is started again. Call it when everything is loaded: it keeps what was compiled and replaces the process once more, unless
 * it was asked to stop meanwhile. A signal that comes while the process is being replaced is not heard, as at its very beginning.
 */
export async function restartWithoutCompiler(
  stopRequested: AbortSignal,
  self: Process = process as Process,
  cache = { flush: flushCompileCache, folder: getCompileCacheDir },
): Promise<void> {
  const { execPath, execArgv, argv, env, channel, execve, moduleLoadList = [] } = self;
  const isLoaded = moduleLoadList.some((name) => COMPILER.test(name));
  if (!isLoaded || channel || !execve || env[WITHOUT_COMPILER] || cache.folder() === undefined) return;
  cache.flush();
  // A signal that has come is heard between two turns of the event loop.
  await nextTurn();
  await nextTurn();
  if (stopRequested.aborted) return;
  try {
    execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, [WITHOUT_COMPILER]: '1' });
  } catch {
    // Not on this system. The process only needs more memory.
  }
}

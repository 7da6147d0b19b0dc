/**
 * Gives memory back when a process has little to do. Under load V8 lets the heap grow to several times what is in use, because
 * that is fast; it looks again only when more is allocated, so an idle process would keep all of it.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export const SPARE_MEMORY_MS = 5_000;
/** Part of a core. A collection holds the event loop for about 1 ms for each MB in use: nobody must be waiting. */
const IDLE_CPU = 0.1;
/** Since the last collection; less is not worth one. */
const GROWN_BYTES = 64 * 1_024 * 1_024;

/** What is measured and done; a test passes its own. */
export type ProcessMemory = {
  /** Of the process, in microseconds. */
  cpuMicros(): number;
  heapTotalBytes(): number;
  collect(): void;
};

/** A look at the process, to be taken every SPARE_MEMORY_MS. */
export function createMemorySparer(memory: ProcessMemory = processMemory()): () => void {
  let cpuMicros = memory.cpuMicros();
  let keptBytes = 0; // So that the first idle look collects what the start has left.
  return () => {
    const before = cpuMicros;
    cpuMicros = memory.cpuMicros();
    const isIdle = cpuMicros - before < SPARE_MEMORY_MS * 1_000 * IDLE_CPU;
    if (!isIdle || memory.heapTotalBytes() < keptBytes + GROWN_BYTES) return;
    memory.collect();
    keptBytes = memory.heapTotalBytes();
    cpuMicros = memory.cpuMicros();
  };
}

export function processMemory(): ProcessMemory {
  let collect: (() => void) | undefined;
  return {
    cpuMicros() {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    heapTotalBytes: () => process.memoryUsage().heapTotal,
    collect() {
      collect ??= exposedGc();
      collect();
    },
  };
}

/** V8's own collector. The flag is set for the moment of asking only, so that nothing else in the process sees `gc`. */
function exposedGc(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options: object) => void;
  setFlagsFromString('--no-expose-gc');
  return () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

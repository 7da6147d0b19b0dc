/**
 * Gives memory back that V8 keeps because that is fast.
 *
 *     idle   Under load the heap grows to several times what is in use, and V8 looks again only when more is allocated. So the
 *            garbage of an idle process is collected. That holds the event loop for 100 to 300 ms, so it waits for a moment in
 *            which nobody asks for anything.
 *     busy   Pages that a collection has emptied stay with the process, as many as it ever needed at once (--trace-gc calls them
 *            pooled): 65 MB of 300 after a minute of mixed load, and for as long as the load goes on. So they are given back when
 *            they are many.
 */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export const SPARE_MEMORY_MS = 5_000;
/** Part of a core. */
const IDLE_CPU = 0.1;
/** Since the last collection; less is not worth one. */
const GROWN_BYTES = 64 * 1_024 * 1_024;
/** Fewer come and go with each collection. */
const MANY_PAGES_BYTES = 8 * 1_024 * 1_024;
/** Giving them back makes one collection in so many looks longer: 35 ms in place of 15. */
const LOOKS_BETWEEN = 2;

/** What is measured and done; a test passes its own. */
export type ProcessMemory = {
  /** Of the process, in microseconds. */
  cpuMicros(): number;
  heapTotalBytes(): number;
  /** What is resident beside the heap and buffers: the program, other threads, and emptied pages. */
  outsideBytes(): number;
  collect(): void;
  /** Has one of the next collections give emptied pages back, and then calls `done`. */
  giveBackPages(done: () => void): void;
};

/** A look at the process, to be taken every SPARE_MEMORY_MS. `restingMs`: for how long nothing was done for anybody. */
export function createMemorySparer(restingMs: () => number, memory: ProcessMemory = processMemory()): () => void {
  let cpuMicros = memory.cpuMicros();
  let keptBytes = 0; // So that the first idle look collects what the start has left.
  let outsideBytes = Infinity;
  let looks = 0;
  let isGivingBack = false;

  /** Also where the load has ended before a collection came that gives pages back: this one does. */
  function spareWhenIdle(): void {
    if (memory.heapTotalBytes() < keptBytes + GROWN_BYTES && !isGivingBack) return;
    memory.collect();
    keptBytes = memory.heapTotalBytes();
    outsideBytes = memory.outsideBytes();
    cpuMicros = memory.cpuMicros();
  }

  function spareWhenBusy(): void {
    const nowBytes = memory.outsideBytes();
    outsideBytes = Math.min(outsideBytes, nowBytes);
    if (isGivingBack || ++looks < LOOKS_BETWEEN || nowBytes < outsideBytes + MANY_PAGES_BYTES) return;
    looks = 0;
    isGivingBack = true;
    memory.giveBackPages(() => {
      isGivingBack = false;
      outsideBytes = memory.outsideBytes(); // What is still there is something else, and no reason to try again.
    });
  }

  return () => {
    const before = cpuMicros;
    cpuMicros = memory.cpuMicros();
    const isIdle = restingMs() >= SPARE_MEMORY_MS && cpuMicros - before < SPARE_MEMORY_MS * 1_000 * IDLE_CPU;
    if (isIdle) spareWhenIdle();
    else spareWhenBusy();
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
    outsideBytes() {
      const { rss, heapTotal, external } = process.memoryUsage();
      return rss - heapTotal - external;
    },
    collect() {
      collect ??= exposedGc();
      collect();
    },
    giveBackPages,
  };
}

/** V8's own collector. The flag is set for the moment of asking only, so that nothing else in the process sees `gc`. */
function exposedGc(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options: object) => void;
  setFlagsFromString('--no-expose-gc');
  return () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/** Of two collections one has begun under the flag. */
const COLLECTIONS = 2;

/** Under this flag, a collection of the whole heap gives back all pages that it does not need. */
function giveBackPages(done: () => void): void {
  let left = COLLECTIONS;
  const observer = new PerformanceObserver((list) => {
    left -= list.getEntries().filter(isOfWholeHeap).length;
    if (left > 0) return;
    observer.disconnect();
    setFlagsFromString('--no-optimize-for-size');
    done();
  });
  observer.observe({ entryTypes: ['gc'] });
  setFlagsFromString('--optimize-for-size');
}

const isOfWholeHeap = (entry: object): boolean =>
  (entry as { readonly detail?: { readonly kind?: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;

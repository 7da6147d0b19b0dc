/** A process gives back memory that V8 keeps: what a load has left in its heap, and under load the pages that are emptied. */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createMemorySparer, processMemory, SPARE_MEMORY_MS, type ProcessMemory } from '../../src/app/spare-memory.ts';

const MIB = 1_024 * 1_024;

/** A process whose figures the test sets. A collection leaves 60 MiB. */
function setup() {
  const figures = { cpuMicros: 0, heapMib: 60, outsideMib: 70, restingMs: SPARE_MEMORY_MS };
  let collections = 0;
  const givingBack: (() => void)[] = [];
  const memory: ProcessMemory = {
    cpuMicros: () => figures.cpuMicros,
    heapTotalBytes: () => figures.heapMib * MIB,
    outsideBytes: () => figures.outsideMib * MIB,
    collect() {
      collections++;
      figures.heapMib = 60;
    },
    giveBackPages: (done) => void givingBack.push(done),
  };
  const look = createMemorySparer(() => figures.restingMs, memory);
  /** A look after one interval, of which the process has used so much of a core. */
  const lookAfter = (cpuShare: number) => {
    figures.cpuMicros += SPARE_MEMORY_MS * 1_000 * cpuShare;
    look();
    return collections;
  };
  /** Looks at a busy process. Returns how often it was asked for pages so far. */
  const lookWhenBusy = (times: number) => {
    for (let look = 0; look < times; look++) lookAfter(0.9);
    return givingBack.length;
  };
  return { figures, givingBack, lookAfter, lookWhenBusy };
}

test('collects what the start has left', () => {
  const t = setup();
  t.figures.heapMib = 90;
  expect(t.lookAfter(0.01)).toBe(1);
  expect(t.lookAfter(0.01)).toBe(1);
});

test('collects once when the heap has grown by 64 MiB and the process is idle', () => {
  const t = setup();
  expect(t.lookAfter(0.01)).toBe(0);
  t.figures.heapMib = 300;
  expect(t.lookAfter(0.01)).toBe(1);
  t.figures.heapMib = 100;
  expect(t.lookAfter(0.01)).toBe(1);
});

test('leaves a busy process alone, whatever its heap holds', () => {
  const t = setup();
  t.figures.heapMib = 800;
  expect(t.lookAfter(0.5)).toBe(0);
  expect(t.lookAfter(0.11)).toBe(0);
  expect(t.lookAfter(0.09)).toBe(1);
});

test('waits for a moment in which nobody asks for anything, also in a process that has little to do', () => {
  const t = setup();
  t.figures.heapMib = 300;
  t.figures.restingMs = SPARE_MEMORY_MS - 1;
  expect(t.lookAfter(0.01)).toBe(0);
  t.figures.restingMs = SPARE_MEMORY_MS;
  expect(t.lookAfter(0.01)).toBe(1);
});

test('a busy process gives emptied pages back when they are many, at most every 10 seconds', () => {
  const t = setup();
  expect(t.lookWhenBusy(2)).toBe(0);
  t.figures.outsideMib = 70 + 7;
  expect(t.lookWhenBusy(1)).toBe(0);
  t.figures.outsideMib = 70 + 8;
  expect(t.lookWhenBusy(5)).toBe(1); // Until no collection has done it, it is not asked again.
  t.figures.outsideMib = 70;
  t.givingBack[0]!();
  t.figures.outsideMib = 150;
  expect(t.lookWhenBusy(1)).toBe(1);
  expect(t.lookWhenBusy(1)).toBe(2);
});

test('what is still there after that is something else, and is not asked for again', () => {
  const t = setup();
  expect(t.lookWhenBusy(1)).toBe(0);
  t.figures.outsideMib = 150;
  expect(t.lookWhenBusy(1)).toBe(1);
  t.givingBack[0]!();
  expect(t.lookWhenBusy(20)).toBe(1);
  t.figures.outsideMib = 170;
  expect(t.lookWhenBusy(1)).toBe(2);
});

test('where the load ends before a collection gives the pages back, that of the idle process does', () => {
  const t = setup();
  expect(t.lookAfter(0.01)).toBe(0);
  t.lookWhenBusy(1);
  t.figures.outsideMib = 150;
  expect(t.lookWhenBusy(1)).toBe(1);
  expect(t.lookAfter(0.01)).toBe(1);
  t.givingBack[0]!();
  expect(t.lookAfter(0.01)).toBe(1);
});

test('V8 gives emptied pages back under load, once', async () => {
  using load = startLoad();
  await load.until((collections) => collections >= 2, 500_000);
  await load.until((collections) => collections >= 5, 20_000); // From here on, most pages are empty.
  const before = outsideBytes();
  const after: number[] = [];
  processMemory().giveBackPages(() => void after.push(outsideBytes()));
  await load.until((collections) => after.length > 0 && collections >= 9, 20_000);
  expect(after).toHaveLength(1);
  expect(after[0]).toBeLessThan(before - 16 * MIB);
});

const outsideBytes = () => processMemory().outsideBytes();

/** Makes garbage until collections of the whole heap were as many as it is told, and keeps the newest objects. */
function startLoad() {
  let kept: object[] = [];
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as { detail?: { kind?: number } }[]) {
      if (entry.detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections++;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    async until(isEnough: (collections: number) => boolean, most: number): Promise<void> {
      while (!isEnough(collections) || kept.length < most) {
        for (let count = 0; count < 20_000; count++) kept.push({ count, text: `text ${count}` });
        if (kept.length > most) kept = kept.slice(-most);
        await nextTurn();
      }
    },
    [Symbol.dispose]: () => observer.disconnect(),
  };
}

test("V8's own collector frees what nobody holds, and gc is not left in the process", () => {
  let held: string[] | undefined = Array.from({ length: 2_000_000 }, (_, index) => `text ${index}`);
  expect(held).toHaveLength(2_000_000);
  const before = process.memoryUsage().heapUsed;
  held = undefined;
  const look = createMemorySparer(() => SPARE_MEMORY_MS, {
    ...processMemory(),
    cpuMicros: () => 0,
    heapTotalBytes: () => 65 * MIB,
  });
  look();
  expect(process.memoryUsage().heapUsed).toBeLessThan(before - 50 * MIB);
  expect(globalThis).not.toHaveProperty('gc');
});

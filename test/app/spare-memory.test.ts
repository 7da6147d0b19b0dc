/** A process gives back memory that V8 keeps: what a load has left in its heap, and under load the pages that are emptied. */
import { expect, test } from 'vitest';
import { createMemorySparer, processMemory, SPARE_MEMORY_MS, type ProcessMemory } from '../../src/app/spare-memory.ts';

const MIB = 1_024 * 1_024;

/** A process whose figures the test sets. A collection leaves 60 MiB. */
function setup() {
  const figures = { cpuMicros: 0, heapMib: 60, outsideMib: 70 };
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
  const look = createMemorySparer(memory);
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

test('a busy process gives emptied pages back when they are many, at most every 10 seconds', () => {
  const t = setup();
  expect(t.lookWhenBusy(2)).toBe(0);
  t.figures.outsideMib = 70 + 19;
  expect(t.lookWhenBusy(1)).toBe(0);
  t.figures.outsideMib = 70 + 20;
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

test('V8 gives emptied pages back under load, and goes on as before', () => {
  let kept: object[] = [];
  const allocate = (most: number) => {
    for (let count = 0; count < 20_000; count++) kept.push({ count, text: `text ${count}` });
    kept = kept.slice(-most);
  };
  for (let round = 0; round < 60; round++) allocate(1_000_000);
  for (let round = 0; round < 200; round++) allocate(20_000);
  const before = process.memoryUsage();
  const { promise, resolve } = Promise.withResolvers<NodeJS.MemoryUsage>();
  let isDone = false;
  processMemory().giveBackPages(() => {
    isDone = true;
    resolve(process.memoryUsage());
  });
  const goOn = () => {
    allocate(20_000);
    if (!isDone) setImmediate(goOn);
  };
  goOn();
  return promise.then((after) => {
    const spare = ({ rss, heapTotal }: NodeJS.MemoryUsage) => rss - heapTotal;
    expect(spare(after)).toBeLessThan(spare(before) - 16 * MIB);
  });
});

test("V8's own collector frees what nobody holds, and gc is not left in the process", () => {
  let held: string[] | undefined = Array.from({ length: 2_000_000 }, (_, index) => `text ${index}`);
  expect(held).toHaveLength(2_000_000);
  const before = process.memoryUsage().heapUsed;
  held = undefined;
  const look = createMemorySparer({ ...processMemory(), cpuMicros: () => 0, heapTotalBytes: () => 65 * MIB });
  look();
  expect(process.memoryUsage().heapUsed).toBeLessThan(before - 50 * MIB);
  expect(globalThis).not.toHaveProperty('gc');
});

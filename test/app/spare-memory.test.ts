/** An idle process gives back what a load has left in its heap. */
import { expect, test } from 'vitest';
import { createMemorySparer, processMemory, SPARE_MEMORY_MS, type ProcessMemory } from '../../src/app/spare-memory.ts';

const MIB = 1_024 * 1_024;

/** A process whose figures the test sets. A collection leaves 60 MiB. */
function setup() {
  const figures = { cpuMicros: 0, heapMib: 60 };
  let collections = 0;
  const memory: ProcessMemory = {
    cpuMicros: () => figures.cpuMicros,
    heapTotalBytes: () => figures.heapMib * MIB,
    collect() {
      collections++;
      figures.heapMib = 60;
    },
  };
  const look = createMemorySparer(memory);
  /** A look after one interval, of which the process has used so much of a core. */
  const lookAfter = (cpuShare: number) => {
    figures.cpuMicros += SPARE_MEMORY_MS * 1_000 * cpuShare;
    look();
    return collections;
  };
  return { figures, lookAfter };
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

/** What a process holds as the operating system counts it (RSS): at rest, and after many deliveries. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { deliver, setUp, TARGETS } from '../deliver.ts';
import { atMost, type Line } from '../line.ts';

const DELIVERIES = 100_000;
const QUICK_DELIVERIES = 20_000;
/** Longer than the process takes to see that it is idle (src/app/spare-memory.ts). */
const SETTLE_MS = 12_000;
const MB = 1_000_000;

export const memory: Line = {
  name: 'memory at rest and after a load',
  isLong: true,
  budget: 'at most 120 MB at rest and 200 MB after 100,000 deliveries',
  async run(stage, { isQuick }) {
    // The second start: the first one compiles, and fills the database.
    await (await stage.startService({}, 'first start')).end();
    const service = await stage.startService();
    await pause(SETTLE_MS);
    const restBytes = await residentBytes(service.pid);
    const scene = await setUp(stage, service, TARGETS);
    const deliveries = isQuick ? QUICK_DELIVERIES : DELIVERIES;
    await deliver(scene, deliveries);
    await pause(SETTLE_MS);
    const loadedBytes = await residentBytes(service.pid);
    const after = `memory after ${deliveries.toLocaleString('en')} deliveries`;
    const { heapUsed } = await service.memory();
    return [
      atMost(120, { line: 'memory at rest', measured: restBytes / MB, unit: 'MB' }),
      atMost(200, {
        line: after,
        measured: loadedBytes / MB,
        unit: 'MB',
        note: `of which the heap in use ${(heapUsed / MB).toFixed(0)} MB`,
      }),
    ];
  },
};

/** Linux only; NaN elsewhere, which meets no budget. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}

/** Memory of a worker process after a million deliveries, or as many as fit into the time. */
import { deliver, setUp, TARGETS } from '../deliver.ts';
import { atMost, type Line } from '../line.ts';

const NAME = 'worker memory';
const STEP = 50_000;
const MB = 2 ** 20;
/** Fewer say nothing about growth. */
const LEAST_POINTS = 4;

export const workerMemory: Line = {
  name: NAME,
  budget: 'no growth beyond 1 MB per 100,000 deliveries',
  async run(stage, { isQuick, say }) {
    const [deliveries, budgetMs] = isQuick ? [200_000, 30_000] : [1_000_000, 90_000];
    const api = await stage.startService({ ROLES: 'api' }, 'API process');
    const worker = await stage.startService({ ROLES: 'worker' }, 'worker process');
    const scene = await setUp(stage, api, TARGETS);
    const startedAt = performance.now();
    const points: { done: number; rss: number; heapUsed: number }[] = [];
    for (let done = STEP; done <= deliveries; done += STEP) {
      const perSecond = await deliver(scene, STEP);
      points.push({ done, ...(await worker.memory()) });
      const { rss, heapUsed } = points.at(-1)!;
      say(
        `${done} deliveries: ${(rss / MB).toFixed(0)} MB, heap ${(heapUsed / MB).toFixed(1)} MB, ${perSecond.toFixed(0)}/s`,
      );
      if (performance.now() - startedAt > budgetMs) break;
    }
    const last = points.at(-1)!;
    // The first half fills caches, which have their limits.
    const late = points.slice(Math.floor(points.length / 2));
    const growth = (of: 'rss' | 'heapUsed') => slope(late.map((point) => [point.done, point[of]])) * 100_000;
    const many = last.done.toLocaleString('en');
    const note = `heap ${(last.heapUsed / MB).toFixed(1)} MB; resident memory grew by ${(growth('rss') / MB).toFixed(1)} MB per 100,000 over the second half`;
    const grown = { line: `${NAME}, heap growth per 100,000`, measured: growth('heapUsed') / MB, unit: 'MB' };
    return [
      { line: `${NAME} after ${many} deliveries`, measured: last.rss / MB, unit: 'MB', note },
      late.length >= LEAST_POINTS ? atMost(1, grown) : grown,
    ];
  },
};

/** Of the line through the points with the least squares; 0 for fewer than two. */
function slope(points: readonly (readonly [number, number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

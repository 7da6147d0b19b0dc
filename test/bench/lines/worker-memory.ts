/**
 * Memory of a worker process under many deliveries. Its cache of bodies is filled first, by events that have one target
 * each: while it fills, the heap grows as it should, and growth says nothing.
 */
import { deliver, setUp, TARGETS } from '../deliver.ts';
import { atMost, notJudged, type Line } from '../line.ts';
import { eventTypeNames, createTargets } from '../targets.ts';

const NAME = 'worker memory';
/** Between two measurements: as many as the machine delivers in so many seconds, within these bounds. */
const STEP_SECONDS = 8;
const [LEAST_STEP, MOST_STEP] = [20_000, 50_000];
const MB = 2 ** 20;
/** What the cache holds (src/pipeline/bodies.ts), with a tenth on top: it is full when so much has passed through it. */
const CACHE_CHARACTERS = 1.1 * 16 * MB;
const FILLING_EVENTS = 2_000;
/** Of the second half. Fewer say nothing about growth. */
const LEAST_POINTS = 4;

type Point = { readonly done: number; readonly rss: number; readonly heapUsed: number };

export const workerMemory: Line = {
  name: NAME,
  budget: 'no growth beyond 1 MB per 100,000 deliveries',
  isLong: true,
  async run(stage, { isQuick, say }) {
    const [deliveries, budgetMs] = isQuick ? [200_000, 30_000] : [1_000_000, 120_000];
    const api = await stage.startService({ ROLES: 'api' }, 'API process');
    const worker = await stage.startService({ ROLES: 'worker' }, 'worker process');
    const scene = await setUp(stage, api, TARGETS);

    const [, single = ''] = await eventTypeNames(stage.pool, 2);
    await createTargets(api, [{ url: scene.receiver.url('ok'), eventTypes: [single] }]);
    const filling = { ...scene, eventTypes: [single], targetsPerEvent: 1 };
    const bodies = async (): Promise<number> =>
      Number((await stage.pool.query('select coalesce(sum(length(body)), 0) as sum from events')).rows[0].sum);
    for (let characters = 0; characters < CACHE_CHARACTERS; characters = await bodies()) {
      await deliver(filling, FILLING_EVENTS);
    }
    const full = await worker.memory();
    say(`its cache is full: ${(full.rss / MB).toFixed(0)} MB, heap ${(full.heapUsed / MB).toFixed(1)} MB`);

    const startedAt = performance.now();
    const points: Point[] = [];
    let step = LEAST_STEP;
    for (let done = step; done <= deliveries; done += step) {
      const perSecond = await deliver(scene, step);
      points.push({ done, ...(await worker.memory()) });
      step = Math.min(MOST_STEP, Math.max(LEAST_STEP, Math.round((perSecond * STEP_SECONDS) / 1_000) * 1_000));
      const { rss, heapUsed } = points.at(-1)!;
      say(
        `${done} deliveries: ${(rss / MB).toFixed(0)} MB, heap ${(heapUsed / MB).toFixed(1)} MB, ${perSecond.toFixed(0)}/s`,
      );
      if (performance.now() - startedAt > budgetMs) break;
    }
    return rowsOf(points);
  },
};

function rowsOf(points: readonly Point[]) {
  const last = points.at(-1)!;
  const late = points.slice(Math.floor(points.length / 2));
  const growth = (of: 'rss' | 'heapUsed') => slope(late.map((point) => [point.done, point[of]])) * 100_000;
  const note = `heap ${(last.heapUsed / MB).toFixed(1)} MB; resident memory grew by ${(growth('rss') / MB).toFixed(1)} MB per 100,000 over the second half`;
  const grown = { line: `${NAME}, heap growth per 100,000`, measured: growth('heapUsed') / MB, unit: 'MB' };
  const tooFew = `the time was enough for ${points.length} measurements of at least ${2 * LEAST_POINTS}`;
  return [
    { line: `${NAME} after ${last.done.toLocaleString('en')} deliveries`, measured: last.rss / MB, unit: 'MB', note },
    late.length >= LEAST_POINTS ? atMost(1, grown) : notJudged(1, grown, tooFew),
  ];
}

/** Of the line through the points with the least squares; 0 for fewer than two. */
function slope(points: readonly (readonly [number, number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

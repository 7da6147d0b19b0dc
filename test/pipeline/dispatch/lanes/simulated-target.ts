/** A target in virtual time, behind one width: what it is sent, how soon it answers, and what it refuses. */
import {
  beginAt,
  createWidth,
  learn,
  limitWidth,
  type Beginning,
  type Width,
} from '../../../../src/pipeline/dispatch/lanes/width.ts';

export type Target = {
  /** Milliseconds of work for a request; by time, where it changes. */
  readonly workMs: (nowMs: number) => number;
  /** Requests that are worked on at once; the others wait. Default: all. */
  readonly workers?: number;
  /** Requests that are open at once; more are refused at once. Default: all. */
  readonly mostOpen?: number;
};

export type Options = {
  readonly untilMs: number;
  readonly most?: number;
  /** Requests that there are to send: 'always', or one every so many milliseconds. Default: always. */
  readonly everyMs?: number;
  /** By so much the process sees answers late, and knows it. */
  readonly lagMs?: (nowMs: number) => number;
  readonly width?: Width;
};

type Open = {
  readonly sentMs: number;
  readonly endMs: number;
  readonly isRefused: boolean;
  readonly beginning: Beginning;
};

export type Run = {
  readonly width: Width;
  /** Of requests that ended after `fromMs`. */
  after(fromMs: number): { readonly perSecond: number; readonly medianMs: number; readonly refused: number };
  /** The width at the end of each 100 ms. */
  readonly widths: number[];
  readonly mostOpen: number;
};

/** A sequence in [0, 1) that repeats. */
export function createRandom(): () => number {
  let state = 12_345;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

export function simulate(target: Target, options: Options): Run {
  const { workers = Infinity, mostOpen = Infinity } = target;
  const { untilMs, most = 256, everyMs, lagMs = () => 0, width = createWidth() } = options;
  limitWidth(width, most);
  const open: Open[] = []; // By their end.
  const ended: Open[] = [];
  const widths: number[] = [];
  const freeAtMs: number[] = []; // When each worker is done with what it has been given.
  let active = 0;
  let dueMs = 0;
  let highest = 0;

  function send(nowMs: number): void {
    highest = Math.max(highest, ++active);
    const beginning = beginAt(width, active);
    const isRefused = active > mostOpen;
    let startMs = nowMs;
    if (!isRefused && workers < Infinity) {
      freeAtMs.sort((one, other) => one - other);
      if (freeAtMs.length >= workers) startMs = Math.max(nowMs, freeAtMs.shift()!);
    }
    const doneMs = isRefused ? nowMs + 1 : startMs + target.workMs(startMs);
    if (!isRefused && workers < Infinity) freeAtMs.push(doneMs);
    const endMs = doneMs + lagMs(doneMs);
    const at = open.findIndex((other) => other.endMs > endMs);
    open.splice(at === -1 ? open.length : at, 0, { sentMs: nowMs, endMs, isRefused, beginning });
  }

  function fill(nowMs: number): void {
    while (active < Math.floor(width.value)) {
      if (everyMs !== undefined) {
        if (dueMs > nowMs) return;
        dueMs += everyMs;
      }
      send(nowMs);
    }
  }

  let nowMs = 0;
  fill(nowMs);
  while (nowMs < untilMs) {
    const next = open[0];
    nowMs = Math.min(next?.endMs ?? Infinity, everyMs !== undefined && dueMs > nowMs ? dueMs : Infinity);
    if (nowMs === Infinity) break;
    while (widths.length * 100 <= nowMs) widths.push(width.value);
    if (next && next.endMs <= nowMs) {
      open.shift();
      active--;
      ended.push(next);
      const latencyMs = next.isRefused ? undefined : nowMs - next.sentMs;
      const advice = next.isRefused ? 'narrow' : 'widen';
      learn(width, next.beginning, { advice, latencyMs, lagMs: lagMs(nowMs) });
    }
    fill(nowMs);
  }
  return {
    width,
    widths,
    mostOpen: highest,
    after(fromMs) {
      const counted = ended.filter(({ endMs }) => endMs > fromMs);
      const answered = counted.filter(({ isRefused }) => !isRefused);
      const latencies = answered.map(({ sentMs, endMs }) => endMs - sentMs).sort((one, other) => one - other);
      return {
        perSecond: (answered.length / (untilMs - fromMs)) * 1_000,
        medianMs: latencies[Math.floor(latencies.length / 2)] ?? NaN,
        refused: (counted.length - answered.length) / counted.length,
      };
    },
  };
}

/** Draws a chart with uPlot. A module of its own, so that pages without a chart do not load it. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { showValues } from './chart-values.ts';
import { stack, type ChartData } from './series.ts';

type Options = {
  /** bars: the series stand on each other. */
  readonly kind: 'bars' | 'lines';
  readonly format: (value: number) => string;
  readonly height: number;
};

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const DAY_SECONDS = 86_400;

/** In the zone and the language of the reader. Where marks are a day or more apart, the day; else the time. */
const writeTimes = (times: readonly number[], stepSeconds: number): string[] =>
  times.map((time) => (stepSeconds >= DAY_SECONDS ? DAY : TIME).format(time * 1_000));

/** Between marks of the values: 1, 2, 5, 10 and so on. There is no half of an attempt. */
const STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** Returns how to take the chart away. */
export function draw(place: HTMLElement, data: ChartData, { kind, format, height }: Options): () => void {
  const { times, series } = kind === 'bars' ? stack(data) : data;
  const style = getComputedStyle(place);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: colour('soft'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false } };
  // Stacked bars: the tallest is drawn first, the others stand before it.
  const drawn = kind === 'bars' ? series.toReversed() : series;
  const bars = uPlot.paths.bars!({ size: [0.8, 40], gap: 1 });
  const half = times.length > 1 ? (times[1]! - times[0]!) / 2 : 30; // Room for the whole of the first and the last bar.
  const values = showValues(place, data, format);
  const plot = new uPlot(
    {
      width: place.clientWidth,
      height,
      cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === 'lines' } },
      hooks: { setCursor: [({ cursor: { idx, left }, width }) => values.show(idx ?? null, (left ?? 0) < width / 2)] },
      legend: { show: false },
      scales: {
        x: { range: (_plot, low, high) => [low - half, high + half] },
        y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.05)] },
      },
      axes: [
        { ...axis, size: 32, space: 72, values: (_plot, times, _axis, _space, step) => writeTimes(times, step) },
        { ...axis, size: 64, incrs: STEPS, values: (_plot, values) => values.map(format) },
      ],
      series: [
        {},
        ...drawn.map(({ colour: name }) => ({
          stroke: colour(name),
          width: kind === 'bars' ? 0 : 2,
          points: { show: kind === 'lines', size: 6, fill: colour(name) },
          ...(kind === 'bars' && { fill: colour(name), paths: bars }),
        })),
      ],
    },
    [times as number[], ...drawn.map(({ values }) => values as (number | null)[])],
    place,
  );
  const resize = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height }));
  resize.observe(place);
  return () => {
    resize.disconnect();
    plot.destroy();
    values.end();
  };
}

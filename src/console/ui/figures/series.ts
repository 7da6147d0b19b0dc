/** Figures of the service as lines and bars of a chart. */
import type { AttemptOutcome, StatisticsPointsFragment } from '../../generated/graphql.ts';

export type Point = StatisticsPointsFragment;

/** What a chart draws: seconds since 1970, and for each series its value at them; null: there is none. */
export type ChartData = {
  readonly times: readonly number[];
  readonly series: readonly {
    readonly name: string;
    /** The name of a colour of the style sheet. */
    readonly colour: string;
    readonly values: readonly (number | null)[];
  }[];
};

const OUTCOMES: Readonly<Record<AttemptOutcome, string>> = {
  DELIVERED: 'Delivered',
  HTTP_ERROR: 'Answered an error',
  TIMEOUT: 'Timed out',
  CONNECTION_ERROR: 'No connection',
  DNS_ERROR: 'No connection',
  TLS_ERROR: 'No connection',
  FORBIDDEN_ADDRESS: 'Not sent',
  PROXY_ERROR: 'Not sent',
};

const COLOURS = {
  Delivered: 'chart-1',
  'Answered an error': 'chart-2',
  'Timed out': 'chart-3',
  'No connection': 'chart-4',
  'Not sent': 'chart-5',
} as const;

const timesOf = (points: readonly Point[]): number[] => points.map(({ at }) => Date.parse(at) / 1_000);

/** Attempts of each step by how they ended. What never occurred has no series, but delivered always has one. */
export function outcomesOf(points: readonly Point[]): ChartData {
  const series = Object.entries(COLOURS).map(([name, colour]) => ({
    name,
    colour,
    values: points.map(({ outcomes }) =>
      outcomes.reduce((sum, { outcome, count }) => (OUTCOMES[outcome] === name ? sum + count : sum), 0),
    ),
  }));
  return {
    times: timesOf(points),
    series: series.filter(({ name, values }) => name === 'Delivered' || values.some((value) => value > 0)),
  };
}

const PERCENTILES = [
  ['p50', 'chart-1'],
  ['p95', 'chart-3'],
  ['p99', 'chart-2'],
] as const;

/** `durationMs`: of the requests. `latencyMs`: from the publish to the 2xx. */
export const percentilesOf = (points: readonly Point[], figure: 'durationMs' | 'latencyMs'): ChartData => ({
  times: timesOf(points),
  series: PERCENTILES.map(([name, colour]) => ({
    name,
    colour,
    values: points.map((point) => point[figure]?.[name] ?? null),
  })),
});

/** Whether anything happened: else there is nothing to draw. */
export const hasValues = ({ series }: ChartData): boolean => series.some(({ values }) => values.some(Boolean));

/** Each series on top of those before it, as stacked bars are drawn. */
export function stack({ times, series }: ChartData): ChartData {
  const sums = times.map(() => 0);
  return {
    times,
    series: series.map((one) => ({
      ...one,
      values: one.values.map((value, nth) => (sums[nth] = sums[nth]! + (value ?? 0))),
    })),
  };
}

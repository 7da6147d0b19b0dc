/** The spans of time that figures are shown for, and their steps. It stands in the address of the page. */
import { useCallback, useState } from 'react';
import { useSearchParams } from 'wouter';
import type { StatisticsGranularity } from '../../generated/graphql.ts';

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];

/** Minutes are kept for 48 hours, hours for 30 days: 30 days are shown in days, as the oldest hour may just be gone. */
export const FIGURE_RANGES = {
  '1h': { words: '1 hour', granularity: 'MINUTE', stepMs: MINUTE_MS, steps: 60 },
  '24h': { words: '24 hours', granularity: 'HOUR', stepMs: HOUR_MS, steps: 24 },
  '7d': { words: '7 days', granularity: 'HOUR', stepMs: HOUR_MS, steps: 168 },
  '30d': { words: '30 days', granularity: 'DAY', stepMs: DAY_MS, steps: 30 },
} as const satisfies Readonly<Record<string, Range>>;

type Range = {
  readonly words: string;
  readonly granularity: StatisticsGranularity;
  readonly stepMs: number;
  readonly steps: number;
};

export type RangeName = keyof typeof FIGURE_RANGES;

/** Whole steps; the present one is the last. A range without an end would cost as much as all steps that are kept. */
export function figureRange(name: RangeName, now: number): { readonly gte: string; readonly lt: string } {
  const { stepMs, steps } = FIGURE_RANGES[name];
  const endMs = (Math.floor(now / stepMs) + 1) * stepMs;
  return { gte: new Date(endMs - steps * stepMs).toISOString(), lt: new Date(endMs).toISOString() };
}

export type ChosenRange = {
  readonly name: RangeName;
  readonly choose: (name: RangeName) => void;
  /** For a query of statistics. They stay the same until `move`. */
  readonly variables: { readonly granularity: StatisticsGranularity; readonly range: ReturnType<typeof figureRange> };
  /** Moves the range to the present. */
  readonly move: () => void;
};

export function useFigureRange(): ChosenRange {
  const [params, setParams] = useSearchParams();
  const [now, setNow] = useState(() => Date.now());
  const given = params.get('range') ?? '';
  const name = given in FIGURE_RANGES ? (given as RangeName) : '24h';
  return {
    name,
    choose(next) {
      setParams(
        (before) => new URLSearchParams([...before].filter(([key]) => key !== 'range').concat([['range', next]])),
        {
          replace: true,
        },
      );
      setNow(Date.now());
    },
    variables: { granularity: FIGURE_RANGES[name].granularity, range: figureRange(name, now) },
    move: useCallback(() => setNow(Date.now()), []),
  };
}

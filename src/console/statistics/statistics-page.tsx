/** What was sent in a span of time, what came of it, and where it failed most. */
import { Link } from 'wouter';
import { useNews } from '../api/use-news.ts';
import { useQuery } from '../api/use-query.ts';
import { FiguresCharts } from '../ui/figures/figures-charts.tsx';
import { RangeChoice } from '../ui/figures/range-choice.tsx';
import { useFigureRange } from '../ui/figures/figure-range.ts';
import type { OverviewQuery } from '../generated/graphql.ts';
import { Connection } from '../ui/connection.tsx';
import { Failure } from '../ui/failure.tsx';
import { formatCount, formatDuration, formatShare } from '../ui/figures/format.ts';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { ATTEMPT_NEWS, OVERVIEW } from './documents.ts';
import { TopTargets, TopTypes } from './rankings.tsx';
import './statistics.css';

/** So many rows of each ranking. */
const TOP = 10;

/** Both rankings cost 500 each: so they are not read with every attempt. */
const READ_EVERY_MS = 15_000;

export function StatisticsPage() {
  const range = useFigureRange();
  const { data, error, reload } = useQuery(OVERVIEW, { ...range.variables, top: TOP });
  const { state, error: streamError } = useNews({
    document: ATTEMPT_NEWS,
    variables: {},
    everyMs: READ_EVERY_MS,
    onNews() {
      range.move();
      reload();
    },
  });
  const statistics = data?.deliveryStatistics;
  return (
    <>
      <div className="page-head">
        <h1>Statistics</h1>
        <Connection state={state} error={streamError} />
        <RangeChoice range={range} />
      </div>
      {statistics ? (
        <Overview statistics={statistics} />
      ) : error ? (
        <Failure what="The statistics" error={error} onRetry={reload} />
      ) : (
        <Skeleton rows={10} />
      )}
    </>
  );
}

type Statistics = OverviewQuery['deliveryStatistics'];

function Overview({ statistics }: { readonly statistics: Statistics }) {
  const { total, points, byTarget, byEventType, upTo } = statistics;
  if (total.attempts === 0) {
    return (
      <Notice title="Nothing was sent in this time">
        Choose a longer span of time, or <Link href="/targets">send a test event</Link> to a target.
      </Notice>
    );
  }
  const failing = byTarget.filter((one) => one.total.failed > 0);
  return (
    <>
      <dl className="tiles">
        <Tile name="Attempts" value={formatCount(total.attempts)} />
        <Tile name="Delivered" value={formatShare(total.delivered, total.attempts)} />
        <Tile name="Failed attempts" value={formatCount(total.failed)} />
        <Tile name="Retries" value={formatCount(total.retries)} />
        <Tile name="Failed for good" value={formatCount(total.exhausted)} />
        <Tile name="p95 of a request" value={total.durationMs ? formatDuration(total.durationMs.p95) : '–'} />
        <Tile name="p95 to delivery" value={total.latencyMs ? formatDuration(total.latencyMs.p95) : '–'} />
      </dl>
      <FiguresCharts points={points} />
      <section className="block" aria-labelledby="top-targets">
        <h2 id="top-targets">Targets that failed most</h2>
        {failing.length > 0 ? <TopTargets rows={failing} /> : <p className="hint">No attempt failed.</p>}
        {failing.length === TOP && <p className="hint">The first {TOP} are shown.</p>}
      </section>
      <section className="block" aria-labelledby="top-types">
        <h2 id="top-types">Event types, those that failed most first</h2>
        <TopTypes rows={byEventType} />
        {byEventType.length === TOP && <p className="hint">The first {TOP} are shown.</p>}
      </section>
      <p className="hint">
        Attempts up to <Time at={upTo} /> are counted.
      </p>
    </>
  );
}

const Tile = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd className="number">{value}</dd>
  </div>
);

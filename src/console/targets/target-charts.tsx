/** What was sent to one target in a span of time, and what came of it. */
import { useNews } from '../api/use-news.ts';
import { useQuery } from '../api/use-query.ts';
import { FiguresCharts } from '../ui/figures/figures-charts.tsx';
import { RangeChoice } from '../ui/figures/range-choice.tsx';
import { useFigureRange } from '../ui/figures/figure-range.ts';
import { graphql } from '../generated/gql.ts';
import { Failure } from '../ui/failure.tsx';
import { formatShare, plural } from '../ui/figures/format.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { TARGET_ATTEMPTS } from './documents.ts';

const FIGURES = graphql(`
  query TargetStatistics($id: ID!, $granularity: StatisticsGranularity!, $range: DateTimeRange!) {
    webhookTarget(id: $id) {
      statistics(granularity: $granularity, range: $range) {
        total {
          attempts
          delivered
          exhausted
        }
        points {
          ...StatisticsPoints
        }
      }
    }
  }
`);

const READ_EVERY_MS = 15_000;

export function TargetCharts({ id }: { readonly id: string }) {
  const range = useFigureRange();
  const { data, error, reload } = useQuery(FIGURES, { id, ...range.variables });
  useNews({
    document: TARGET_ATTEMPTS,
    variables: { filter: { targetId: id } },
    everyMs: READ_EVERY_MS,
    onNews() {
      range.move();
      reload();
    },
  });
  const statistics = data?.webhookTarget?.statistics;
  return (
    <section className="block" aria-labelledby="figures">
      <div className="page-head">
        <h2 id="figures">Figures</h2>
        <RangeChoice range={range} />
      </div>
      {statistics ? (
        <>
          <p>
            {plural(statistics.total.attempts, 'attempt')},{' '}
            {formatShare(statistics.total.delivered, statistics.total.attempts)} delivered,{' '}
            {plural(statistics.total.exhausted, 'delivery', 'deliveries')} failed for good
          </p>
          {statistics.total.attempts > 0 ? (
            <FiguresCharts points={statistics.points} />
          ) : (
            <p className="hint">Nothing was sent in this time. A test event shows whether the target answers.</p>
          )}
        </>
      ) : error ? (
        <Failure what="The figures" error={error} onRetry={reload} />
      ) : (
        <Skeleton rows={5} />
      )}
    </section>
  );
}

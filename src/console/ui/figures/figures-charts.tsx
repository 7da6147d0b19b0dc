/** The charts of a span of time: attempts by outcome, how long the requests took, and how long until delivery. */
import { formatCount, formatDuration } from './format.ts';
import { Chart } from './chart.tsx';
import { outcomesOf, percentilesOf, type Point } from './series.ts';
import './charts.css';

export const FiguresCharts = ({ points }: { readonly points: readonly Point[] }) => (
  <div className="charts">
    <Chart title="Attempts by outcome" kind="bars" data={outcomesOf(points)} format={formatCount} />
    <Chart title="Time of a request" kind="lines" data={percentilesOf(points, 'durationMs')} format={formatDuration} />
    <Chart
      title="From publish to delivery"
      kind="lines"
      data={percentilesOf(points, 'latencyMs')}
      format={formatDuration}
    />
  </div>
);

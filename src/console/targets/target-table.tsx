/** The rows of targets. Their health follows the attempts as they are recorded. */
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { useNews } from '../api/use-news.ts';
import type { TargetHealthFragment, TargetRowFragment, WebhookTargetFilter } from '../generated/graphql.ts';
import { formatCount, formatDuration, formatShare } from '../ui/figures/format.ts';
import { Table, type Column } from '../ui/tables/table.tsx';
import { TargetStatus } from '../ui/targets/target-status.tsx';
import { Text } from '../ui/text/text.tsx';
import { Time } from '../ui/time.tsx';
import { visibleLine } from '../ui/visible.ts';
import { TARGET_ATTEMPTS } from './documents.ts';
import { useFigures, type Figures } from './figures.ts';
import { newestHealth } from './health.ts';
import { Sparkline } from './sparkline.tsx';
import { TargetTitle } from '../ui/targets/target-title.tsx';

type Props = { readonly targets: readonly TargetRowFragment[]; readonly filter: WebhookTargetFilter };

/** Each time one request for 25 targets, four at most: an API key may have 100 a minute. */
const FIGURES_EVERY_MS = 15_000;

/** For whoever may see deliveries. */
export function WatchedTargetTable({ targets, filter }: Props) {
  const [round, setRound] = useState(0);
  const figures = useFigures(filter, round);
  /** Of each target that an attempt went to since the page was opened, as of its newest attempt. */
  const health = useRef(new Map<string, TargetHealthFragment>()).current;
  useNews({
    document: TARGET_ATTEMPTS,
    variables: {},
    everyMs: FIGURES_EVERY_MS,
    onResult({ data }) {
      const { target } = data.deliveryStatusChanged.delivery;
      health.set(target.id, target);
    },
    onNews: () => setRound((before) => before + 1),
  });
  return <TargetTable targets={targets} figures={figures} health={health} />;
}

type TableProps = {
  readonly targets: readonly TargetRowFragment[];
  readonly figures?: ReadonlyMap<string, Figures>;
  readonly health?: ReadonlyMap<string, TargetHealthFragment>;
};

export const TargetTable = ({ targets, figures, health }: TableProps) => (
  <Table
    label="Targets"
    className="targets"
    columns={COLUMNS}
    keyOf={({ target }) => target.id}
    rows={targets.map((target) => ({
      target,
      health: newestHealth(newestHealth(target, figures?.get(target.id)), health?.get(target.id)),
      figures: figures?.get(target.id)?.statistics,
    }))}
  />
);

type Row = {
  readonly target: TargetRowFragment;
  readonly health: TargetHealthFragment;
  readonly figures: Figures['statistics'] | undefined;
};

const COLUMNS: readonly Column<Row>[] = [
  {
    name: 'Target',
    kind: 'head',
    cell: ({ target: { id, name, url } }) => (
      <>
        <Link href={`/targets/${id}`}>
          <TargetTitle name={name} url={url} />
        </Link>
        <small title={visibleLine(url)}>
          <Text value={url} />
        </small>
      </>
    ),
  },
  { name: 'Status', cell: ({ target }) => <TargetStatus status={target.status} /> },
  { name: 'Success, 24 h', className: 'success', cell: ({ figures }) => figures && <Success figures={figures} /> },
  {
    name: 'p95',
    kind: 'number',
    cell: ({ figures }) => (figures?.total.durationMs ? formatDuration(figures.total.durationMs.p95) : '–'),
  },
  { name: 'Health', className: 'health', cell: ({ health }) => <HealthWords health={health} /> },
];

const Success = ({ figures: { total, points } }: { readonly figures: Figures['statistics'] }) => (
  <span className="share">
    <span className="number">{formatShare(total.delivered, total.attempts)}</span>
    <Sparkline points={points} />
  </span>
);

export function HealthWords({ health }: { readonly health: TargetHealthFragment }) {
  const { failureCount, timeLastHealthy, lastSuccessAt, lastFailureReason } = health;
  if (failureCount === 0) return <span className="soft">{lastSuccessAt ? 'Healthy' : 'Nothing sent yet'}</span>;
  return (
    <span className="failing" title={visibleLine(lastFailureReason ?? '') || undefined}>
      Failing{' '}
      {lastSuccessAt ? (
        <>
          since <Time at={timeLastHealthy} />
        </>
      ) : (
        'from the start'
      )}
      <small>{failureCount === 1 ? 'once' : `${formatCount(failureCount)} times in a row`}</small>
    </span>
  );
}

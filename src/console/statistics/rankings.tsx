/** Where attempts failed most: targets, and event types. */
import { Link } from 'wouter';
import type { OverviewQuery } from '../generated/graphql.ts';
import { TargetTitle } from '../ui/targets/target-title.tsx';
import { Text } from '../ui/text/text.tsx';
import { Table, type Column } from '../ui/tables/table.tsx';
import { formatCount, formatDuration, formatShare } from '../ui/figures/format.ts';

type Statistics = OverviewQuery['deliveryStatistics'];
type Total = Statistics['byTarget'][number]['total'];

const FIGURES: readonly Column<{ readonly total: Total }>[] = [
  { name: 'Failed', kind: 'number', cell: ({ total }) => formatCount(total.failed) },
  { name: 'Attempts', kind: 'number', cell: ({ total }) => formatCount(total.attempts) },
  { name: 'Delivered', kind: 'number', cell: ({ total }) => formatShare(total.delivered, total.attempts) },
  { name: 'p95', kind: 'number', cell: ({ total }) => (total.durationMs ? formatDuration(total.durationMs.p95) : '–') },
];

type TargetRow = Statistics['byTarget'][number];

const TARGET_COLUMNS: readonly Column<TargetRow>[] = [
  {
    name: 'Target',
    kind: 'head',
    cell: ({ target: { id, name, url, deletedAt } }) => (
      <>
        {deletedAt === null ? (
          <Link href={`/targets/${id}`}>
            <TargetTitle name={name} url={url} />
          </Link>
        ) : (
          <>
            <TargetTitle name={name} url={url} /> (deleted)
          </>
        )}
        <small>
          <Text value={url} />
        </small>
      </>
    ),
  },
  ...FIGURES,
];

export const TopTargets = ({ rows }: { readonly rows: readonly TargetRow[] }) => (
  <Table
    label="Targets that failed most"
    className="ranking"
    columns={TARGET_COLUMNS}
    rows={rows}
    keyOf={({ target }) => target.id}
  />
);

type TypeRow = Statistics['byEventType'][number];

const TYPE_COLUMNS: readonly Column<TypeRow>[] = [
  {
    name: 'Event type',
    kind: 'head',
    cell: ({ eventType: { name } }) => (
      <Link href={`/event-types/${name}`}>
        <code>{name}</code>
      </Link>
    ),
  },
  ...FIGURES,
];

export const TopTypes = ({ rows }: { readonly rows: readonly TypeRow[] }) => (
  <Table
    label="Event types"
    className="ranking"
    columns={TYPE_COLUMNS}
    rows={rows}
    keyOf={({ eventType }) => eventType.name}
  />
);

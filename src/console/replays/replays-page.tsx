/** The replays of the organization, live. */
import { useLiveList } from '@hookcast/client/react';
import { Link } from 'wouter';
import { useService } from '../api/service.ts';
import { useMay } from '../api/viewer.tsx';
import type { ReplayRowFragment } from '../generated/graphql.ts';
import { TargetTitle } from '../ui/targets/target-title.tsx';
import { Connection } from '../ui/connection.tsx';
import { formatCount } from '../ui/figures/format.ts';
import { NoRows } from '../ui/live/no-rows.tsx';
import { Notice } from '../ui/notice.tsx';
import { Table, type Column } from '../ui/tables/table.tsx';
import { Time } from '../ui/time.tsx';
import { newestFirst } from '../ui/live/newest-first.ts';
import { REPLAY_CHANGES, REPLAYS } from './documents.ts';
import { MODES } from './progress.ts';
import { ReplayProgress, ReplayStatus } from './replay-status.tsx';
import './replays.css';

const FIRST = 100;

export function ReplaysPage() {
  const mayWrite = useMay('DELIVERIES_WRITE');
  const { items, state, error } = useLiveList({
    ...useService(),
    query: REPLAYS,
    queryVariables: { first: FIRST },
    load: ({ replayStreamCursor, replays }) => ({
      cursor: replayStreamCursor,
      items: replays.nodes,
      hasMore: replays.pageInfo.hasNextPage,
    }),
    subscription: REPLAY_CHANGES,
    subscriptionVariables: {},
    item: ({ replayProgressed }) => replayProgressed.replay,
    order: newestFirst,
  });
  return (
    <>
      <div className="page-head">
        <h1>Replays</h1>
        <Connection state={state} error={error} />
        {mayWrite && (
          <Link href="/replays/new" className="button primary">
            New replay
          </Link>
        )}
      </div>
      {items.length > 0 ? (
        <Table label="Replays" columns={COLUMNS} rows={items} keyOf={({ id }) => id} />
      ) : (
        <NoRows what="The replays" state={state} error={error} rows={6}>
          <Notice title="There are no replays yet">
            A replay sends events of a span of time again: those that failed, those that a target missed, or all.
          </Notice>
        </NoRows>
      )}
      {items.length >= FIRST && <p className="hint">The newest {FIRST} are shown.</p>}
    </>
  );
}

const COLUMNS: readonly Column<ReplayRowFragment>[] = [
  {
    name: 'Replay',
    kind: 'head',
    cell: ({ id, mode, from, until }) => (
      <>
        <Link href={`/replays/${id}`}>{MODES[mode][0]}</Link>
        <small>
          <Time at={from} /> to <Time at={until} />
        </small>
      </>
    ),
  },
  {
    name: 'Status',
    cell: (replay) => (
      <>
        <ReplayStatus status={replay.status} />
        <ReplayProgress replay={replay} />
      </>
    ),
  },
  {
    name: 'Target',
    className: 'across',
    cell: ({ target }) => (target ? <TargetTitle name={target.name} url={target.url} /> : 'Every target'),
  },
  { name: 'Sent again', kind: 'number', cell: ({ replayedCount }) => formatCount(replayedCount) },
  { name: 'Left alone', kind: 'number', cell: ({ skippedCount }) => formatCount(skippedCount) },
  { name: 'Begun', cell: ({ createdAt }) => <Time at={createdAt} /> },
];

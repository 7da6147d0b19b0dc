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
import { Time } from '../ui/time.tsx';
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
    order: (one: ReplayRowFragment, other: ReplayRowFragment) => (one.id < other.id ? 1 : -1),
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
        <ReplayTable replays={items} />
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

const ReplayTable = ({ replays }: { readonly replays: readonly ReplayRowFragment[] }) => (
  <table className="list">
    <thead>
      <tr>
        <th scope="col">Replay</th>
        <th scope="col">Status</th>
        <th scope="col">Target</th>
        <th scope="col" className="number">
          Sent again
        </th>
        <th scope="col" className="number wide">
          Left alone
        </th>
        <th scope="col" className="wide">
          Begun
        </th>
      </tr>
    </thead>
    <tbody>
      {replays.map((replay) => (
        <tr key={replay.id}>
          <th scope="row">
            <Link href={`/replays/${replay.id}`}>{MODES[replay.mode][0]}</Link>
            <small>
              <Time at={replay.from} /> to <Time at={replay.until} />
            </small>
          </th>
          <td>
            <ReplayStatus status={replay.status} />
            <ReplayProgress replay={replay} />
          </td>
          <td>{replay.target ? <TargetTitle name={replay.target.name} url={replay.target.url} /> : 'Every target'}</td>
          <td className="number">{formatCount(replay.replayedCount)}</td>
          <td className="number wide">{formatCount(replay.skippedCount)}</td>
          <td className="wide">
            <Time at={replay.createdAt} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** The list of targets, live, with the health of each at a glance. */
import { useLiveList } from '@hookcast/client/react';
import { Link } from 'wouter';
import { useService } from '../api/service.ts';
import { useMay } from '../api/viewer.tsx';
import type { TargetRowFragment } from '../generated/graphql.ts';
import { Connection } from '../ui/connection.tsx';
import { NoRows } from '../ui/live/no-rows.tsx';
import { Notice } from '../ui/notice.tsx';
import { NeededScope } from '../ui/portal/needed-scope.tsx';
import { SearchField } from '../ui/forms/search-field.tsx';
import { TARGET_STATUSES, TargetStatus } from '../ui/targets/target-status.tsx';
import { newestFirst } from '../ui/live/newest-first.ts';
import { MOST_TARGETS, TARGET_CHANGES, TARGETS } from './documents.ts';
import { keeps, toTargetFilter, useTargetFilter, type TargetListFilter } from './filter.ts';
import { TargetTable, WatchedTargetTable } from './target-table.tsx';
import './targets.css';

export function TargetsPage() {
  const [filter, changeFilter] = useTargetFilter();
  const mayWrite = useMay('TARGETS_WRITE');
  const mayWatch = useMay('DELIVERIES_READ');
  const { items, state, error } = useLiveList({
    ...useService(),
    query: TARGETS,
    queryVariables: { first: MOST_TARGETS, filter: toTargetFilter(filter) },
    load: ({ webhookTargetStreamCursor, webhookTargets }) => ({
      cursor: webhookTargetStreamCursor,
      items: webhookTargets.nodes,
      hasMore: webhookTargets.pageInfo.hasNextPage,
    }),
    subscription: TARGET_CHANGES,
    subscriptionVariables: {},
    item: ({ webhookTargetStatusChanged }) => webhookTargetStatusChanged.target,
    keep: (target: TargetRowFragment) => keeps(filter, target),
    order: newestFirst,
  });
  const Table = mayWatch ? WatchedTargetTable : TargetTable;
  return (
    <>
      <div className="page-head">
        <h1>Targets</h1>
        <Connection state={state} error={error} />
        {mayWrite && (
          <Link href="/targets/new" className="button primary">
            New target
          </Link>
        )}
      </div>
      <TargetFilters filter={filter} onChange={changeFilter} />
      {items.length > 0 ? (
        <Table targets={items} filter={toTargetFilter(filter)} />
      ) : (
        <NoRows what="The targets" state={state} error={error} rows={6}>
          <Empty isFiltered={filter.search !== '' || filter.status.length > 0} mayWrite={mayWrite} />
        </NoRows>
      )}
      {items.length >= MOST_TARGETS && (
        <p className="hint">The newest {MOST_TARGETS} are shown. Search to find the others.</p>
      )}
    </>
  );
}

type FilterProps = {
  readonly filter: TargetListFilter;
  readonly onChange: (change: Partial<TargetListFilter>) => void;
};

function TargetFilters({ filter: { status, search }, onChange }: FilterProps) {
  return (
    <div className="filters" role="search" aria-label="Which targets">
      <SearchField label="Name, description or URL" value={search} onChange={(text) => onChange({ search: text })} />
      <div role="group" aria-label="Status" className="choices">
        {TARGET_STATUSES.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={status.includes(one)}
            onClick={() =>
              onChange({ status: status.includes(one) ? status.filter((other) => other !== one) : [...status, one] })
            }
          >
            <TargetStatus status={one} />
          </button>
        ))}
      </div>
    </div>
  );
}

function Empty({ isFiltered, mayWrite }: { readonly isFiltered: boolean; readonly mayWrite: boolean }) {
  if (isFiltered) return <Notice title="No target is like that">Search for less, or take away a status.</Notice>;
  return (
    <Notice title="There are no targets yet">
      A target is an HTTPS address that receives your events.{' '}
      {mayWrite ? (
        <Link href="/targets/new">Create the first one</Link>
      ) : (
        <>
          You may not create one. <NeededScope scope="TARGETS_WRITE" />
        </>
      )}
    </Notice>
  );
}

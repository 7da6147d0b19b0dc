/** The list of deliveries, live: what a support engineer has open all day. */
import { useLiveList } from '@hookcast/client/react';
import { useState } from 'react';
import { useService } from '../api/service.ts';
import type { DeliveryRowFragment } from '../generated/graphql.ts';
import { Connection } from '../ui/connection.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { DeliveryList } from './delivery-list.tsx';
import { DELIVERIES, DELIVERY_CHANGES } from './documents.ts';
import { FilterBar } from './filter-bar.tsx';
import { isFiltered, toListFilter, toStreamFilter, useFilter } from './filter.ts';
import { useHeld } from './held.ts';
import './deliveries.css';

const PAGE = 100;

export function DeliveriesPage() {
  const [filter, changeFilter] = useFilter();
  const [isPaused, setPaused] = useState(false);
  const [isReading, setReading] = useState(false);
  const { items, state, error } = useLiveList({
    ...useService(),
    query: DELIVERIES,
    queryVariables: { first: PAGE, filter: toListFilter(filter) },
    load: ({ deliveryStreamCursor, deliveries }) => ({
      cursor: deliveryStreamCursor,
      items: deliveries.nodes,
      hasMore: deliveries.pageInfo.hasNextPage,
    }),
    subscription: DELIVERY_CHANGES,
    subscriptionVariables: { filter: toStreamFilter(filter) },
    item: ({ deliveryStatusChanged }) => deliveryStatusChanged.delivery,
    keep: ({ status }: DeliveryRowFragment) => filter.status.length === 0 || filter.status.includes(status),
    order: (one: DeliveryRowFragment, other: DeliveryRowFragment) => (one.id < other.id ? 1 : -1),
  });
  const { rows, waiting, showAll } = useHeld(items, isPaused || isReading);
  return (
    <>
      <div className="page-head">
        <h1>Deliveries</h1>
        <Connection state={state} error={error} />
        <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {isPaused ? 'Go on' : 'Pause'}
        </button>
      </div>
      <FilterBar filter={filter} onChange={changeFilter} />
      <div role="status" className="new-rows">
        {waiting > 0 && (
          <button type="button" className="primary" onClick={showAll}>
            {waiting} new
          </button>
        )}
      </div>
      {rows.length > 0 ? (
        <DeliveryList rows={rows} onReading={setReading} />
      ) : state === 'connecting' ? (
        <Skeleton rows={12} />
      ) : (
        <Empty isFiltered={isFiltered(filter)} error={state === 'ended' ? error : undefined} />
      )}
    </>
  );
}

function Empty({ isFiltered, error }: { readonly isFiltered: boolean; readonly error: unknown }) {
  if (error) {
    return (
      <Notice title="The deliveries cannot be shown" isAlert>
        {error instanceof Error ? error.message : String(error)}
      </Notice>
    );
  }
  if (isFiltered) return <Notice title="No delivery is like that">Take away a filter to see more.</Notice>;
  return (
    <Notice title="There are no deliveries yet">
      A delivery is made for each webhook target that an event is for. Create a target, then publish an event of a type
      that it is subscribed to.
    </Notice>
  );
}

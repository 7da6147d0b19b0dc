/** The list of deliveries, live: what a support engineer has open all day. */
import { useLiveList } from '@hookcast/client/react';
import { useMemo, useRef } from 'react';
import { useSearchParams } from 'wouter';
import { useService } from '../api/service.ts';
import { useMay } from '../api/viewer.tsx';
import type { DeliveryRowFragment } from '../generated/graphql.ts';
import { Search } from '../search/search.tsx';
import { LivePage } from '../ui/live/live-page.tsx';
import { Notice } from '../ui/notice.tsx';
import { rangeOf } from '../ui/filter/time-range.ts';
import { DELIVERY_COLUMNS, DeliveryCells } from '../ui/deliveries/delivery-cells.tsx';
import { DELIVERIES, DELIVERY_STREAM } from '../ui/deliveries/documents.ts';
import { loadDeliveries } from '../ui/deliveries/load-deliveries.ts';
import { newestFirst } from '../ui/live/newest-first.ts';
import { FilterBar, WideStatusFilter } from './filter-bar.tsx';
import { SendAgain } from './send-again.tsx';
import {
  fits,
  isFiltered,
  readFilter,
  toListFilter,
  toStreamFilter,
  writeFilter,
  type DeliveryListFilter,
} from './filter.ts';

const PAGE = 100;
const LIMIT = 10_000;

export function DeliveriesPage() {
  const mayReplay = useMay('DELIVERIES_WRITE');
  const [search, setSearch] = useSearchParams();
  const filter = readFilter(search);
  // "The last hour" ends when it is chosen: a range that moved with the clock would load the list anew all the time.
  const range = useMemo(() => rangeOf(filter.time, Date.now()), [JSON.stringify(filter.time)]);
  const lagMs = useRef<number | null>(null);
  const queryVariables = { first: PAGE, filter: toListFilter(filter, range) };
  const list = useLiveList({
    ...useService(),
    query: DELIVERIES,
    queryVariables,
    nextVariables: (after) => ({ ...queryVariables, after }),
    load: loadDeliveries,
    subscription: DELIVERY_STREAM,
    subscriptionVariables: { filter: toStreamFilter(filter) },
    item({ deliveryStatusChanged }) {
      lagMs.current = deliveryStatusChanged.lagMs;
      return deliveryStatusChanged.delivery;
    },
    keep: (row: DeliveryRowFragment) => fits(filter, range, row),
    order: newestFirst,
    limit: LIMIT,
  });
  const setFilter = (change: Partial<DeliveryListFilter>): void =>
    setSearch(writeFilter({ ...filter, ...change }), { replace: true });
  return (
    <LivePage
      name="Deliveries"
      columns={DELIVERY_COLUMNS}
      cells={(row) => <DeliveryCells row={row} />}
      list={list}
      limit={LIMIT}
      lagMs={lagMs.current}
      actions={mayReplay && <SendAgain rows={list.items} filter={filter} range={range} />}
      filters={
        <>
          <div className="search-line">
            <Search />
            <WideStatusFilter filter={filter} onChange={setFilter} />
          </div>
          <FilterBar
            filter={filter}
            onChange={setFilter}
            onClear={() => setSearch(new URLSearchParams(), { replace: true })}
          />
        </>
      }
      empty={
        isFiltered(filter) ? (
          <Notice title="No delivery is like that">Take away a filter to see more.</Notice>
        ) : (
          <Notice title="There are no deliveries yet">
            A delivery is made for each webhook target that an event is for. Create a target, then publish an event of a
            type that it is subscribed to.
          </Notice>
        )
      }
    />
  );
}

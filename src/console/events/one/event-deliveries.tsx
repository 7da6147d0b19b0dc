/** The deliveries of one event, to all targets, as they happen. */
import { useLiveList } from '@hookcast/client/react';
import { useService } from '../../api/service.ts';
import { EVENT_DELIVERY_COLUMNS, EventDeliveryCells } from '../../ui/deliveries/delivery-cells.tsx';
import type { EventDeliveryRowFragment } from '../../generated/graphql.ts';
import { Connection } from '../../ui/connection.tsx';
import { formatCount } from '../../ui/figures/format.ts';
import { LiveTable } from '../../ui/live/live-table.tsx';
import { NoRows } from '../../ui/live/no-rows.tsx';
import { loadDeliveries } from '../../ui/deliveries/load-deliveries.ts';
import { newestFirst } from '../../ui/live/newest-first.ts';
import { countByStatus } from './count-by-status.ts';
import { EVENT_DELIVERIES, EVENT_DELIVERY_STREAM } from './documents.ts';

/** More than an organization may have targets by default, so every one is there. */
const LIMIT = 10_000;

export function EventDeliveries({ eventId }: { readonly eventId: string }) {
  const queryVariables = { first: 100, eventId };
  const { items, state, error, hasMore, more } = useLiveList({
    ...useService(),
    query: EVENT_DELIVERIES,
    queryVariables,
    nextVariables: (after) => ({ ...queryVariables, after }),
    load: loadDeliveries,
    subscription: EVENT_DELIVERY_STREAM,
    subscriptionVariables: { eventId },
    item: ({ deliveryStatusChanged }) => deliveryStatusChanged.delivery,
    order: newestFirst,
    limit: LIMIT,
  });
  return (
    <section className="event-part" aria-labelledby="deliveries">
      <h2 id="deliveries">
        Deliveries
        {items.length > 0 && <Counts items={items} hasMore={hasMore} />}
        <Connection state={state} error={error} />
      </h2>
      {items.length > 0 ? (
        <LiveTable
          name="Deliveries"
          columns={EVENT_DELIVERY_COLUMNS}
          rows={items}
          cells={(row) => <EventDeliveryCells row={row} />}
          hasMore={hasMore}
          more={more}
          end=""
        />
      ) : (
        <NoRows what="The deliveries" state={state} error={error} rows={2}>
          <p className="soft">No target got this event.</p>
        </NoRows>
      )}
    </section>
  );
}

type CountsProps = { readonly items: readonly EventDeliveryRowFragment[]; readonly hasMore: boolean };

/** As long as older ones are to be loaded, the counts are of the newest only, and say so. */
const Counts = ({ items, hasMore }: CountsProps) => (
  <span className="counts">
    {hasMore && `of the newest ${formatCount(items.length)}: `}
    {countByStatus(items)}
  </span>
);

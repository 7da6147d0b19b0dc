/** The newest deliveries to one target, as they happen. */
import { useLiveList } from '@hookcast/client/react';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { useService } from '../api/service.ts';
import type { DeliveryRowFragment, DeliveryStatus } from '../generated/graphql.ts';
import { RECENT_DELIVERY_COLUMNS, RecentDeliveryCells } from '../ui/deliveries/delivery-cells.tsx';
import { DELIVERIES, DELIVERY_STREAM } from '../ui/deliveries/documents.ts';
import { useHeld } from '../ui/live/held.ts';
import { LiveTable } from '../ui/live/live-table.tsx';
import { NoRows } from '../ui/live/no-rows.tsx';
import { useReading } from '../ui/live/use-reading.ts';
import { Status } from '../ui/status.tsx';
import { loadDeliveries } from '../ui/deliveries/load-deliveries.ts';
import { newestFirst } from '../ui/live/newest-first.ts';

const SHOWN = 10;
/** More are kept than shown: while somebody reads, so many new ones may wait before what is read has to leave. */
const KEPT = 100;

const CHOICES: readonly (DeliveryStatus | null)[] = [null, 'RETRYING', 'FAILED'];

export function TargetDeliveries({ targetId }: { readonly targetId: string }) {
  const [status, setStatus] = useState<DeliveryStatus | null>(null);
  const around = useRef<HTMLDivElement>(null);
  const { items, state, error } = useNewest(targetId, status);
  const { rows, waiting, showAll } = useHeld(items, useReading(around));
  const shown = (rows.length > 0 ? rows : items).slice(0, SHOWN);
  return (
    <section className="block" aria-labelledby="recent">
      <div className="page-head">
        <h2 id="recent">Recent deliveries</h2>
        <div className="choices" role="group" aria-label="Which deliveries">
          {CHOICES.map((choice) => (
            <button key={choice} type="button" aria-pressed={choice === status} onClick={() => setStatus(choice)}>
              {choice === null ? 'All' : <Status status={choice} />}
            </button>
          ))}
        </div>
        {waiting > 0 && (
          <button type="button" onClick={showAll}>
            {waiting} new
          </button>
        )}
        <Link href={`/deliveries?targetId=${targetId}${status === null ? '' : `&status=${status}`}`}>
          All deliveries
        </Link>
      </div>
      <div ref={around}>
        {shown.length > 0 ? (
          <LiveTable
            name="Recent deliveries"
            columns={RECENT_DELIVERY_COLUMNS}
            rows={shown}
            cells={(row) => <RecentDeliveryCells row={row} />}
            hasMore={false}
            more={async () => {}}
            end=""
          />
        ) : (
          <NoRows what="The deliveries" state={state} error={error} rows={4}>
            <p className="soft">{status === null ? 'Nothing was sent to it yet.' : 'There are none.'}</p>
          </NoRows>
        )}
      </div>
    </section>
  );
}

/** `status`: null, those of every status. */
function useNewest(targetId: string, status: DeliveryStatus | null) {
  const filter = { targetId };
  return useLiveList({
    ...useService(),
    query: DELIVERIES,
    queryVariables: { first: SHOWN, filter: { ...filter, ...(status !== null && { status: [status] }) } },
    load: loadDeliveries,
    subscription: DELIVERY_STREAM,
    subscriptionVariables: { filter },
    item: ({ deliveryStatusChanged }) => deliveryStatusChanged.delivery,
    keep: (row: DeliveryRowFragment) => status === null || row.status === status,
    order: newestFirst,
    limit: KEPT,
  });
}

import { useLiveList, useWatch } from '@hookcast/client/react';

const LIST = `query Failed($behind: String) {
  deliveryStreamCursor
  deliveries(first: 50, after: $behind, filter: { status: [PENDING, FAILED] }) {
    nodes { id status }
    pageInfo { hasNextPage endCursor }
  }
}`;
const CHANGES = `subscription Changes($after: String) {
  deliveryStatusChanged(after: $after) { cursor delivery { id status } }
}`;

type Delivery = { id: string; status: string };
type PageInfo = { hasNextPage: boolean; endCursor: string | null };
type List = { deliveryStreamCursor: string; deliveries: { nodes: Delivery[]; pageInfo: PageInfo } };
type Changes = { deliveryStatusChanged: { delivery: Delivery } };
type Props = { url: string; getApiKey: () => Promise<string>; transport: 'auto' | 'websocket' | 'sse' };

/** The deliveries that are not through, newest first. */
export function OpenDeliveries(service: Props) {
  const { items, state, hasMore, more } = useLiveList({
    ...service,
    query: LIST,
    load: ({ deliveryStreamCursor, deliveries }: List) => ({
      cursor: deliveryStreamCursor,
      items: deliveries.nodes,
      hasMore: deliveries.pageInfo.hasNextPage,
      end: deliveries.pageInfo.endCursor,
    }),
    nextVariables: (end) => ({ behind: end }),
    subscription: CHANGES,
    item: ({ deliveryStatusChanged }: Changes) => deliveryStatusChanged.delivery,
    keep: ({ status }) => status === 'PENDING' || status === 'FAILED', // What the query's filter says.
    order: (one, other) => (one.id < other.id ? 1 : -1),
    limit: 1_000,
  });
  return (
    <>
      <ul data-state={state}>
        {items.map(({ id, status }) => (
          <li key={id} id={id}>
            {status}
          </li>
        ))}
      </ul>
      {hasMore && <button onClick={() => void more()}>Older</button>}
    </>
  );
}

/** The newest change after `after`. */
export function LastChange({ after, onChange, ...service }: Props & { after: string; onChange: (id: string) => void }) {
  const { result, state, error } = useWatch<Changes>({
    ...service,
    document: CHANGES,
    after,
    onResult: ({ data }) => onChange(data.deliveryStatusChanged.delivery.id),
  });
  if (state === 'ended') return <p role="alert">{String(error)}</p>;
  return <p data-state={state}>{result?.data.deliveryStatusChanged.delivery.status}</p>;
}

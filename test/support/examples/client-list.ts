import { liveList } from '@hookcast/client';

const LIST = `query Deliveries {
  deliveryStreamCursor
  deliveries(first: 50) { nodes { id status createdAt } pageInfo { hasNextPage } }
}`;
const CHANGES = `subscription Changes($after: String) {
  deliveryStatusChanged(after: $after) { cursor delivery { id status createdAt } }
}`;

type Delivery = { id: string; status: string; createdAt: string };
type List = { deliveryStreamCursor: string; deliveries: { nodes: Delivery[]; pageInfo: { hasNextPage: boolean } } };
type Changes = { deliveryStatusChanged: { delivery: Delivery } };
type Options = { url: string; getApiKey: () => Promise<string>; transport: 'auto' | 'websocket' | 'sse' };

export function showDeliveries(options: Options, show: (deliveries: readonly Delivery[], state: string) => void) {
  const list = liveList({
    ...options,
    query: LIST,
    load: ({ deliveryStreamCursor, deliveries }: List) => ({
      cursor: deliveryStreamCursor,
      items: deliveries.nodes,
      hasMore: deliveries.pageInfo.hasNextPage,
    }),
    subscription: CHANGES,
    item: ({ deliveryStatusChanged }: Changes) => deliveryStatusChanged.delivery,
    order: (one, other) => (one.id < other.id ? 1 : -1), // Ids begin with the time: newest first.
    limit: 50,
  });
  list.subscribe(() => show(list.getSnapshot().items, list.getSnapshot().state));
  return list.stop;
}

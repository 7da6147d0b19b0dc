type Loaded<Row> = {
  readonly deliveryStreamCursor: string;
  readonly deliveries: {
    readonly nodes: readonly Row[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

/** What a live list takes from an answer with deliveries. */
export const loadDeliveries = <Row>({ deliveryStreamCursor, deliveries: { nodes, pageInfo } }: Loaded<Row>) => ({
  cursor: deliveryStreamCursor,
  items: nodes,
  hasMore: pageInfo.hasNextPage,
  end: pageInfo.endCursor,
});

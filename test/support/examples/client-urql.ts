import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { keys, resumeExchange } from '@hookcast/client/urql';

const LIST = gql`
  query Deliveries {
    deliveryStreamCursor
    deliveries(first: 50) {
      nodes {
        id
        status
      }
    }
  }
`;
const CHANGES = gql`
  subscription Changes($after: String) {
    deliveryStatusChanged(after: $after) {
      cursor
      delivery {
        id
        status
      }
    }
  }
`;

type Changes = { deliveryStatusChanged: { delivery: { id: string; status: string } } };
type Options = { url: string; getApiKey: () => Promise<string>; transport: 'auto' | 'websocket' | 'sse' };

export function createClient(options: Options): Client {
  const { url, getApiKey } = options;
  const reload = async () => {
    const { data } = await client.query(LIST, {}, { requestPolicy: 'network-only' });
    return data.deliveryStreamCursor as string;
  };
  const client = new Client({
    url,
    preferGetMethod: false,
    fetch: async (input, init) =>
      fetch(input, { ...init, headers: { ...init?.headers, 'x-api-key': await getApiKey() } }),
    exchanges: [cacheExchange({ keys }), resumeExchange({ ...options, reload }), fetchExchange],
  });
  return client;
}

export function showChanges(client: Client, after: string, show: (id: string) => void) {
  return client
    .subscription<Changes>(CHANGES, { after })
    .subscribe(({ data }) => show(data!.deliveryStatusChanged.delivery.id));
}

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { cacheConfig, resumeLink } from '@hookcast/client/apollo';

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

export function createClient(options: Options): ApolloClient {
  const { url, getApiKey } = options;
  const withKey = new SetContextLink(async ({ headers }) => ({
    headers: { ...headers, 'x-api-key': await getApiKey() },
  }));
  // Whatever shows the list is drawn anew, and the subscription goes on from the moment at which it was loaded.
  const reload = async () => {
    const { data } = await client.query<{ deliveryStreamCursor: string }>({ query: LIST, fetchPolicy: 'network-only' });
    return data!.deliveryStreamCursor;
  };
  const client = new ApolloClient({
    cache: new InMemoryCache(cacheConfig),
    link: ApolloLink.from([resumeLink({ ...options, reload }), withKey, new HttpLink({ uri: url })]),
  });
  return client;
}

/** Each change writes its delivery into the cache, so every query that shows it is current too. */
export function showChanges(client: ApolloClient, after: string, show: (id: string) => void) {
  return client
    .subscribe<Changes>({ query: CHANGES, variables: { after } })
    .subscribe(({ data }) => show(data!.deliveryStatusChanged.delivery.id));
}

import { relayNetwork } from '@hookcast/client/relay';
import { Environment, Network, Observable, RecordSource, Store } from 'relay-runtime';

type Options = { url: string; getApiKey: () => Promise<string>; transport: 'auto' | 'websocket' | 'sse' };

export function createEnvironment(options: Options): Environment {
  const { fetch, subscribe } = relayNetwork(options);
  return new Environment({
    network: Network.create(fetch, (request, variables) => Observable.create(subscribe(request, variables))),
    store: new Store(new RecordSource()),
  });
}

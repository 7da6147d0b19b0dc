/** Subscribers that note what they were shown, and from where. */
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { PlaceOf } from '../../support/cursors.ts';
import { watch as watchSse } from '../../support/examples/watch-sse.ts';
import { watch as watchWs } from '../../support/examples/watch-ws.ts';
import { API_KEY } from './service.ts';

type Change = { readonly cursor: string; readonly delivery: { readonly id: string } };
type Watch = (options: WatchOptions) => AsyncGenerator<Change>;
type WatchOptions = Parameters<typeof watchWs>[0];

export type Subscriber = {
  readonly name: string;
  /** `xid.seq` of each change, as it came. */
  readonly seen: string[];
  /** Resolves when the last change, that of delivery `lastId`, was seen. */
  readonly finished: Promise<void>;
};

type Options = {
  readonly origins: readonly string[];
  /** Where all begin. */
  readonly cursor: string;
  /** The delivery whose change is the last one. */
  readonly lastId: string;
  readonly placeOf: PlaceOf;
  /** After so many changes the third subscriber leaves, and goes on at another process. */
  readonly stayFor: number;
};

/** Over WebSocket and over SSE, with the code of the guide for clients; and two that select what `Watch` of the README does. */
export const startSubscribers = (options: Options): Subscriber[] => [
  start('over WebSocket', watchWs, { ...options, origins: options.origins.slice(0, 1), stayFor: Infinity }),
  start('over SSE', watchSse, { ...options, origins: options.origins.slice(-1), stayFor: Infinity }),
  start('with the full selection', watchFull, { ...options, stayFor: Infinity }),
  start('with the full selection, from one process to the other every 500 changes', watchFull, options),
];

function start(name: string, watch: Watch, { origins, cursor, lastId, placeOf, stayFor }: Options): Subscriber {
  const seen: string[] = [];
  const reload = () => Promise.reject(new Error('No cursor of this suite is ever too old'));

  const follow = async (): Promise<void> => {
    let from = cursor;
    for (let turn = 0; ; turn++) {
      const url = `${origins[turn % origins.length]}/graphql`;
      for await (const change of watch({ url, apiKey: API_KEY, cursor: from, reload })) {
        from = change.cursor;
        seen.push(placeOf(from));
        if (change.delivery.id === lastId) return;
        if (seen.length % stayFor === 0) break;
      }
    }
  };
  return { name, seen, finished: follow() };
}

/** The selection of `Watch` in the README. */
const FULL = `subscription ($after: String) {
  deliveryStatusChanged(after: $after) {
    cursor previousStatus status
    attempt { number outcome responseStatus error durationMs }
    delivery { id nextAttemptAt target { url } event { id } }
  }
}`;

/** Selects rows that Postgres has to be asked for while it may be away. Ends when its stream does, for the next turn. */
async function* watchFull({ url, apiKey, cursor }: WatchOptions): AsyncGenerator<Change> {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { apiKey },
    retryAttempts: 0,
  });
  const request = { query: FULL, variables: { after: cursor } };
  try {
    for await (const { data, errors } of client.iterate<{ deliveryStatusChanged: Change }>(request)) {
      if (errors) throw errors;
      yield data!.deliveryStatusChanged;
    }
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    await client.dispose();
  }
}

/** Subscribers that note what they were shown, by place and content, and how often they were told to begin anew. */
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { watch as watchWs } from '../../support/examples/watch-ws.ts';
import type { PlaceOf } from '../../support/cursors.ts';
import { API_KEY } from './service.ts';

export type Watcher = {
  /** `xid.seq` and the delivery of each change, as it came; a list for each time the watcher began. */
  readonly seen: string[][];
  /** Of the last change that was shown. */
  cursor(): string;
  /** Where the watcher began anew, each time it was told CURSOR_EXPIRED. */
  readonly reloads: string[];
  /** Resolves when the change of delivery `lastId` was seen. */
  readonly finished: Promise<void>;
};

type Options = {
  readonly origin: string;
  readonly cursor: string;
  readonly lastId: string;
  readonly placeOf: PlaceOf;
  /** What lists are read with, after CURSOR_EXPIRED. */
  readonly reload: () => Promise<string>;
};

/** With the code of the guide for clients. */
export function startWatcher({ origin, cursor, lastId, placeOf, reload }: Options): Watcher {
  const seen: string[][] = [[]];
  const reloads: string[] = [];
  let last = cursor;
  const anew = async (): Promise<string> => {
    const from = await reload();
    reloads.push(from);
    seen.push([]);
    return from;
  };
  const follow = async (): Promise<void> => {
    for await (const change of watchWs({ url: `${origin}/graphql`, apiKey: API_KEY, cursor, reload: anew })) {
      last = change.cursor;
      seen.at(-1)!.push(`${placeOf(last)} ${change.delivery.id}`);
      if (change.delivery.id === lastId) return;
    }
  };
  return { seen, reloads, cursor: () => last, finished: follow() };
}

/** The code of the error that a subscription from `cursor` is answered; undefined when it shows a change. */
export async function refusalOf(origin: string, cursor: string): Promise<string | undefined> {
  const url = `${origin.replace('http', 'ws')}/graphql`;
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { apiKey: API_KEY },
    retryAttempts: 0,
  });
  const query = 'subscription ($after: String) { deliveryStatusChanged(after: $after) { cursor } }';
  try {
    for await (const { errors } of client.iterate({ query, variables: { after: cursor } })) {
      return errors?.[0]?.extensions?.['code'] as string | undefined;
    }
  } catch (error) {
    const [first] = Array.isArray(error) ? error : [];
    if (!first) throw error;
    return first.extensions.code;
  } finally {
    await client.dispose();
  }
  return undefined;
}

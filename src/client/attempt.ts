/** One attempt to follow a stream, from the list and the API key to the end of the connection. */
import type { Chooser } from './transport/choose-transport.ts';
import type { StreamResult } from './transport/stream-request.ts';
import { type Aged, isLate } from './lag.ts';
import { unlessAborted } from './pause.ts';
import { withoutCursor } from './request/read-document.ts';
import { faultsToError } from './request/watch-error.ts';
import type { FollowOptions, WatchResult } from './watch-options.ts';

type Options = FollowOptions & {
  readonly chooser: Chooser;
  /** Where to begin. The attempt fills it when it has loaded the list. */
  readonly place: { cursor: string | null };
  readonly onOpen: () => void;
};

export type WatchStep<Data> = { readonly result: WatchResult<Data>; readonly isLate: boolean };

/** Yields results, and returns why it ended. It never throws. */
export async function* attempt<Data>(options: Options): AsyncGenerator<WatchStep<Data>, unknown, undefined> {
  const { url, getApiKey, organizationId, document, variables, after, place, signal, chooser, onOpen } = options;
  try {
    if (place.cursor === null && typeof after === 'function') place.cursor = await unlessAborted(after(), signal);
    const apiKey = await unlessAborted(getApiKey(), signal);
    const connect = chooser.next();
    const results = connect({
      url: new URL(url, globalThis.location?.href).href,
      apiKey,
      organizationId,
      payload: {
        query: document.text,
        variables: { ...variables, ...(place.cursor !== null && { [document.afterVariable]: place.cursor }) },
      },
      signal,
      onOpen() {
        chooser.opened(connect);
        onOpen();
      },
    });
    for await (const result of results) yield readStep(result);
    return undefined;
  } catch (error) {
    chooser.failed(error);
    return error;
  }
}

function readStep<Data>({ data, errors }: StreamResult): WatchStep<Data> {
  const [change] = Object.values(data ?? {}) as (({ cursor?: unknown } & Aged) | null)[];
  if (!change) throw faultsToError(errors ?? []);
  const { cursor } = change;
  if (typeof cursor !== 'string') throw withoutCursor();
  return { result: { data: data as Data, ...(errors && { errors }), cursor }, isLate: isLate(change) };
}

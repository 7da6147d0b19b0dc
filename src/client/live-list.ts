/**
 * A list that stays current: it is loaded once, and the stream changes it from the moment at which it was loaded.
 *
 * Changes are gathered and enter the list together: with the next frame where few come, and four times a second where hundreds do.
 * However many come, memory holds one state of each changed item.
 */
import { createRows, type RowsOptions } from './page/rows.ts';
import { execute } from './request/execute.ts';
import type { AnyDocument } from './request/print-document.ts';
import type { WatchOptions, WatchState } from './watch-options.ts';
import { createView } from './page/view.ts';
import { watch } from './watch.ts';

export type LiveListOptions<Item, List, ListVariables, Change, ChangeVariables> = Pick<
  WatchOptions<Change, ChangeVariables>,
  'url' | 'getApiKey' | 'organizationId' | 'transport' | 'delayMs'
> & {
  /** The list query. It asks for the cursor of the stream too, for example `deliveryStreamCursor`. */
  readonly query: AnyDocument<List, ListVariables>;
  readonly queryVariables?: NoInfer<ListVariables> | undefined;
  /** The variables of the query for the items behind `end` of a page. Without it, `more` does nothing. */
  readonly nextVariables?: ((end: string) => NoInfer<ListVariables>) | undefined;
  /** The subscription, as `watch` takes it. */
  readonly subscription: AnyDocument<Change, ChangeVariables>;
  readonly subscriptionVariables?: NoInfer<ChangeVariables> | undefined;
} & RowsOptions<Item, List, Change>;

export type LiveListView<Item> = {
  readonly items: readonly Item[];
  /** Whether there are items behind these, and the list has room for them below its `limit`. */
  readonly hasMore: boolean;
  readonly state: WatchState;
  /** Why the list is not live: set while it tries again, and when it has ended by an error. */
  readonly error: unknown;
};

export type LiveList<Item> = {
  /** The same object until something changes. */
  getSnapshot(): LiveListView<Item>;
  /** Calls the listener after each change, at most once a frame. Returns how to end that. */
  subscribe(listener: () => void): () => void;
  /**
   * Loads the next items, and ends when the list has them. Calls at once share one request. Rejects with the error of the query;
   * the list goes on as it is, and `more` may be called again.
   */
  more(): Promise<void>;
  /** Ends the list. What it shows stays. */
  stop(): void;
};

/** Loads the list and keeps it current until `stop`. Throws BAD_DOCUMENT at once when the subscription cannot be resumed. */
export function liveList<Item, List, ListVariables, Change, ChangeVariables>(
  options: LiveListOptions<Item, List, ListVariables, Change, ChangeVariables>,
): LiveList<Item> {
  const { url, getApiKey, organizationId, transport, delayMs, query, queryVariables, nextVariables } = options;
  const { subscription, subscriptionVariables } = options;
  const stop = new AbortController();
  const view = createView<LiveListView<Item>>({ items: [], hasMore: false, state: 'connecting', error: undefined });
  let round = new AbortController();
  const reload = (): void => round.abort();
  const rows = createRows(
    options,
    (items, hasMore) => view.change({ items, hasMore: hasMore && nextVariables !== undefined }),
    () => (nextVariables ? void more().catch(reload) : reload()),
  );

  const fetchList = (variables: ListVariables | undefined): Promise<List> =>
    execute({ url, getApiKey, organizationId, document: query, variables, signal: stop.signal });
  const after = async (): Promise<string> => rows.load(await fetchList(queryVariables));
  let extending: Promise<void> | undefined;
  const more = (): Promise<void> => {
    if (!nextVariables || stop.signal.aborted) return Promise.resolve();
    extending ??= rows
      .extend((end) => fetchList(end === null ? queryVariables : nextVariables(end)))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      })
      .finally(() => (extending = undefined));
    return extending;
  };
  const follow = (isFirst: boolean) =>
    watch({
      url,
      getApiKey,
      organizationId,
      transport,
      delayMs,
      document: subscription,
      variables: subscriptionVariables,
      after,
      signal: AbortSignal.any([stop.signal, round.signal]),
      onState(state, error) {
        if (state !== 'ended') view.change({ state: isFirst || state !== 'connecting' ? state : 'reloading', error });
      },
    });
  const run = async (changes: ReturnType<typeof follow>): Promise<void> => {
    for await (const { data } of changes) rows.add(data);
    if (stop.signal.aborted) return;
    round = new AbortController(); // The list has become too short, so it is loaded again.
    return run(follow(false));
  };
  run(follow(true))
    .catch((error: unknown) => error)
    .then((error) => view.change({ state: 'ended', error }));
  return {
    getSnapshot: view.get,
    subscribe: view.subscribe,
    more,
    stop() {
      rows.stop();
      stop.abort();
    },
  };
}

/**
 * A list that stays current: it is loaded once, and the stream changes it from the moment at which it was loaded.
 *
 * Changes are gathered and enter the list together, once a frame: however many come, a page draws at most once a frame, and
 * memory holds one state of each changed item.
 */
import { execute } from './request/execute.ts';
import { onNextFrame } from './page/frame.ts';
import { type ListPart, type ListRules, mergeList, startList } from './page/merge-list.ts';
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
  /** What the query has loaded. `hasMore`: whether there are more items behind these; it may be left out when there never are. */
  readonly load: (list: List) => { items: readonly Item[]; cursor: string; hasMore?: boolean };
  /** The subscription, as `watch` takes it. */
  readonly subscription: AnyDocument<Change, ChangeVariables>;
  readonly subscriptionVariables?: NoInfer<ChangeVariables> | undefined;
  /** The item as the change shows it, with all fields that the query selects; null: the change does not concern the list. */
  readonly item: (change: Change) => Item | null;
} & Partial<Omit<ListRules<Item>, 'order'>> &
  Pick<ListRules<Item>, 'order'>;

export type LiveListView<Item> = {
  readonly items: readonly Item[];
  readonly state: WatchState;
  /** Why the list is not live: set while it tries again, and when it has ended by an error. */
  readonly error: unknown;
};

export type LiveList<Item> = {
  /** The same object until something changes. */
  getSnapshot(): LiveListView<Item>;
  /** Calls the listener after each change, at most once a frame. Returns how to end that. */
  subscribe(listener: () => void): () => void;
  /** Ends the list. What it shows stays. */
  stop(): void;
};

/** Gathered changes enter the list at once when they are so many. */
const MAX_GATHERED = 1_000;

/** Loads the list and keeps it current until `stop`. Throws BAD_DOCUMENT at once when the subscription cannot be resumed. */
export function liveList<Item, List, ListVariables, Change, ChangeVariables>(
  options: LiveListOptions<Item, List, ListVariables, Change, ChangeVariables>,
): LiveList<Item> {
  const {
    url,
    getApiKey,
    organizationId,
    transport,
    delayMs,
    query,
    queryVariables,
    subscription,
    subscriptionVariables,
  } = options;
  const stop = new AbortController();
  const view = createView<LiveListView<Item>>({ items: [], state: 'connecting', error: undefined });
  let round = new AbortController();
  const rows = createRows(
    options,
    (items) => view.change({ items }),
    () => round.abort(),
  );

  const after = async (): Promise<string> => {
    const { signal } = stop;
    const list = await execute({ url, getApiKey, organizationId, document: query, variables: queryVariables, signal });
    return rows.load(list);
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
    stop() {
      rows.stop();
      stop.abort();
    },
  };
}

type Rows<List, Change> = {
  /** Begins anew with a list, and returns its cursor. */
  load(list: List): string;
  add(change: Change): void;
  stop(): void;
};

function createRows<Item, List, Change>(
  options: Pick<
    LiveListOptions<Item, List, never, Change, never>,
    'load' | 'item' | 'order' | 'key' | 'keep' | 'limit'
  >,
  onItems: (items: readonly Item[]) => void,
  onShort: () => void,
): Rows<List, Change> {
  const { load, item, order, key = idOf, keep = () => true, limit = Infinity } = options;
  const rules: ListRules<Item> = { key, order, keep, limit };
  const gathered = new Map<string, Item>();
  let part: ListPart<Item> = { items: [], edge: null };
  let loaded = 0;
  let cancel: (() => void) | undefined;
  const reset = (next: ListPart<Item>): void => {
    cancel?.();
    cancel = undefined;
    gathered.clear();
    if (next !== part) onItems((part = next).items);
  };
  const settle = (): void => {
    reset(mergeList(part, gathered, rules));
    // What stands behind the edge would fill the list, but only the service knows it.
    if (part.edge !== null && part.items.length < loaded / 2) onShort();
  };
  return {
    load(list) {
      const { items, cursor, hasMore = false } = load(list);
      reset(startList(items, !hasMore, rules));
      loaded = part.items.length;
      return cursor;
    },
    add(change) {
      const changed = item(change);
      if (changed === null) return;
      gathered.set(key(changed), changed);
      if (gathered.size >= MAX_GATHERED) settle();
      else cancel ??= onNextFrame(settle);
    },
    stop: () => reset(part),
  };
}

const idOf = (item: unknown): string => (item as { readonly id: string }).id;

/** For React 18 and newer: streams and lists as hooks. They run while their component is on the page. */
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { type LiveList, liveList, type LiveListOptions, type LiveListView } from './live-list.ts';
import { type AnyDocument, textOf } from './request/print-document.ts';
import { type NewestOptions, type NewestView, type Running, watchNewest } from './watch-newest.ts';

export type { NewestOptions, NewestView } from './watch-newest.ts';

/**
 * Watches a stream, and returns its newest result. It begins anew when `url`, `organizationId`, `transport`, `document` or the
 * content of `variables` changes. Functions may be new at each render: the newest are called.
 */
export function useWatch<Data, Variables = object>(options: NewestOptions<Data, Variables>): NewestView<Data> {
  const { url, organizationId, transport, document, variables } = options;
  const identity = [url, organizationId, transport, asText(document), variables];
  return useRunning<typeof options, NewestView<Data>>(watchNewest<Data, Variables>, options, identity, NOTHING).value;
}

/**
 * Keeps a list current. It begins anew when `url`, `organizationId`, `transport`, a document, the content of its variables or
 * `limit` changes. `more` loads the next items; it stays the same function until the list begins anew.
 */
export function useLiveList<Item, List, ListVariables, Change, ChangeVariables>(
  options: LiveListOptions<Item, List, ListVariables, Change, ChangeVariables>,
): LiveListView<Item> & Pick<LiveList<Item>, 'more'> {
  const { url, organizationId, transport, query, queryVariables, subscription, subscriptionVariables, limit } = options;
  const texts = [asText(query), asText(subscription)];
  const identity = [url, organizationId, transport, texts, queryVariables, subscriptionVariables, limit];
  const { value, getRunning } = useRunning<typeof options, LiveListView<Item>, LiveList<Item>>(
    liveList<Item, List, ListVariables, Change, ChangeVariables>,
    options,
    identity,
    NO_ITEMS,
  );
  const more = useCallback(() => getRunning()?.more() ?? Promise.resolve(), [getRunning]);
  return { ...value, more };
}

const asText = (document: AnyDocument<never, never> | object): string => textOf(document as AnyDocument<never, never>);

const NOTHING = { result: null, state: 'connecting', error: undefined } as const;
const NO_ITEMS = { items: [], hasMore: false, state: 'connecting', error: undefined } as const;

/** Runs what `start` starts while the component is on the page. `before`: what is shown until then, and by a server. */
function useRunning<Options extends object, Value, Runs extends Running<Value> = Running<Value>>(
  start: (options: Options) => Runs,
  options: Options,
  identity: readonly unknown[],
  before: Value,
): { readonly value: Value; readonly getRunning: () => Runs | undefined } {
  const newest = useRef(options);
  useEffect(() => {
    newest.current = options;
  });
  const lazy = useMemo(() => createLazy(() => start(withNewestFunctions(newest)), before), [JSON.stringify(identity)]);
  return {
    value: useSyncExternalStore(lazy.subscribe, lazy.getSnapshot, () => before),
    getRunning: lazy.getRunning,
  };
}

/** The options, with functions that call those of the newest render. */
function withNewestFunctions<Options extends object>(newest: { readonly current: Options }): Options {
  type Functions = Record<string, (...args: unknown[]) => unknown>;
  const entries = Object.entries(newest.current).map(([name, value]) => {
    const call = (...args: unknown[]) => (newest.current as unknown as Functions)[name]!(...args);
    return [name, typeof value === 'function' ? call : value];
  });
  return Object.fromEntries(entries) as Options;
}

/**
 * Starts with its first listener, and stops when the last one has left for good. StrictMode, and a list that is sorted anew, take
 * a listener away and bring it back at once.
 */
function createLazy<Value, Runs extends Running<Value>>(
  start: () => Runs,
  before: Value,
): Pick<Running<Value>, 'getSnapshot' | 'subscribe'> & { readonly getRunning: () => Runs | undefined } {
  let running: Runs | undefined;
  let listeners = 0;
  const stopUnused = (): void => {
    if (listeners > 0) return;
    running?.stop();
    running = undefined;
  };
  return {
    getRunning: () => running,
    getSnapshot: () => running?.getSnapshot() ?? before,
    subscribe(listener) {
      running ??= start();
      listeners++;
      const leave = running.subscribe(listener);
      return () => {
        leave();
        listeners--;
        setTimeout(stopUnused);
      };
    },
  };
}

/** The rows of a live list: what queries load and changes tell, put together by the rules of merge-list.ts. */
import { onFrameAfter } from './frame.ts';
import { extendList, type ListPart, type ListRules, mergeList, startList } from './merge-list.ts';

/** A page of the list. */
export type ListPage<Item> = {
  readonly items: readonly Item[];
  /** The cursor of the stream, of the moment at which the page was loaded. */
  readonly cursor: string;
  /** Whether there are more items behind these; it may be left out when there never are. */
  readonly hasMore?: boolean;
  /** Where the next page begins, for example `pageInfo.endCursor`; only `more` needs it. */
  readonly end?: string | null;
};

export type RowsOptions<Item, List, Change> = {
  /** What the query has loaded. */
  readonly load: (list: List) => ListPage<Item>;
  /** The item as the change shows it, with all fields that the query selects; null: the change does not concern the list. */
  readonly item: (change: Change) => Item | null;
} & Partial<Omit<ListRules<Item>, 'order'>> &
  Pick<ListRules<Item>, 'order'>;

export type Rows<List, Change> = {
  /** Begins anew with a list, and returns its cursor. */
  load(list: List): string;
  add(change: Change): void;
  /** Adds the next items of the list. `fetch` loads the page behind this place; null: the first page. */
  extend(fetch: (end: string | null) => Promise<List>): Promise<void>;
  stop(): void;
};

/** The end of a page that was loaded. Its edge is the last item of that page. */
type Place<Item> = { readonly edge: Item; readonly end: string };

/** Gathered changes enter the list at once when they are so many. */
const MAX_GATHERED = 1_000;

/**
 * After so many changes at once the next ones wait for so long. One change is drawn with the next frame, and so are up to 100
 * in a second. Where more come, the list steps some times a second, which is as fast as anybody reads, and the page has its
 * frames for scrolling.
 */
const PAUSE_MS = { each: 10, longest: 250 };

/** `onShort`: over half of the items have left, and only the service knows what stands behind them. */
export function createRows<Item, List, Change>(
  { load, item, order, key = idOf, keep = () => true, limit = Infinity }: RowsOptions<Item, List, Change>,
  onItems: (items: readonly Item[], hasMore: boolean) => void,
  onShort: () => void,
): Rows<List, Change> {
  const rules: ListRules<Item> = { key, order, keep, limit };
  const gathered = new Map<string, Item>();
  let part: ListPart<Item> = { items: [], edge: null };
  let places: Place<Item>[] = [];
  let loaded = 0;
  let loads = 0;
  /** Changes since `extend` has asked for a page: that page may be older than they are. */
  let since: Map<string, Item> | undefined;
  let cancel: (() => void) | undefined;
  let pausedUntil = 0;

  const reset = (next: ListPart<Item>): void => {
    cancel?.();
    cancel = undefined;
    gathered.clear();
    if (next === part) return;
    part = next;
    // The list may have become shorter at its limit. A page that ends behind its edge would leave a gap.
    places = places.filter(({ edge }) => part.edge === null || order(edge, part.edge) <= 0);
    onItems(part.items, part.edge !== null && part.items.length < limit);
  };
  const settle = (): void => {
    pausedUntil = performance.now() + Math.min(gathered.size * PAUSE_MS.each, PAUSE_MS.longest);
    reset(mergeList(part, gathered, rules));
    if (part.edge !== null && part.items.length < loaded / 2) onShort();
  };
  const notePlace = ({ items, end }: ListPage<Item>): boolean => {
    const edge = [...items].sort(order).at(-1);
    if (edge === undefined || end == null) return false;
    places.push({ edge, end });
    return true;
  };
  const isFull = (): boolean => part.edge === null || part.items.length >= limit;

  return {
    load(list) {
      const page = load(list);
      loads++;
      places = [];
      reset(startList(page.items, !page.hasMore, rules));
      notePlace(page);
      loaded = part.items.length;
      return page.cursor;
    },
    add(change) {
      const changed = item(change);
      if (changed === null) return;
      gathered.set(key(changed), changed);
      since?.set(key(changed), changed);
      if (gathered.size >= MAX_GATHERED) settle();
      else cancel ??= onFrameAfter(pausedUntil - performance.now(), settle);
    },
    async extend(fetch) {
      const [round, { edge }] = [loads, part];
      let canGoOn = true;
      try {
        while (canGoOn && part.edge === edge && !isFull()) {
          since = new Map();
          const page = load(await fetch(places.at(-1)?.end ?? null));
          if (round !== loads) return; // The list began anew meanwhile, so nothing says where this page belongs.
          reset(extendList(part, page.items, !page.hasMore, new Map([...gathered, ...since]), rules));
          canGoOn = notePlace(page);
        }
        loaded = part.items.length;
      } finally {
        since = undefined;
      }
    },
    stop: () => reset(part),
  };
}

const idOf = (item: unknown): string => (item as { readonly id: string }).id;

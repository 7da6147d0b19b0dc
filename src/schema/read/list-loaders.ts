/** Loaders of lists: pages that are asked for under different parents in one tick become one statement. */
import type { SharedReading } from '../../database/read/readings.ts';
import { batched } from './batched.ts';
import { countRows, probePages, readPages, type PageRows } from './keyset.ts';
import type { Selection } from './list.ts';
import type { Page } from './page.ts';

export type ListLoaders = {
  page<Row extends object>(selection: Selection<Row>, page: Page): Promise<PageRows<Row>>;
  /** Whether there are rows on the side that a page comes from. */
  hasRowsBehind<Row extends object>(selection: Selection<Row>, page: Page): Promise<boolean>;
  /** Null: more than MAX_TOTAL_COUNT. */
  count<Row extends object>(selection: Selection<Row>): Promise<number | null>;
};

// Lists of different rows wait in one queue. Each group gives back rows of the type that it was asked for.
type Anything = never;
type Request = { readonly selection: Selection<Anything>; readonly page: Page };

export function createListLoaders(reading: SharedReading): ListLoaders {
  const pages = grouped(reading, pageKey, (requests) => readPages(reading, selectionsOf(requests), requests[0]!.page));
  const probes = grouped(reading, pageKey, (requests) =>
    probePages(reading, selectionsOf(requests), requests[0]!.page),
  );
  const counts = grouped(
    reading,
    (selection: Selection<Anything>) => selection.key,
    (selections) => countRows(reading, selections),
  );
  return {
    page: <Row extends object>(selection: Selection<Row>, page: Page) =>
      pages.load({ selection: selection as Selection<Anything>, page }) as Promise<PageRows<Row>>,
    hasRowsBehind: (selection, page) => probes.load({ selection: selection as Selection<Anything>, page }),
    count: (selection) => counts.load(selection as Selection<Anything>),
  };
}

const pageKey = ({ selection, page }: Request): string =>
  JSON.stringify([selection.key, page.direction, page.size, page.from]);

const selectionsOf = (requests: readonly Request[]): Selection<Anything>[] =>
  requests.map(({ selection }) => selection);

/**
 * A loader that reads each group of equal keys with one statement. A group that fails or is slow leaves the others alone. A
 * batch answers as a whole, so it answers with a promise for each group, in a box: it would wait for a bare promise.
 */
function grouped<Key, Value>(
  reading: SharedReading,
  keyOf: (key: Key) => string,
  readGroup: (keys: readonly Key[]) => Promise<Value[]>,
): { load(key: Key): Promise<Value> } {
  const loader = batched<Key, { readonly value: Promise<Value> }>(reading, async (keys) => {
    const places = Map.groupBy(keys.keys(), (index) => keyOf(keys[index]!));
    const groups = [...places.values()].map((indexes) => {
      const values = readGroup(indexes.map((index) => keys[index]!));
      return indexes.map((index, place) => [index, { value: values.then((all) => all[place]!) }] as const);
    });
    const boxes = new Map(groups.flat());
    return Array.from(keys, (_, index) => boxes.get(index)!);
  });
  return { load: async (key) => (await loader.load(key)).value };
}

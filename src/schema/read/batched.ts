/** A loader. Everything that it is asked until its reading can send statements becomes one statement. */
import DataLoader from 'dataloader';
import type { SharedReading } from '../../database/read/readings.ts';

/** `load` answers null when there is no such row, or not for this organization. */
export type Loader<Key, Value> = { load(key: Key): Promise<Value | null> };

const MAX_BATCH = 1_000;

/** `read` gets the keys and answers in their order. An Error as an answer fails its own key only. */
export const batched = <Key, Value>(
  reading: SharedReading,
  read: (keys: readonly Key[]) => Promise<(Value | Error)[]>,
): { load(key: Key): Promise<Value> } =>
  // It remembers nothing: a row is remembered on the row that names it (once.ts).
  new DataLoader(read, {
    cache: false,
    maxBatchSize: MAX_BATCH,
    batchScheduleFn: (dispatch) => reading.schedule(dispatch),
  });

/** A loader of a list without a key: all who ask get the same rows. */
export function whole<Row>(reading: SharedReading, read: () => Promise<readonly Row[]>): () => Promise<readonly Row[]> {
  const loader = batched<true, readonly Row[]>(reading, async (asked) => {
    const rows = await read();
    return asked.map(() => rows);
  });
  return () => loader.load(true);
}

export const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

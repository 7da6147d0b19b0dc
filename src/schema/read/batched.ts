/** A loader: what is asked of it until its reading can send statements is one statement. */
import DataLoader from 'dataloader';
import type { SharedReading } from '../../database/read/readings.ts';

/** `load` answers null where there is no such row, or not for this organization. */
export type Loader<Key, Value> = { load(key: Key): Promise<Value | null> };

const MAX_BATCH = 1_000;

/** `read` gets the keys and answers in their order. An answer that is an Error is that key's alone. */
export const batched = <Key, Value>(
  reading: SharedReading,
  read: (keys: readonly Key[]) => Promise<(Value | Error)[]>,
): { load(key: Key): Promise<Value> } =>
  // It remembers nothing: rows are remembered on those that name them (once.ts).
  new DataLoader(read, {
    cache: false,
    maxBatchSize: MAX_BATCH,
    batchScheduleFn: (dispatch) => reading.schedule(dispatch),
  });

/** A list without a key: whoever asks for it is given the same rows. */
export function whole<Row>(reading: SharedReading, read: () => Promise<readonly Row[]>): () => Promise<readonly Row[]> {
  const loader = batched<true, readonly Row[]>(reading, async (asked) => {
    const rows = await read();
    return asked.map(() => rows);
  });
  return () => loader.load(true);
}

export const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

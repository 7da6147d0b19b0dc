/** Reads where the stream stands now, for many callers at once. */
import type { StreamPosition } from './cursors/cursor.ts';
import type { History } from './history.ts';

/**
 * Returns a function that reads the newest final position. Each call is answered by a read that began after it; calls
 * that come during a read share the next read.
 */
export function createNewest(history: Pick<History<any, any>, 'latest'>): () => Promise<StreamPosition> {
  let current: Promise<StreamPosition> | undefined;
  let next: Promise<StreamPosition> | undefined;

  const read = (): Promise<StreamPosition> => {
    const reading = history.latest(0).then(({ before }) => before);
    const done = () => {
      if (current === reading) current = undefined;
    };
    reading.then(done, done);
    return (current = reading);
  };

  const readNext = (): Promise<StreamPosition> => {
    next = undefined;
    return read();
  };

  return () => {
    if (!current) return read();
    return (next ??= current.then(readNext, readNext));
  };
}

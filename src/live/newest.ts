/** Where the stream stands now, asked by many at once. */
import type { Position } from './cursors/cursor.ts';
import type { History } from './history.ts';

/**
 * Returns a function that reads the newest final position. Each call is answered by a read that began after it; calls
 * that come while one is under way share the next.
 */
export function createNewest(history: Pick<History<any, any>, 'latest'>): () => Promise<Position> {
  let current: Promise<Position> | undefined;
  let next: Promise<Position> | undefined;

  const read = (): Promise<Position> => {
    const reading = history.latest(0).then(({ before }) => before);
    const done = () => {
      if (current === reading) current = undefined;
    };
    reading.then(done, done);
    return (current = reading);
  };

  const readNext = (): Promise<Position> => {
    next = undefined;
    return read();
  };

  return () => {
    if (!current) return read();
    return (next ??= current.then(readNext, readNext));
  };
}

/**
 * Tells a page that what it shows has changed, for what has no stream of its own: a stream of changes says that something is new,
 * and the page reads again. Nothing is asked while nothing happens.
 */
import { useWatch, type NewestOptions } from '@hookcast/client/react';
import { useEffect, useRef } from 'react';
import { useService } from './service.ts';

type Options<Data, Variables> = Pick<NewestOptions<Data, Variables>, 'document' | 'variables' | 'onResult'> & {
  /** At most once in so many milliseconds, and at the end of them: so nothing new is left untold. */
  readonly everyMs: number;
  readonly onNews: () => void;
};

/**
 * Tells after the stream became live too, and each time that it did again: it may have missed what came before its first
 * change. The page has just read when it opens, so the first time is `everyMs` later.
 */
export function useNews<Data, Variables>({ everyMs, onNews, ...stream }: Options<Data, Variables>) {
  const newest = useRef(onNews);
  useEffect(() => {
    newest.current = onNews;
  });
  const { result, state, error } = useWatch({ ...useService(), ...stream });
  const told = useRef(performance.now());
  const isLive = state === 'live';
  useEffect(() => {
    if (result === null && !isLive) return;
    const tell = (): void => {
      told.current = performance.now();
      newest.current();
    };
    const timer = setTimeout(tell, Math.max(0, told.current + everyMs - performance.now()));
    return () => clearTimeout(timer);
  }, [result, isLive, everyMs]);
  return { state, error };
}

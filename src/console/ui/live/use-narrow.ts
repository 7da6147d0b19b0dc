/** Whether the screen is so narrow that a row takes two lines; the same width is in the style sheets. */
import { useSyncExternalStore } from 'react';

const narrow = matchMedia('(max-width: 60rem)');
const subscribe = (listener: () => void): (() => void) => {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
};

export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => narrow.matches);

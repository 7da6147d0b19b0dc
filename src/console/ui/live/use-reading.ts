/** Whether somebody reads a list, so that it must not move: it is scrolled, holds the focus, or the pointer moves over it. */
import { useEffect, useState, type RefObject } from 'react';

/** Pixels from the top of the page: so far the reader still watches what arrives. */
const TOP = 8;
/** A pointer that rests for so long was only left there. */
const RESTING_MS = 3_000;

export function useReading(list: RefObject<HTMLElement | null>): boolean {
  const [isScrolled, setScrolled] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const [isPointed, setPointed] = useState(false);
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    let resting: ReturnType<typeof setTimeout> | undefined;
    const leave = (): void => setPointed(false);
    const point = (): void => {
      clearTimeout(resting);
      resting = setTimeout(leave, RESTING_MS);
      setPointed(true);
    };
    const note = (): void => setScrolled(window.scrollY > TOP);
    const focus = (): void => setFocused(element.contains(document.activeElement));
    const listening = new AbortController();
    const options = { signal: listening.signal, passive: true };
    window.addEventListener('scroll', note, options);
    element.addEventListener('pointermove', point, options);
    element.addEventListener('pointerleave', leave, options);
    element.addEventListener('focusin', focus, options);
    element.addEventListener('focusout', () => queueMicrotask(focus), options);
    return () => {
      listening.abort();
      clearTimeout(resting);
    };
  }, [list]);
  return isScrolled || isFocused || isPointed;
}

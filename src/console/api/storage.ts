/**
 * The storage of the browser, where it allows it. In frames of other sites, and by some settings, every use of it throws: then
 * what would be stored lasts as long as the page.
 */
type Place = 'sessionStorage' | 'localStorage';

export function recall(place: Place, name: string): string | null {
  try {
    return window[place].getItem(name);
  } catch {
    return null;
  }
}

/** Null removes it. */
export function store(place: Place, name: string, value: string | null): void {
  try {
    if (value === null) window[place].removeItem(name);
    else window[place].setItem(name, value);
  } catch {
    // See above.
  }
}

/**
 * Keeps the rows that somebody reads where they are: rows that arrive meanwhile wait until they are asked for. Rows that are
 * shown go on changing in place.
 */
import { useState } from 'react';

type Row = { readonly id: string };

export type Held<Item> = {
  readonly rows: readonly Item[];
  /** How many new rows wait. */
  readonly waiting: number;
  readonly showAll: () => void;
};

/** `isHeld`: whether the reader is in the middle of the list, or has stopped it. */
export function useHeld<Item extends Row>(items: readonly Item[], isHeld: boolean): Held<Item> {
  const [top, setTop] = useState<string | null>(null);
  const newest = items[0]?.id ?? null;
  if (!isHeld && top !== newest) setTop(newest);
  const place = isHeld && top !== null ? items.findIndex(({ id }) => id <= top) : 0;
  const waiting = Math.max(place, 0);
  return { rows: waiting > 0 ? items.slice(waiting) : items, waiting, showAll: () => setTop(newest) };
}

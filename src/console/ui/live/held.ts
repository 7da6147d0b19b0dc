/**
 * Keeps the rows that somebody reads where they are: rows that arrive meanwhile wait until they are asked for. Rows that are
 * shown go on changing in place.
 */
import { useState } from 'react';

type Row = { readonly id: string };

export type HeldRows<Item> = {
  readonly rows: readonly Item[];
  /** How many new rows wait. */
  readonly waiting: number;
  readonly showAll: () => void;
};

/** `items`: newest first, by ids that begin with the time. `isHeld`: whether the reader is in the list, or has stopped it. */
export function useHeld<Item extends Row>(items: readonly Item[], isHeld: boolean): HeldRows<Item> {
  const [top, setTop] = useState<string | null>(null);
  const newest = items[0]?.id ?? null;
  if (!isHeld && top !== newest) setTop(newest);
  const { rows, waiting } = holdBack(items, isHeld ? top : null);
  return { rows, waiting, showAll: () => setTop(newest) };
}

/** The rows up to `top`, the newest row that is shown; null: all of them. A row that has left leaves its place to the next one. */
export function holdBack<Item extends Row>(
  items: readonly Item[],
  top: string | null,
): { readonly rows: readonly Item[]; readonly waiting: number } {
  if (top === null) return { rows: items, waiting: 0 };
  const place = items.findIndex(({ id }) => id <= top);
  const waiting = place === -1 ? items.length : place;
  return { rows: waiting > 0 ? items.slice(waiting) : items, waiting };
}

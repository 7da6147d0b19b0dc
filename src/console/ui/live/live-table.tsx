/**
 * A table of rows that change while they are read. Only those on the screen are in the page, so that 10,000 rows scroll as 20 do.
 * The arrow keys go from row to row.
 */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { explainError } from '../failure.tsx';
import { useNarrow } from './use-narrow.ts';
import { useOlder } from './use-older.ts';
import './live-table.css';

type Row = { readonly id: string };

type Props<Item extends Row> = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Item[];
  /** One cell for each column: elements with the role `cell`. */
  readonly cells: (row: Item) => ReactNode;
  readonly hasMore: boolean;
  readonly more: () => Promise<void>;
  /** What is said at the end of the last row. */
  readonly end: string;
};

/** In pixels, as live-table.css has them. */
const HEIGHT = { wide: 52, narrow: 84 };
/** So many rows before the end, older ones are loaded. */
const NEAR = 30;

export function LiveTable<Item extends Row>({ name, columns, rows, cells, hasMore, more, end }: Props<Item>) {
  const height = useNarrow() ? HEIGHT.narrow : HEIGHT.wide;
  const body = useRef<HTMLDivElement>(null);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: body.current?.offsetTop ?? 0,
    getItemKey: (index) => rows[index]!.id,
  });
  useLayoutEffect(() => virtual.measure(), [virtual, height]);
  const shown = virtual.getVirtualItems();
  const first = shown.find(({ start }) => start >= (virtual.scrollOffset ?? 0));
  useSteady(rows, first?.index, height);
  const older = useOlder((shown.at(-1)?.index ?? 0) > rows.length - NEAR, hasMore, more);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = STEPS[event.key];
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (step === undefined || !row) return;
    event.preventDefault();
    const index = Math.min(Math.max(Number(row.dataset['index']) + step, 0), rows.length - 1);
    virtual.scrollToIndex(index);
    focusRow(body.current!, index);
  };

  return (
    <>
      <div
        role="table"
        aria-label={name}
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        className={`live-table ${name.toLowerCase()}`}
      >
        <div role="rowgroup">
          <div role="row" className="row head" aria-rowindex={1}>
            {columns.map((column) => (
              <span key={column} role="columnheader">
                {column}
              </span>
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          ref={body}
          style={{ height: virtual.getTotalSize() }}
          className="rows"
          onKeyDown={onKeyDown}
        >
          {shown.map(({ index, key, start }) => (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              data-index={index}
              className="row"
              style={{ transform: `translateY(${start - virtual.options.scrollMargin}px)` }}
            >
              {cells(rows[index]!)}
            </div>
          ))}
        </div>
      </div>
      {(hasMore || end !== '') && (
        <p className="list-end" role="status">
          {older.error !== undefined ? (
            <>
              Older rows could not be loaded. {explainError(older.error)}{' '}
              <button type="button" onClick={older.load}>
                Try again
              </button>
            </>
          ) : hasMore ? (
            'Loading older rows…'
          ) : (
            end
          )}
        </p>
      )}
    </>
  );
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: -Infinity,
  End: Infinity,
};

/** A row that was far away is drawn some frames after the page has scrolled there. */
function focusRow(body: HTMLElement, index: number, frames = 10): void {
  const link = body.querySelector<HTMLElement>(`[data-index="${index}"] a`);
  if (link) link.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusRow(body, index, frames - 1));
}

/** When rows above the first one on the screen leave or come, the page scrolls by as much: what is read stays where it is. */
function useSteady(rows: readonly Row[], firstIndex: number | undefined, height: number): void {
  const before = useRef<{ rows: readonly Row[]; index: number } | null>(null);
  useLayoutEffect(() => {
    const anchor = before.current;
    if (anchor && anchor.rows !== rows && anchor.index > 0) {
      const next = movedBy(anchor.rows, rows, anchor.index);
      if (next !== 0) window.scrollBy(0, next * height);
    }
    before.current = firstIndex === undefined ? null : { rows, index: firstIndex };
  });
}

/** By how many places the row at `index`, or the next one that is still there, has moved. Rows are newest first. */
function movedBy(before: readonly Row[], after: readonly Row[], index: number): number {
  const anchor = before[index]?.id;
  if (anchor === undefined) return 0;
  const place = after.findIndex(({ id }) => id <= anchor);
  return place === -1 ? 0 : place - index;
}

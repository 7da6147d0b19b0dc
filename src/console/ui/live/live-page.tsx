/** A page with a live list: its head with the connection and a pause, the rows that wait, and what is said in place of rows. */
import type { WatchState } from '@hookcast/client';
import { useRef, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { Connection } from '../connection.tsx';
import { useHeld } from './held.ts';
import { LiveTable } from './live-table.tsx';
import { NoRows } from './no-rows.tsx';
import { useReading } from './use-reading.ts';

type Row = { readonly id: string };

type Props<Item extends Row> = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly cells: (row: Item) => ReactNode;
  /** As useLiveList gives it. */
  readonly list: {
    readonly items: readonly Item[];
    readonly hasMore: boolean;
    readonly state: WatchState;
    readonly error: unknown;
    readonly more: () => Promise<void>;
  };
  /** The greatest number of rows. */
  readonly limit: number;
  readonly lagMs: number | null;
  readonly actions?: ReactNode;
  readonly filters: ReactNode;
  /** Shown where there are no rows. */
  readonly empty: ReactNode;
};

export function LivePage<Item extends Row>({
  name,
  columns,
  cells,
  list,
  limit,
  lagMs,
  actions,
  filters,
  empty,
}: Props<Item>) {
  const [isPaused, setPaused] = useState(false);
  const around = useRef<HTMLDivElement>(null);
  const isReading = useReading(around);
  const { items, state, error, hasMore, more } = list;
  const { rows, waiting, showAll } = useHeld(items, isPaused || isReading);
  const showNew = (): void => {
    flushSync(showAll);
    window.scrollTo(0, 0);
  };
  return (
    <>
      <div className="page-head">
        <h1>{name}</h1>
        <Connection state={state} error={error} lagMs={lagMs} />
        {actions}
        <button
          type="button"
          aria-pressed={isPaused}
          title="New rows wait until you go on"
          onClick={() => setPaused(!isPaused)}
        >
          {isPaused ? 'Go on' : 'Pause'}
        </button>
      </div>
      {filters}
      <div role="status" className="new-rows">
        {waiting > 0 && (
          <button type="button" className="primary" onClick={showNew}>
            {waiting} new
          </button>
        )}
      </div>
      <div ref={around}>
        {rows.length > 0 ? (
          <LiveTable
            name={name}
            columns={columns}
            rows={rows}
            cells={cells}
            hasMore={hasMore}
            more={more}
            end={items.length < limit ? 'These are all.' : END_AT_LIMIT(limit)}
          />
        ) : (
          <NoRows what={name} state={state} error={error} rows={12}>
            {waiting === 0 && empty}
          </NoRows>
        )}
      </div>
    </>
  );
}

const END_AT_LIMIT = (limit: number): string =>
  `The page keeps the newest ${limit.toLocaleString()} rows. A filter by time shows older ones.`;

/** A table of what is read page by page, in each of its states. */
import type { ReactNode } from 'react';
import type { Pages } from '../../api/use-pages.ts';
import { explainError, Failure } from '../failure.tsx';
import { Skeleton } from '../skeleton.tsx';
import { Table, type Column } from './table.tsx';
import './page-list.css';

type Props<Row> = {
  /** What the rows are, as the subject of a sentence: "The API keys". */
  readonly what: string;
  readonly pages: Pages<Row>;
  readonly columns: readonly Column<Row>[];
  /** In the place of a table without rows. */
  readonly empty: ReactNode;
};

export function PageList<Row extends { readonly id: string }>({ what, pages, columns, empty }: Props<Row>) {
  const { rows, hasMore, isReadingMore, error, more, reload } = pages;
  if (!rows) return error ? <Failure what={what} error={error} onRetry={reload} /> : <Skeleton rows={8} />;
  if (rows.length === 0) return empty;
  return (
    <>
      <div className="wide-table" role="region" aria-label={what} tabIndex={0}>
        <Table label={what} columns={columns} rows={rows} keyOf={({ id }) => id} />
      </div>
      {error !== undefined && <p role="alert">{explainError(error)}</p>}
      {hasMore && (
        <button type="button" onClick={more} disabled={isReadingMore}>
          {isReadingMore ? 'Loading…' : 'Show more'}
        </button>
      )}
    </>
  );
}

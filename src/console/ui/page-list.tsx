/** A table of what is read page by page, in each of its states. */
import type { ReactNode } from 'react';
import type { Pages } from '../api/use-pages.ts';
import { explainError, Failure } from './failure.tsx';
import { Skeleton } from './skeleton.tsx';
import './page-list.css';

type Props<Row> = {
  /** What the rows are, as the subject of a sentence: "The API keys". */
  readonly what: string;
  readonly pages: Pages<Row>;
  readonly columns: readonly string[];
  readonly row: (row: Row) => ReactNode;
  /** In the place of a table without rows. */
  readonly empty: ReactNode;
};

export function PageList<Row>({ what, pages, columns, row, empty }: Props<Row>) {
  const { rows, hasMore, isReadingMore, error, more, reload } = pages;
  if (!rows) return error ? <Failure what={what} error={error} onRetry={reload} /> : <Skeleton rows={8} />;
  if (rows.length === 0) return empty;
  return (
    <>
      <div className="wide-table" role="region" aria-label={what} tabIndex={0}>
        <table className="list">
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{rows.map(row)}</tbody>
        </table>
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

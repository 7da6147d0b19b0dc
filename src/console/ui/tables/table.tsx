/**
 * A table. Where the screen is narrow, each row is a card that names its values. The roles keep it a table for screen readers,
 * whatever the style makes of it.
 */
import type { ReactNode } from 'react';
import './table.css';

export type Column<Row> = {
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  /**
   * head: says which row it is. number: figures, to the right.
   * action: what can be done with it; its name is not shown in a card.
   */
  readonly kind?: 'head' | 'number' | 'action';
  readonly className?: string;
};

type Props<Row> = {
  /** What the rows are, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly className?: string;
};

export const Table = <Row,>({ label, columns, rows, keyOf, className = '' }: Props<Row>) => (
  <table className={`list cards-when-narrow ${className}`} role="table" aria-label={label}>
    <thead role="rowgroup">
      <tr role="row">
        {columns.map((column) => (
          <th key={column.name} scope="col" role="columnheader" className={classOf(column)}>
            {column.name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup">
      {rows.map((row) => (
        <tr key={keyOf(row)} role="row">
          {columns.map((column) => (
            <Cell key={column.name} column={column}>
              {column.cell(row)}
            </Cell>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);

type CellProps = { readonly column: Column<never>; readonly children: ReactNode };

const Cell = ({ column, children }: CellProps) =>
  column.kind === 'head' ? (
    <th scope="row" role="rowheader" className={classOf(column)}>
      {children}
    </th>
  ) : (
    <td role="cell" className={classOf(column)} data-label={column.name}>
      {children}
    </td>
  );

const classOf = ({ kind, className }: Column<never>): string | undefined =>
  [kind === 'head' ? undefined : kind, className].filter(Boolean).join(' ') || undefined;

/** Around the fields of a filter. On a narrow screen they are folded away, so that the rows are what is seen first. */
import type { ReactNode } from 'react';
import { useNarrow } from '../live/use-narrow.ts';
import './filter-box.css';

type Props = {
  /** For screen readers: what is filtered. */
  readonly label: string;
  /** How many filters are set. */
  readonly count: number;
  readonly onClear: () => void;
  readonly children: ReactNode;
};

export function FilterBox({ label, count, onClear, children }: Props) {
  const isNarrow = useNarrow();
  const fields = (
    <div className="filters" role="group" aria-label={label}>
      {children}
      {count > 0 && (
        <button type="button" onClick={onClear}>
          Clear filters
        </button>
      )}
    </div>
  );
  if (!isNarrow) return fields;
  return (
    <details className="filter-box">
      <summary>{count === 0 ? 'Filters' : `Filters (${count} set)`}</summary>
      {fields}
    </details>
  );
}

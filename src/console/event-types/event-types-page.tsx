/** The catalog: every event type, by category. */
import { useState } from 'react';
import { Link } from 'wouter';
import { useQuery } from '../api/use-query.ts';
import { useMay } from '../api/viewer.tsx';
import type { TypeRowFragment } from '../generated/graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { byCategory } from '../ui/event-types/by-category.ts';
import { Text } from '../ui/text/text.tsx';
import { Notice } from '../ui/notice.tsx';
import { useIsPortal } from '../ui/portal/use-is-portal.ts';
import { SearchField } from '../ui/forms/search-field.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { visibleLine } from '../ui/visible.ts';
import { TYPES } from './documents.ts';
import './event-types.css';

export function EventTypesPage() {
  const [search, setSearch] = useState('');
  const [includeArchived, setArchived] = useState(false);
  const filter = { includeArchived, ...(search !== '' && { search }) };
  const { data, error, reload } = useQuery(TYPES, { filter });
  const isAdmin = useMay('PLATFORM_ADMIN');
  return (
    <>
      <div className="page-head">
        <h1>Event types</h1>
        {isAdmin && (
          <Link href="/event-types/new" className="button primary">
            New event type
          </Link>
        )}
      </div>
      <div className="filters" role="search" aria-label="Which event types">
        <SearchField label="Name or description" value={search} onChange={setSearch} />
        <label className="choice">
          <input type="checkbox" checked={includeArchived} onChange={() => setArchived(!includeArchived)} /> Archived
          ones too
        </label>
      </div>
      {data && !error ? (
        <Catalog types={data.eventTypes} isFiltered={search !== ''} />
      ) : error ? (
        <Failure what="The event types" error={error} onRetry={reload} />
      ) : (
        <Skeleton rows={10} />
      )}
    </>
  );
}

function Catalog({ types, isFiltered }: { readonly types: readonly TypeRowFragment[]; readonly isFiltered: boolean }) {
  const isPortal = useIsPortal();
  if (types.length === 0) {
    return isFiltered ? (
      <Notice title="No event type is like that">Search for less, or show archived ones too.</Notice>
    ) : (
      <Notice title="There are no event types yet">
        {isPortal ? (
          'The site that shows this page makes them.'
        ) : (
          <>
            A platform admin creates them, or <code>hookcast catalog import</code> does.
          </>
        )}
      </Notice>
    );
  }
  const categories = byCategory(types);
  return categories.map(([category, rows]) => (
    <section key={category} className="category" aria-label={visibleLine(category)}>
      <h2>
        <Text value={category} /> <span className="soft number">{rows.length}</span>
      </h2>
      <ul>
        {rows.map((type) => (
          <li key={type.name}>
            <Link href={`/event-types/${type.name}`}>
              <code>{type.name}</code>
            </Link>{' '}
            {type.archivedAt !== null && <span className="tag">Archived</span>}
            <small>
              <Text value={type.description || type.displayName} />
            </small>
          </li>
        ))}
      </ul>
    </section>
  ));
}

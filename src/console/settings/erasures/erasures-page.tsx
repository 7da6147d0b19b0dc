/** Erasures, and what has become of them. */
import { useEffect, useState } from 'react';
import { usePages } from '../../api/use-pages.ts';
import type { ErasuresQuery } from '../../generated/graphql.ts';
import { Id } from '../../ui/text/id.tsx';
import { Notice } from '../../ui/notice.tsx';
import { formatCount } from '../../ui/figures/format.ts';
import { PageList } from '../../ui/tables/page-list.tsx';
import type { Column } from '../../ui/tables/table.tsx';
import { Text } from '../../ui/text/text.tsx';
import { Time } from '../../ui/time.tsx';
import '../settings.css';
import { ERASURES } from './documents.ts';
import { EraseDialog } from './erase-dialog.tsx';

type Erasure = ErasuresQuery['erasures']['nodes'][number];

/** An erasure has no stream: while one runs, the list is read again so long after each answer, for each page that is shown. */
const ASK_MS = 3_000;

export function ErasuresPage() {
  const pages = usePages(ERASURES, {}, (data) => data.erasures);
  const { rows, count, error, reload } = pages;
  const [isErasing, setErasing] = useState(false);
  const isRunning = rows?.some(({ status }) => status === 'RUNNING') ?? false;
  useEffect(() => {
    if (!isRunning) return;
    const timer = setTimeout(reload, ASK_MS * count);
    return () => clearTimeout(timer);
  }, [isRunning, rows, count, error, reload]); // Each answer has other rows, or another error.
  return (
    <>
      <div className="page-head">
        <h1>Erasures</h1>
        <button type="button" className="danger" onClick={() => setErasing(true)}>
          Erase data
        </button>
      </div>
      <PageList
        what="The erasures"
        pages={pages}
        columns={COLUMNS}
        empty={
          <Notice title="Nothing was erased">
            Erase the data of a customer who asks for it. Ids, times and states of their events stay.
          </Notice>
        }
      />
      {isErasing && <EraseDialog onClose={() => setErasing(false)} onBegun={reload} />}
    </>
  );
}

const COLUMNS: readonly Column<Erasure>[] = [
  { name: 'Whose data', kind: 'head', cell: (erasure) => <Whose erasure={erasure} /> },
  {
    name: 'State',
    cell: ({ completedAt }) =>
      completedAt == null ? (
        'Running'
      ) : (
        <>
          Done <Time at={completedAt} />
        </>
      ),
  },
  { name: 'Events', kind: 'number', cell: ({ eventCount }) => formatCount(eventCount) },
  { name: 'Cancelled deliveries', kind: 'number', cell: ({ cancelledCount }) => formatCount(cancelledCount) },
  {
    name: 'Asked for',
    cell: ({ createdAt, before }) => (
      <>
        <Time at={createdAt} />
        <small>
          published before <Time at={before} />
        </small>
      </>
    ),
  },
];

function Whose({ erasure: { id, customerId, tag, eventId } }: { readonly erasure: Erasure }) {
  const [kind, name] =
    customerId != null
      ? ['Customer', customerId]
      : tag != null
        ? ['Tag', tag]
        : eventId != null
          ? ['Event', eventId]
          : ['The whole organization'];
  return (
    <>
      {kind} {name !== undefined && <Text value={name} />}
      <small>
        <Id id={id} />
      </small>
    </>
  );
}

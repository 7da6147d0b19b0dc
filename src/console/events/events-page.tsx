/** The list of events, live: what was published. */
import { useLiveList } from '@hookcast/client/react';
import { useMemo, useRef } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useEventTypeNames } from '../api/event-type-names.ts';
import { useService } from '../api/service.ts';
import { useMay } from '../api/viewer.tsx';
import type { EventRowFragment } from '../generated/graphql.ts';
import { Search } from '../search/search.tsx';
import { FilterBox } from '../ui/filter/filter-box.tsx';
import { TextFilter, TimeFilter } from '../ui/filter/filter-fields.tsx';
import { Id } from '../ui/text/id.tsx';
import { LivePage } from '../ui/live/live-page.tsx';
import { Notice } from '../ui/notice.tsx';
import { Text } from '../ui/text/text.tsx';
import { Time } from '../ui/time.tsx';
import { visibleLine } from '../ui/visible.ts';
import { isWithin, rangeOf } from '../ui/filter/time-range.ts';
import { newestFirst } from '../ui/live/newest-first.ts';
import { EVENT_STREAM, EVENTS } from './documents.ts';
import {
  readEventFilter,
  toEventFilter,
  toEventStreamFilter,
  writeEventFilter,
  type EventListFilter,
} from './event-filter.ts';
import './events.css';

const PAGE = 100;
const LIMIT = 10_000;
const COLUMNS = ['Event', 'Customer', 'Tags', 'Published'];

export function EventsPage() {
  const mayPublish = useMay('EVENTS_PUBLISH');
  const [search, setSearch] = useSearchParams();
  const filter = readEventFilter(search);
  const setFilter = (change: Partial<EventListFilter>): void =>
    setSearch(writeEventFilter({ ...filter, ...change }), { replace: true });
  // As on the page of the deliveries: the chosen span ends when it is chosen.
  const range = useMemo(() => rangeOf(filter.time, Date.now()), [JSON.stringify(filter.time)]);
  const lagMs = useRef<number | null>(null);
  const queryVariables = { first: PAGE, filter: toEventFilter(filter, range) };
  const list = useLiveList({
    ...useService(),
    query: EVENTS,
    queryVariables,
    nextVariables: (after) => ({ ...queryVariables, after }),
    load: ({ eventStreamCursor, events }) => ({
      cursor: eventStreamCursor,
      items: events.nodes,
      hasMore: events.pageInfo.hasNextPage,
      end: events.pageInfo.endCursor,
    }),
    subscription: EVENT_STREAM,
    subscriptionVariables: { filter: toEventStreamFilter(filter) },
    item({ eventPublished }) {
      lagMs.current = eventPublished.lagMs;
      return eventPublished.event;
    },
    keep: (row: EventRowFragment) => isWithin(range, row.createdAt),
    order: newestFirst,
    limit: LIMIT,
  });
  const publish = (
    <Link href="/events/publish" className="button primary">
      Publish an event
    </Link>
  );
  return (
    <LivePage
      name="Events"
      columns={COLUMNS}
      cells={(row) => <EventCells row={row} />}
      list={list}
      limit={LIMIT}
      lagMs={lagMs.current}
      actions={mayPublish && publish}
      filters={
        <>
          <Search />
          <EventFilterBar filter={filter} onChange={setFilter} onClear={() => setSearch(new URLSearchParams())} />
        </>
      }
      empty={
        writeEventFilter(filter).size > 0 ? (
          <Notice title="No event is like that">Take away a filter to see more.</Notice>
        ) : (
          <Notice title="There are no events yet">
            An event is what happened in your application. Publish one: it goes to every target that is subscribed to
            its type.
          </Notice>
        )
      }
    />
  );
}

type BarProps = {
  readonly filter: EventListFilter;
  readonly onChange: (change: Partial<EventListFilter>) => void;
  readonly onClear: () => void;
};

function EventFilterBar({ filter, onChange, onClear }: BarProps) {
  const eventTypes = useEventTypeNames();
  return (
    <FilterBox label="Which events" count={writeEventFilter(filter).size} onClear={onClear}>
      <TextFilter
        name="Event type"
        example="wallet.*"
        offers={eventTypes}
        value={filter.eventType}
        onSet={(eventType) => onChange({ eventType })}
      />
      <TextFilter name="Customer" value={filter.customerId} onSet={(customerId) => onChange({ customerId })} />
      <TextFilter name="Tag" value={filter.tag} onSet={(tag) => onChange({ tag })} />
      <TimeFilter value={filter.time} onSet={(time) => onChange({ time })} />
    </FilterBox>
  );
}

function EventCells({ row }: { readonly row: EventRowFragment }) {
  const { id, eventType, customerId, tags, createdAt, erasedAt } = row;
  return (
    <>
      <span role="cell" className="event-name">
        <Link href={`/events/${id}`} title={visibleLine(eventType.name)}>
          <Text value={eventType.name} />
        </Link>
        <Id id={id} />
      </span>
      <span role="cell" className="event-customer">
        {customerId === null ? <span className="soft">–</span> : <Text value={customerId} />}
      </span>
      <span role="cell" className="event-tags">
        {erasedAt !== null && <span className="soft">data erased</span>}
        {tags.map((tag) => (
          <span key={tag} className="tag">
            <Text value={tag} />
          </span>
        ))}
      </span>
      <span role="cell" className="event-created number">
        <Time at={createdAt} />
      </span>
    </>
  );
}

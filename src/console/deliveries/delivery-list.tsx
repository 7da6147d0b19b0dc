/** The rows of deliveries. Only those on the screen are in the page, so that 10,000 rows scroll as 20 do. */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { DeliveryRowFragment } from '../generated/graphql.ts';
import { Id } from '../ui/id.tsx';
import { Status } from '../ui/status.tsx';
import { Countdown, Time } from '../ui/time.tsx';

type Props = {
  readonly rows: readonly DeliveryRowFragment[];
  /** Told whether the reader has left the top of the list. */
  readonly onReading: (isReading: boolean) => void;
};

const ROW_HEIGHT = 52;
/** Pixels from the top of the page: so far the reader still watches what arrives. */
const TOP = 8;

export function DeliveryList({ rows, onReading }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    scrollMargin: list.current?.offsetTop ?? 0,
    getItemKey: (index) => rows[index]!.id,
  });
  useEffect(() => {
    const note = () => onReading(window.scrollY > TOP);
    window.addEventListener('scroll', note, { passive: true });
    return () => window.removeEventListener('scroll', note);
  }, [onReading]);
  return (
    <div role="table" aria-label="Deliveries" aria-rowcount={rows.length + 1} className="deliveries" ref={list}>
      <div role="row" className="row head" aria-rowindex={1}>
        {['Status', 'Event', 'Target', 'Answer', 'Next attempt', 'Created'].map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize() }} className="rows">
        {virtual.getVirtualItems().map(({ index, key, start }) => (
          <div
            key={key}
            role="row"
            aria-rowindex={index + 2}
            className="row"
            style={{ transform: `translateY(${start - virtual.options.scrollMargin}px)` }}
          >
            <Cells row={rows[index]!} />
          </div>
        ))}
      </div>
    </div>
  );
}

function Cells({ row }: { readonly row: DeliveryRowFragment }) {
  const { status, event, target, attempts, nextAttemptAt, attemptCount, maxAttempts, createdAt } = row;
  const [last] = attempts.nodes;
  return (
    <>
      <span role="cell">
        <Status status={status} />
      </span>
      <span role="cell">
        <strong>{event.eventType.name}</strong>
        <Id id={event.id} />
      </span>
      <span role="cell" className="target">
        <strong>{target.name ?? hostOf(target.url)}</strong>
        <small>{target.url}</small>
      </span>
      <span role="cell">
        {last ? (last.responseStatus ?? last.outcome.toLowerCase().replaceAll('_', ' ')) : '–'}
        <small>
          {attemptCount} of {maxAttempts}
        </small>
      </span>
      <span role="cell" className="number">
        {nextAttemptAt && (status === 'PENDING' || status === 'RETRYING') ? <Countdown to={nextAttemptAt} /> : '–'}
      </span>
      <span role="cell" className="number">
        <Time at={createdAt} />
      </span>
    </>
  );
}

const hostOf = (url: string): string => URL.parse(url)?.host ?? url;

/** The cells of one delivery in a list. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { DeliveryRowFragment } from '../../generated/graphql.ts';
import { Id } from '../text/id.tsx';
import { Status } from '../status.tsx';
import { TargetTitle } from '../targets/target-title.tsx';
import { Text } from '../text/text.tsx';
import { Countdown, Time } from '../time.tsx';
import { visibleLine } from '../visible.ts';
import { countAttempts, nameAttempt } from './attempt-words.ts';
import { RetryButton } from './retry-button.tsx';
import './deliveries.css';

export const DELIVERY_COLUMNS = ['Status', 'Event', 'Target', 'Last answer', 'Next attempt', 'Created'];

export const isOpen = ({ status }: Pick<DeliveryRowFragment, 'status'>): boolean =>
  status === 'PENDING' || status === 'RETRYING';

export function DeliveryCells({ row }: { readonly row: DeliveryRowFragment }) {
  const { target } = row;
  return (
    <>
      <StatusCell row={row} />
      <EventCell row={row} />
      <span role="cell" className="delivery-target">
        <TargetTitle name={target.name} url={target.url} />
        <small title={visibleLine(target.url)}>
          <Text value={target.url} />
        </small>
      </span>
      <ProgressCells row={row} />
    </>
  );
}

export const EVENT_DELIVERY_COLUMNS = ['Status', 'Target', 'Delivery', ...DELIVERY_COLUMNS.slice(3)];

type EventDelivery = DeliveryRowFragment & { readonly replay: { readonly id: string } | null };

/** Beside the other deliveries of the same event: the target tells it from them, or the replay that made it. */
export const EventDeliveryCells = ({ row }: { readonly row: EventDelivery }) => (
  <>
    <StatusCell row={row} />
    <span role="cell" className="delivery-event">
      <Link href={`/deliveries/${row.id}`}>
        <TargetTitle name={row.target.name} url={row.target.url} />
      </Link>
      <small title={visibleLine(row.target.url)}>
        <Text value={row.target.url} />
      </small>
    </span>
    <span role="cell" className="delivery-target">
      <Id id={row.id} />
      {row.replay && <Link href={`/replays/${row.replay.id}`}>By a replay</Link>}
    </span>
    <ProgressCells row={row} />
  </>
);

export const RECENT_DELIVERY_COLUMNS = ['Status', 'Event', 'Last answer', 'Created'];

/** Beside other deliveries to the same target, on a part of the screen: the next attempt stands below the status. */
export const RecentDeliveryCells = ({ row }: { readonly row: DeliveryRowFragment }) => (
  <>
    <StatusCell row={row}>
      {isWaiting(row) && (
        <small>
          <NextAttempt row={row} />
        </small>
      )}
    </StatusCell>
    <EventCell row={row} />
    <AnswerCell row={row}>
      <RetryButton row={row} />
    </AnswerCell>
    <CreatedCell row={row} />
  </>
);

const EventCell = ({ row: { id, event } }: { readonly row: DeliveryRowFragment }) => (
  <span role="cell" className="delivery-event">
    <Link href={`/deliveries/${id}`} title={visibleLine(event.eventType.name)}>
      <Text value={event.eventType.name} />
    </Link>
    {event.customerId === null ? (
      <Id id={event.id} />
    ) : (
      <span className="delivery-customer" title={visibleLine(`Customer ${event.customerId}`)}>
        <span className="hidden">Customer </span>
        <Text value={event.customerId} />
      </span>
    )}
  </span>
);

type CellProps = { readonly row: DeliveryRowFragment; readonly children?: ReactNode };

const StatusCell = ({ row, children }: CellProps) => (
  <span role="cell" className="delivery-status">
    <Status status={row.status} />
    {children}
  </span>
);

const ProgressCells = ({ row }: { readonly row: DeliveryRowFragment }) => (
  <>
    <AnswerCell row={row} />
    <span role="cell" className="delivery-next">
      {isWaiting(row) ? <NextAttempt row={row} /> : '–'}
      <RetryButton row={row} />
    </span>
    <CreatedCell row={row} />
  </>
);

type Waiting = DeliveryRowFragment & { readonly nextAttemptAt: string };

const isWaiting = (row: DeliveryRowFragment): row is Waiting => isOpen(row) && row.nextAttemptAt !== null;

/** What is due at a target that takes nothing now is held until it is active again. */
const NextAttempt = ({ row: { nextAttemptAt, target } }: { readonly row: Waiting }) => (
  <Countdown to={nextAttemptAt} over={target.status === 'ACTIVE' ? 'now' : 'held'} />
);

function AnswerCell({ row, children }: CellProps) {
  const [last] = row.attempts.nodes;
  return (
    <span role="cell" className="delivery-answer" title={visibleLine(last?.error ?? '') || undefined}>
      {last ? nameAttempt(last) : '–'}
      {children}
      <small>{countAttempts(row)}</small>
    </span>
  );
}

const CreatedCell = ({ row }: { readonly row: DeliveryRowFragment }) => (
  <span role="cell" className="delivery-created number">
    <Time at={row.createdAt} />
  </span>
);

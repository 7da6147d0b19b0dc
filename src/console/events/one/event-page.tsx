/** One event: its deliveries to all targets as they happen, why other targets got none, and its body. */
import { Link, useParams } from 'wouter';
import { useQuery } from '../../api/use-query.ts';
import { useMay } from '../../api/viewer.tsx';
import type { OneEventQuery } from '../../generated/graphql.ts';
import { Back, Fact, Facts, Tags } from '../../ui/tables/facts.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Id } from '../../ui/text/id.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Body, Text } from '../../ui/text/text.tsx';
import { Time } from '../../ui/time.tsx';
import { ONE_EVENT } from './documents.ts';
import { EventDeliveries } from './event-deliveries.tsx';
import { OtherTargets } from './other-targets.tsx';
import '../events.css';
import './event.css';

export function EventPage() {
  const { id } = useParams<{ id: string }>();
  const { data, error, reload } = useQuery(ONE_EVENT, { id });
  const mayReadDeliveries = useMay('DELIVERIES_READ');
  const mayReadTargets = useMay('TARGETS_READ');
  const mayPublish = useMay('EVENTS_PUBLISH');
  if (error !== undefined) return <Failure what="The event" error={error} onRetry={reload} />;
  if (!data) return <Skeleton rows={8} />;
  if (!data.event)
    return (
      <Notice title="There is no such event">
        Events are kept for 30 days, or as long as the operator chose. The id may also be of another organization.
      </Notice>
    );
  const { event } = data;
  return (
    <>
      <Back to="/events" name="Events" />
      <div className="page-head">
        <h1>
          <Text value={event.eventType.name} />
        </h1>
        <span className="soft grow">
          <Text value={event.eventType.displayName} />
        </span>
        {mayPublish && event.erasedAt === null && (
          <Link href={`/events/publish?like=${event.id}`} className="button">
            Publish one like it
          </Link>
        )}
      </div>
      <EventFacts event={event} />
      {event.erasedAt !== null && <Notice title="The data of this event was erased">It is never sent again.</Notice>}
      {mayReadDeliveries && <EventDeliveries eventId={id} />}
      {mayReadTargets && <OtherTargets eventId={id} isErased={event.erasedAt !== null} />}
      {event.erasedAt === null && (
        <div className="event-part">
          <Body name="Body that targets receive" text={event.body} />
        </div>
      )}
    </>
  );
}

type FactsProps = { readonly event: NonNullable<OneEventQuery['event']> };

const EventFacts = ({ event }: FactsProps) => (
  <Facts>
    <Fact name="Event">
      <Id id={event.id} />
    </Fact>
    <Fact name="Published">
      <Time at={event.createdAt} />
    </Fact>
    {event.customerId !== null && (
      <Fact name="Customer">
        <Link href={`/events?customerId=${encodeURIComponent(event.customerId)}`}>
          <Text value={event.customerId} />
        </Link>
      </Fact>
    )}
    {event.orderingKey !== null && (
      <Fact name="Ordering key">
        <Text value={event.orderingKey} />
      </Fact>
    )}
    {event.tags.length > 0 && (
      <Fact name="Tags">
        <Tags tags={event.tags} list="/events" />
      </Fact>
    )}
    {event.erasedAt !== null && (
      <Fact name="Erased">
        <Time at={event.erasedAt} />
      </Fact>
    )}
  </Facts>
);

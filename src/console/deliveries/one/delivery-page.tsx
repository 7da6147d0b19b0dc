/** One delivery: what became of it, each attempt, and why it waits. */
import { Link, useParams } from 'wouter';
import { useMay } from '../../api/viewer.tsx';
import type { ChangeRowFragment, DeliveryFactsFragment } from '../../generated/graphql.ts';
import { Connection } from '../../ui/connection.tsx';
import { Back, Fact, Facts, Tags } from '../../ui/tables/facts.tsx';
import { isOpen } from '../../ui/deliveries/delivery-cells.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Id } from '../../ui/text/id.tsx';
import { Notice } from '../../ui/notice.tsx';
import { replayHref } from '../../ui/replays/replay-href.ts';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Status } from '../../ui/status.tsx';
import { TargetTitle } from '../../ui/targets/target-title.tsx';
import { Text } from '../../ui/text/text.tsx';
import { Time } from '../../ui/time.tsx';
import { DeliveryActions } from './actions.tsx';
import { AttemptCard, RequestBody } from './attempt-card.tsx';
import { HoldingBox, keepsItsPlace } from './holding-box.tsx';
import { explainChange } from './timeline-words.ts';
import { useHistory } from './use-history.ts';
import { WaitingBox } from './waiting-box.tsx';
import './delivery.css';

export function DeliveryPage() {
  const { id } = useParams<{ id: string }>();
  const { history, state, error, lagMs, lookAgain } = useHistory(id);
  if (history === null)
    return (
      <Notice title="There is no such delivery">
        Deliveries are kept for 30 days, or as long as the operator chose. The id may also be of another organization.
      </Notice>
    );
  if (!history) return error !== undefined ? <Failure what="The delivery" error={error} /> : <Skeleton rows={8} />;
  const { facts, attempts, changes, isCut } = history;
  return (
    <>
      <Back to="/deliveries" name="Deliveries" />
      <div className="page-head">
        <h1>
          <Text value={facts.event.eventType.name} /> <span className="soft">to</span>{' '}
          <TargetTitle name={facts.target.name} url={facts.target.url} />
        </h1>
        <Status status={facts.status} />
        <Connection state={state} error={error} lagMs={lagMs} />
        <DeliveryActions delivery={facts} />
      </div>
      <div className="one">
        <div>
          <DeliveryFacts delivery={facts} />
          <FailedSince delivery={facts} />
          <WaitingBox delivery={facts} lookAgain={lookAgain} />
          {keepsItsPlace(facts) && <HoldingBox targetId={facts.target.id} />}
          <Timeline changes={changes} isCut={isCut} />
        </div>
        <section aria-labelledby="attempts">
          <h2 id="attempts">
            Attempts{' '}
            <small className="number">{`${facts.attemptCount} made, the schedule has ${facts.maxAttempts}`}</small>
          </h2>
          {attempts.length === 0 && <NoAttempt delivery={facts} />}
          <ol className="attempts">
            {attempts.toReversed().map((attempt, nth) => (
              <AttemptCard key={attempt.id} attempt={attempt} eventId={facts.event.id} isLatest={nth === 0} />
            ))}
          </ol>
        </section>
      </div>
    </>
  );
}

const NoAttempt = ({ delivery }: { readonly delivery: DeliveryFactsFragment }) => (
  <>
    <p className="soft">{isOpen(delivery) ? 'No attempt has ended yet.' : 'It ended without an attempt.'}</p>
    <RequestBody eventId={delivery.event.id} name={isOpen(delivery) ? 'Body to send' : 'Body, not sent'} />
  </>
);

function DeliveryFacts({ delivery }: { readonly delivery: DeliveryFactsFragment }) {
  const mayReadEvents = useMay('EVENTS_READ');
  const mayReadTargets = useMay('TARGETS_READ');
  const { id, event, target, replay, createdAt } = delivery;
  return (
    <Facts>
      <Fact name="Delivery">
        <Id id={id} />
      </Fact>
      <Fact name="Event">
        <Id id={event.id} />
        {mayReadEvents && <Link href={`/events/${event.id}`}>Where else it went</Link>}
      </Fact>
      <Fact name="Target">
        <Text value={target.url} />
        <Id id={target.id} />
        {mayReadTargets && target.deletedAt === null && <Link href={`/targets/${target.id}`}>The target</Link>}
        <Link href={`/deliveries?targetId=${target.id}`}>Its deliveries</Link>
        {target.deletedAt !== null && <span className="soft">deleted</span>}
      </Fact>
      <Fact name="Created">
        <Time at={createdAt} />
      </Fact>
      {event.customerId !== null && (
        <Fact name="Customer">
          <Text value={event.customerId} />
        </Fact>
      )}
      {event.orderingKey !== null && (
        <Fact name="Ordering key">
          <Text value={event.orderingKey} />
        </Fact>
      )}
      {event.tags.length > 0 && (
        <Fact name="Tags">
          <Tags tags={event.tags} list="/deliveries" />
        </Fact>
      )}
      {replay && (
        <Fact name="Replay">
          <Id id={replay.id} />
          <Link href={`/replays/${replay.id}`}>The replay</Link>
        </Fact>
      )}
      {event.erasedAt !== null && (
        <Fact name="Erased">
          <Time at={event.erasedAt} />
        </Fact>
      )}
    </Facts>
  );
}

/** A receiver that was down has seldom failed one delivery only. */
function FailedSince({ delivery: { status, target, event } }: { readonly delivery: DeliveryFactsFragment }) {
  const mayReplay = useMay('DELIVERIES_WRITE');
  // The service refuses to replay to the others.
  const isThere = target.deletedAt === null && target.status !== 'DISABLED';
  if (status !== 'FAILED' || !mayReplay || !isThere) return null;
  return (
    <p>
      <Link href={replayHref({ mode: 'FAILED', targetId: target.id, from: event.createdAt })}>
        Send again all that failed there since
      </Link>
    </p>
  );
}

type TimelineProps = { readonly changes: readonly ChangeRowFragment[]; readonly isCut: boolean };

function Timeline({ changes, isCut }: TimelineProps) {
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      {isCut && <p className="soft">The newest 100 changes and attempts are shown.</p>}
      <div role="log" aria-labelledby="timeline">
        <ol className="timeline">
          {changes.map((change) => (
            <li key={change.cursor} data-status={change.status}>
              <Time at={change.occurredAt} /> {explainChange(change)}
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

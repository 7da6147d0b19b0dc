/** One attempt: what came back, then what was sent. The details are loaded when it is opened. */
import { useId, useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { useMay } from '../../api/viewer.tsx';
import type { AttemptRowFragment } from '../../generated/graphql.ts';
import { Failure } from '../../ui/failure.tsx';
import { formatDuration } from '../../ui/figures/format.ts';
import { NeededScope } from '../../ui/portal/needed-scope.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Body, Headers, Text } from '../../ui/text/text.tsx';
import { Time } from '../../ui/time.tsx';
import { explainAttempt, nameAttempt, nameBody } from '../../ui/deliveries/attempt-words.ts';
import { ATTEMPT_DETAILS, EVENT_BODY } from './documents.ts';
import { isOwnHeader } from './own-header.ts';

type Props = { readonly attempt: AttemptRowFragment; readonly eventId: string; readonly isLatest: boolean };

export function AttemptCard({ attempt, eventId, isLatest }: Props) {
  // The latest attempt is open until somebody closes it, and closes when a later one comes.
  const [chosen, setOpen] = useState<boolean | null>(null);
  const isOpen = chosen ?? isLatest;
  const id = useId();
  const { number, outcome, startedAt, durationMs, trigger } = attempt;
  const isDelivered = outcome === 'DELIVERED';
  return (
    <li className="attempt">
      <h3>
        <button type="button" aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
          <span aria-hidden="true" className="arrow">
            {isOpen ? '▾' : '▸'}
          </span>
          <span className="status" data-status={isDelivered ? 'DELIVERED' : 'FAILED'}>
            <span aria-hidden="true">{isDelivered ? '✓' : '✕'}</span> Attempt {number}: {nameAttempt(attempt)}
          </span>
          {trigger === 'MANUAL' && <span className="soft">by hand</span>}
          <span className="soft number">{formatDuration(durationMs)}</span>
          <span className="soft when">
            <Time at={startedAt} />
          </span>
        </button>
      </h3>
      <div id={id} hidden={!isOpen}>
        {isOpen && <AttemptDetails attempt={attempt} eventId={eventId} />}
      </div>
    </li>
  );
}

function AttemptDetails({ attempt, eventId }: Omit<Props, 'isLatest'>) {
  const { data, error, reload } = useQuery(ATTEMPT_DETAILS, { id: attempt.id });
  const details = data?.node && 'requestUrl' in data.node ? data.node : null;
  // The error of an answer repeats its status, which stands above; but it also says that the answer could not be stored.
  const isNews = attempt.outcome !== 'HTTP_ERROR' || details?.responseHeaders === null;
  return (
    <div className="details">
      <p>
        {explainAttempt(attempt)}
        {attempt.resent &&
          ' The request was sent twice within this attempt, because the target had closed the connection.'}
      </p>
      {attempt.error !== null && isNews && (
        <p className="error-text">
          <Text value={attempt.error} />
        </p>
      )}
      {error !== undefined ? (
        <Failure what="The attempt" error={error} onRetry={reload} />
      ) : !data ? (
        <Skeleton rows={4} />
      ) : !details ? (
        <p className="soft">The details of this attempt are no longer kept.</p>
      ) : (
        <div className="exchange">
          <section aria-label={`Response of attempt ${attempt.number}`}>
            <h4>Response</h4>
            <p>{attempt.responseStatus === null ? 'No answer arrived.' : `Status ${attempt.responseStatus}`}</p>
            {details.responseBody !== null && (
              <Body name="Body received" text={details.responseBody} isTruncated={details.responseBodyTruncated} />
            )}
            <Headers name="Headers received" headers={details.responseHeaders} />
          </section>
          <section aria-label={`Request of attempt ${attempt.number}`}>
            <h4>Request</h4>
            <p>
              POST{' '}
              {details.requestUrl === null ? (
                <span className="soft">to an address that is not kept</span>
              ) : (
                <code>
                  <Text value={details.requestUrl} />
                </code>
              )}
            </p>
            {details.requestHeaders === null ? (
              <p className="soft">
                {details.requestUrl === null
                  ? 'Its headers are not kept.'
                  : 'Nothing was sent: there was no connection.'}
              </p>
            ) : (
              <Headers name="Headers as sent" headers={details.requestHeaders} isFolded isHidden={isOwnHeader} />
            )}
            <RequestBody
              eventId={eventId}
              name={nameBody({ requestUrl: details.requestUrl, requestHeaders: details.requestHeaders }, attempt)}
            />
          </section>
        </div>
      )}
    </div>
  );
}

/** Every attempt sends the same bytes: the body of the event. `name` says whether this one did. */
export function RequestBody({ eventId, name }: { readonly eventId: string; readonly name: string }) {
  const [mayRead, mayPublish] = [useMay('EVENTS_READ'), useMay('EVENTS_PUBLISH')];
  const may = mayRead || mayPublish;
  const { data, error, reload } = useQuery(EVENT_BODY, may ? { id: eventId } : null);
  if (!may) {
    return (
      <p className="soft">
        The body is not shown. <NeededScope scope="EVENTS_READ" />
      </p>
    );
  }
  if (error !== undefined) return <Failure what="The body" error={error} onRetry={reload} />;
  if (!data) return <Skeleton rows={2} />;
  if (!data.event) return <p className="soft">The event is no longer kept.</p>;
  if (data.event.body === '') return <p className="soft">The body was erased.</p>;
  return <Body name={name} text={data.event.body} />;
}

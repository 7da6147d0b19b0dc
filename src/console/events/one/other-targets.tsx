/** The targets that have no delivery of the event, each with the reason. */
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useChange } from '../../api/use-change.ts';
import { usePages, type PageOf } from '../../api/use-pages.ts';
import { useMay } from '../../api/viewer.tsx';
import type { EventTargetsQuery } from '../../generated/graphql.ts';
import { REDELIVER } from '../../ui/deliveries/changes.ts';
import { explainError, Failure } from '../../ui/failure.tsx';
import { formatCount } from '../../ui/figures/format.ts';
import { Skeleton } from '../../ui/skeleton.tsx';
import { nameTarget, TargetTitle } from '../../ui/targets/target-title.tsx';
import { Text } from '../../ui/text/text.tsx';
import { visibleLine } from '../../ui/visible.ts';
import { EVENT_TARGETS } from './documents.ts';
import { explainNoDelivery } from './no-delivery-words.ts';

type Entry = NonNullable<EventTargetsQuery['event']>['targets']['nodes'][number];

/** So many are shown until somebody asks for all: the body of the event stands below them. */
const FEW = 5;

type Props = { readonly eventId: string; readonly isErased: boolean };

const NO_TARGETS = { nodes: [], pageInfo: { hasNextPage: false } } as const;

export function OtherTargets({ eventId, isErased }: Props) {
  const pages = usePages(EVENT_TARGETS, { id: eventId }, ({ event }): PageOf<Entry> => event?.targets ?? NO_TARGETS);
  const { rows, hasMore, isReadingMore, error, more, reload } = pages;
  const others = rows?.filter(({ delivery }) => delivery === null) ?? [];
  const [isWhole, setWhole] = useState(false);
  const hidden = isWhole ? 0 : Math.max(0, others.length - FEW);
  return (
    <section className="event-part" aria-labelledby="others">
      <h2 id="others">Targets that did not get it</h2>
      {others.length > 0 && (
        <ul className="others">
          {others.slice(0, others.length - hidden).map((entry) => (
            <OtherTarget key={entry.target.id} entry={entry} eventId={eventId} isErased={isErased} />
          ))}
        </ul>
      )}
      {error !== undefined ? (
        <Failure what="The other targets" error={error} onRetry={rows ? more : reload} />
      ) : !rows ? (
        <Skeleton rows={2} />
      ) : hidden > 0 ? (
        <button type="button" onClick={() => setWhole(true)}>
          {`${formatCount(hidden)} more`}
        </button>
      ) : hasMore ? (
        <button type="button" onClick={more} disabled={isReadingMore}>
          {isReadingMore ? 'Loading…' : 'More targets'}
        </button>
      ) : (
        others.length === 0 && <p className="soft">Every target got this event.</p>
      )}
    </section>
  );
}

function OtherTarget({ entry, eventId, isErased }: { readonly entry: Entry } & Props) {
  const mayWrite = useMay('DELIVERIES_WRITE');
  const [, navigate] = useLocation();
  const { send, isBusy, userErrors, failure } = useChange(REDELIVER);
  const { target, reason } = entry;
  const sendThere = async (): Promise<void> => {
    const payload = await send({ input: { eventId, targetId: target.id } });
    if (payload?.delivery) navigate(`/deliveries/${payload.delivery.id}`);
  };
  const problems = [...userErrors.map(({ message }) => message), ...(failure ? [explainError(failure)] : [])];
  return (
    <li>
      <span className="target">
        <strong>
          <TargetTitle name={target.name} url={target.url} />
        </strong>
        <small>
          <Text value={target.url} />
        </small>
      </span>
      <span className="why">
        {explainNoDelivery(reason)}
        {problems.length > 0 && <span role="alert"> {visibleLine(problems.join(' '))}</span>}
      </span>
      {mayWrite && !isErased && target.status !== 'DISABLED' && (
        <button type="button" disabled={isBusy} onClick={() => void sendThere()}>
          Send it there<span className="hidden">, to {visibleLine(nameTarget(target))}</span>
        </button>
      )}
    </li>
  );
}

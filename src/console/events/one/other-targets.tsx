/** The targets that have no delivery of the event, each with the reason. */
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { ask, useService } from '../../api/service.ts';
import { useMutation } from '../../api/use-mutation.ts';
import { useMay } from '../../api/viewer.tsx';
import { REDELIVER } from '../../deliveries/one/documents.ts';
import type { EventTargetsQuery } from '../../generated/graphql.ts';
import { explainError, Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { nameTarget, TargetTitle } from '../../ui/targets/target-title.tsx';
import { Text } from '../../ui/text.tsx';
import { visibleLine } from '../../ui/visible.ts';
import { EVENT_TARGETS } from './documents.ts';
import { explainNoDelivery } from './no-delivery-words.ts';

type Entry = NonNullable<EventTargetsQuery['event']>['targets']['nodes'][number];
type Loaded = { readonly entries: readonly Entry[]; readonly next: string | null };

type Props = { readonly eventId: string; readonly isErased: boolean };

export function OtherTargets({ eventId, isErased }: Props) {
  const access = useService();
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [error, setError] = useState<unknown>();
  const load = (after: string | null): void => {
    setError(undefined);
    ask(access, EVENT_TARGETS, { id: eventId, after }).then(({ event }) => {
      const { nodes = [], pageInfo } = event?.targets ?? {};
      setLoaded((before) => ({
        entries: [...((after !== null && before?.entries) || []), ...nodes],
        next: pageInfo?.hasNextPage ? pageInfo.endCursor : null,
      }));
    }, setError);
  };
  useEffect(() => load(null), [access, eventId]);
  const others = loaded?.entries.filter(({ delivery }) => delivery === null) ?? [];
  return (
    <section className="event-part" aria-labelledby="others">
      <h2 id="others">Targets that did not get it</h2>
      {error !== undefined ? (
        <Failure what="The other targets" error={error} onRetry={() => load(loaded?.next ?? null)} />
      ) : !loaded ? (
        <Skeleton rows={2} />
      ) : others.length === 0 && loaded.next === null ? (
        <p className="soft">Every target got this event.</p>
      ) : (
        <ul className="others">
          {others.map((entry) => (
            <OtherTarget key={entry.target.id} entry={entry} eventId={eventId} isErased={isErased} />
          ))}
        </ul>
      )}
      {loaded && loaded.next !== null && (
        <button type="button" onClick={() => load(loaded.next)}>
          More targets
        </button>
      )}
    </section>
  );
}

function OtherTarget({ entry, eventId, isErased }: { readonly entry: Entry } & Props) {
  const mayWrite = useMay('DELIVERIES_WRITE');
  const [, navigate] = useLocation();
  const { run, isRunning, error } = useMutation(REDELIVER);
  const [refusals, setRefusals] = useState<readonly string[]>([]);
  const { target, reason } = entry;
  const sendThere = async (): Promise<void> => {
    const payload = (await run({ input: { eventId, targetId: target.id } }))?.redeliver;
    setRefusals(payload?.userErrors.map(({ message }) => message) ?? []);
    if (payload?.delivery) navigate(`/deliveries/${payload.delivery.id}`);
  };
  const problems = [...refusals, ...(error === undefined ? [] : [explainError(error)])];
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
        <button type="button" disabled={isRunning} onClick={() => void sendThere()}>
          Send it there<span className="hidden">, to {visibleLine(nameTarget(target))}</span>
        </button>
      )}
    </li>
  );
}

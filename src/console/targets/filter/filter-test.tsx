/** What a filter would do to the newest events of the target's types. It is tried again a moment after each change. */
import { useEffect, useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { graphql } from '../../generated/gql.ts';
import type { PayloadFilterInput, TryFilterQuery, VerdictFragment } from '../../generated/graphql.ts';
import { Errors } from '../../ui/forms/field.tsx';
import { explainError } from '../../ui/failure.tsx';
import { Text } from '../../ui/text/text.tsx';
import { Time } from '../../ui/time.tsx';

const RECENT = graphql(`
  query RecentEvents($filter: EventFilter) {
    events(first: 5, filter: $filter) {
      nodes {
        id
        createdAt
        eventType {
          name
        }
      }
    }
  }
`);

export const VERDICT = graphql(`
  fragment Verdict on TestWebhookTargetFilterPayload {
    matches
    reason
    userErrors {
      field
      message
    }
  }
`);

/** Five events in one request. Where there are fewer, one is asked about again. */
const TRY = graphql(`
  query TryFilter($filter: PayloadFilterInput!, $a: ID!, $b: ID!, $c: ID!, $d: ID!, $e: ID!) {
    a: testWebhookTargetFilter(input: { filter: $filter, eventId: $a }) {
      ...Verdict
    }
    b: testWebhookTargetFilter(input: { filter: $filter, eventId: $b }) {
      ...Verdict
    }
    c: testWebhookTargetFilter(input: { filter: $filter, eventId: $c }) {
      ...Verdict
    }
    d: testWebhookTargetFilter(input: { filter: $filter, eventId: $d }) {
      ...Verdict
    }
    e: testWebhookTargetFilter(input: { filter: $filter, eventId: $e }) {
      ...Verdict
    }
  }
`);

const PLACES = ['a', 'b', 'c', 'd', 'e'] as const satisfies readonly (keyof TryFilterQuery)[];

const PAUSE_MS = 400;

type Props = {
  /** Undefined: it is not complete. */
  readonly filter: PayloadFilterInput | undefined;
  readonly eventTypes: readonly string[];
};

export function FilterTest({ filter, eventTypes }: Props) {
  const recent = useQuery(RECENT, { filter: eventTypes.length > 0 ? { eventType: [...eventTypes] } : {} });
  const events = recent.data?.events.nodes ?? [];
  const settled = useSettled(filter);
  const ids = PLACES.map((name, nth) => [name, events[nth % events.length]?.id]);
  const isReady = settled !== undefined && events.length > 0;
  const tried = useQuery(TRY, isReady ? { filter: settled, ...(Object.fromEntries(ids) as Ids) } : null);
  const [first] = Object.values(tried.data ?? {});
  if (recent.data && events.length === 0)
    return <p className="hint">No event of these types was published yet, so the filter cannot be tried.</p>;
  return (
    <div className="trial" role="status" aria-label="The filter, tried on recent events">
      <strong>Tried on the newest events</strong>
      {filter === undefined && <p className="hint">Complete the condition to try it.</p>}
      <Errors messages={first?.userErrors.map(({ message }) => message) ?? []} />
      {Boolean(tried.error) && <Errors messages={[explainError(tried.error)]} />}
      <ul>
        {events.map(({ id, createdAt, eventType }, nth) => (
          <li key={id}>
            <Verdict verdict={filter && tried.data?.[PLACES[nth]!]} />
            <code>{eventType.name}</code> <Time at={createdAt} />
          </li>
        ))}
      </ul>
    </div>
  );
}

type Ids = Readonly<Record<(typeof PLACES)[number], string>>;

function Verdict({ verdict }: { readonly verdict: VerdictFragment | undefined }) {
  if (verdict?.matches == null) return <span className="verdict">…</span>;
  return (
    <span className="verdict" data-matches={verdict.matches}>
      <span aria-hidden="true">{verdict.matches ? '✓' : '–'}</span> {verdict.matches ? 'Sent' : 'Not sent'}{' '}
      <small>
        <Text value={verdict.reason ?? ''} />
      </small>
    </span>
  );
}

/** The value, once it has stayed the same for a moment: a filter is not tried with each letter. */
function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  const content = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [content]);
  return settled;
}

/** Sends a test event to a target, and shows how it arrives. */
import { useWatch } from '@hookcast/client/react';
import { useState } from 'react';
import { Link } from 'wouter';
import { useChange } from '../api/use-change.ts';
import { useQuery } from '../api/use-query.ts';
import { ask, useService } from '../api/service.ts';
import { useMay } from '../api/viewer.tsx';
import { graphql } from '../generated/gql.ts';
import type { TestDeliveryFragment } from '../generated/graphql.ts';
import { Dialog } from '../ui/forms/dialog.tsx';
import { explainError } from '../ui/failure.tsx';
import { Errors, Field } from '../ui/forms/field.tsx';
import { formatDuration } from '../ui/figures/format.ts';
import { Id } from '../ui/text/id.tsx';
import { Text } from '../ui/text/text.tsx';
import { Status } from '../ui/status.tsx';
import { Countdown } from '../ui/time.tsx';
import { SEND_TEST, TEST_CHANGES, TEST_START } from './documents.ts';
import type { EditedTarget } from './form/draft.ts';

const TEST_TYPES = graphql(`
  query TestTypes {
    eventTypes {
      name
    }
  }
`);

const NOTHING = {};

type Props = { readonly target: EditedTarget; readonly onClose: () => void };

type Sent = { readonly delivery: TestDeliveryFragment; readonly turn: number };

export function TestDialog({ target, onClose }: Props) {
  const { send, isBusy, userErrors, failure } = useChange(SEND_TEST);
  const types = useQuery(TEST_TYPES, NOTHING);
  const mayWatch = useMay('DELIVERIES_READ');
  const [eventType, setEventType] = useState('');
  const [sent, setSent] = useState<Sent | null>(null);
  const submit = async (): Promise<void> => {
    const input = { targetId: target.id, ...(eventType !== '' && { eventType }) };
    const payload = await send({ input });
    if (payload?.delivery) setSent((before) => ({ delivery: payload.delivery!, turn: (before?.turn ?? 0) + 1 }));
  };
  return (
    <Dialog title="Send a test event" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Field
          label="Event type"
          hint="The example of the type is sent, whatever the target is subscribed to."
          errors={userErrors.map(({ message }) => message)}
        >
          {(input) => (
            <select {...input} value={eventType} onChange={(event) => setEventType(event.target.value)}>
              <option value="">The first that the target is subscribed to</option>
              {types.data?.eventTypes.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Errors messages={failure ? [explainError(failure)] : []} />
        {target.status !== 'ACTIVE' && (
          <p className="callout" data-state="warn">
            {target.status === 'PAUSED'
              ? 'The target is paused: the event goes out when it is resumed.'
              : 'The target is disabled: enable it first.'}
          </p>
        )}
        {sent && (mayWatch ? <Watched key={sent.turn} sent={sent.delivery} /> : <Arrival delivery={sent.delivery} />)}
        <div className="actions">
          <button type="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" className="primary" disabled={isBusy}>
            {isBusy ? 'Sending…' : sent ? 'Send another' : 'Send'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Watched({ sent }: { readonly sent: TestDeliveryFragment }) {
  const access = useService();
  const [delivery, setDelivery] = useState(sent);
  useWatch({
    ...access,
    document: TEST_CHANGES,
    variables: { filter: { deliveryId: sent.id } },
    // The attempt may be over before the stream is open: so the delivery is read at the place where the stream begins.
    after: async () => {
      const { deliveryStreamCursor, delivery: present } = await ask(access, TEST_START, { id: sent.id });
      if (present) setDelivery(present);
      return deliveryStreamCursor;
    },
    onResult: ({ data }) => setDelivery(data.deliveryStatusChanged.delivery),
  });
  return <Arrival delivery={delivery} />;
}

function Arrival({ delivery }: { readonly delivery: TestDeliveryFragment }) {
  const { id, status, event, attempts, nextAttemptAt } = delivery;
  const [last] = attempts.nodes;
  return (
    <div className="arrival" role="status" aria-label="The test event">
      <p>
        <Status status={status} /> <code>{event.eventType.name}</code>
      </p>
      {last ? (
        <p>
          {last.responseStatus === null ? 'No answer' : `Answered ${last.responseStatus}`} in{' '}
          {formatDuration(last.durationMs)}. {last.error !== null && <Text value={last.error} />}
        </p>
      ) : (
        <p>Waiting for its first attempt…</p>
      )}
      {status === 'RETRYING' && nextAttemptAt !== null && (
        <p>
          It is tried again <Countdown to={nextAttemptAt} />.
        </p>
      )}
      <p>
        <Link href={`/deliveries/${id}`}>The delivery</Link> <Id id={id} />
      </p>
    </div>
  );
}

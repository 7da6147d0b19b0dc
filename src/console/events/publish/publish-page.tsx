/** The form to publish an event. It begins with the example of the type, and shows the fields that its schema has. */
import { useRef, useState, type FormEvent } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { useChange } from '../../api/use-change.ts';
import { errorsAt, errorsElsewhere } from '../../api/user-errors.ts';
import { useMay } from '../../api/viewer.tsx';
import { Back } from '../../ui/tables/facts.tsx';
import { explainError, Failure } from '../../ui/failure.tsx';
import { Errors, Field } from '../../ui/forms/field.tsx';
import { plural } from '../../ui/figures/format.ts';
import { checkData, readTags } from './check-data.ts';
import { PUBLISH } from './documents.ts';
import { SchemaFields } from './schema-fields.tsx';
import { TypeField } from './type-field.tsx';
import { useDraft, type Draft } from './use-draft.ts';
import '../events.css';
import './publish.css';

export function PublishPage() {
  const [search] = useSearchParams();
  const mayReadEvents = useMay('EVENTS_READ');
  const [, navigate] = useLocation();
  const { draft, change, type, error, reload, useExample } = useDraft(search.get('type') ?? '', search.get('like'));
  const { send, isBusy, userErrors, failure } = useChange(PUBLISH);
  const [fault, setFault] = useState<string | null>(null);
  const [done, setDone] = useState('');
  const keyFor = useIdempotencyKey();

  async function publish(event: FormEvent): Promise<void> {
    event.preventDefault();
    const wrong = checkData(draft.data);
    setFault(wrong);
    setDone('');
    if (wrong !== null) return;
    const input = { ...toInput(draft), idempotencyKey: keyFor(JSON.stringify(draft)) };
    const payload = await send({ input });
    if (!payload?.event) return;
    keyFor(null);
    if (mayReadEvents) return navigate(`/events/${payload.event.id}`);
    setDone(
      `Published as ${payload.event.id}: ${plural(payload.deliveryCount ?? 0, 'delivery', 'deliveries')}, ${payload.filteredCount} filtered out.`,
    );
  }

  const dataErrors = [...(fault === null ? [] : [fault]), ...errorsAt(userErrors, 'rawData')];
  const others = errorsElsewhere(userErrors, ['eventType', 'rawData', 'customerId', 'orderingKey', 'tags']);
  return (
    <>
      {mayReadEvents && <Back to="/events" name="Events" />}
      <div className="page-head">
        <h1>Publish an event</h1>
      </div>
      <div className="publish">
        <form onSubmit={(event) => void publish(event)} noValidate>
          <TypeField
            value={draft.eventType}
            errors={errorsAt(userErrors, 'eventType')}
            onSet={(eventType) => change({ eventType })}
          />
          <Field
            label="Data"
            hint="JSON. It is sent as it is written here: numbers keep every digit."
            errors={dataErrors}
          >
            {(input) => (
              <textarea
                {...input}
                rows={16}
                spellCheck={false}
                value={draft.data}
                onChange={(event) => change({ data: event.target.value })}
              />
            )}
          </Field>
          {type && (
            <button type="button" className="quiet" onClick={useExample}>
              Take the example of the type again
            </button>
          )}
          <Field
            label="Customer"
            hint="Optional. Targets that are limited to other customers do not get the event."
            errors={errorsAt(userErrors, 'customerId')}
          >
            {(input) => (
              <input
                {...input}
                value={draft.customerId}
                onChange={(event) => change({ customerId: event.target.value })}
              />
            )}
          </Field>
          <Field
            label="Ordering key"
            hint="Optional, such as the id of an account. Targets in order for each key get its events one after another."
            errors={errorsAt(userErrors, 'orderingKey')}
          >
            {(input) => (
              <input
                {...input}
                value={draft.orderingKey}
                onChange={(event) => change({ orderingKey: event.target.value })}
              />
            )}
          </Field>
          <Field
            label="Tags"
            hint="Optional, separated by commas. To find the event by; no target is sent them."
            errors={errorsAt(userErrors, 'tags')}
          >
            {(input) => (
              <input {...input} value={draft.tags} onChange={(event) => change({ tags: event.target.value })} />
            )}
          </Field>
          <Errors messages={[...others, ...(failure === undefined ? [] : [explainError(failure)])]} />
          <button type="submit" className="primary" disabled={isBusy || draft.eventType === ''}>
            {isBusy ? 'Publishing…' : 'Publish'}
          </button>
          <p role="status">{done}</p>
        </form>
        <aside aria-label="About the type">
          {error !== undefined ? (
            <Failure what="The type" error={error} onRetry={reload} />
          ) : (
            type && <SchemaFields type={type} />
          )}
        </aside>
      </div>
    </>
  );
}

const toInput = ({ eventType, data, customerId, orderingKey, tags }: Draft) => ({
  eventType,
  rawData: data,
  ...(customerId !== '' && { customerId }),
  ...(orderingKey !== '' && { orderingKey }),
  ...(readTags(tags).length > 0 && { tags: [...readTags(tags)] }),
});

/**
 * One key for one content: when an answer is lost and somebody presses the button again, the event is published once. Another
 * content, and another event after this one (`null`), get another key.
 */
function useIdempotencyKey(): (content: string | null) => string {
  const last = useRef({ content: '', key: '' });
  return (content) => {
    if (content !== last.current.content) last.current = { content: content ?? '', key: randomKey() };
    return last.current.key;
  };
}

/** `crypto.randomUUID` is there on secure pages only. */
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

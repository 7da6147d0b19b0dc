/** Erases the data of events for good, so the word has to be typed. */
import { useState } from 'react';
import { useChange } from '../../api/use-change.ts';
import { Dialog } from '../../ui/forms/dialog.tsx';
import { explainError } from '../../ui/failure.tsx';
import { Errors, Field } from '../../ui/forms/field.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { ERASE_EVENT_DATA } from './documents.ts';

const KINDS = [
  ['customerId', 'One customer', 'All events about exactly this customer.'],
  ['tag', 'One tag', 'All events that have exactly this tag.'],
  ['eventId', 'One event', 'The event with this id.'],
] as const;

const WORD = 'erase';

export function EraseDialog({ onClose, onBegun }: { readonly onClose: () => void; readonly onBegun: () => void }) {
  const { send, isBusy, userErrors, failure, reset } = useChange(ERASE_EVENT_DATA);
  const [kind, setKind] = useState<(typeof KINDS)[number]>(KINDS[0]);
  const [typed, setTyped] = useState('');
  const [name, label, hint] = kind;
  const erase = async (form: FormData): Promise<void> => {
    if (!(await send({ input: { [name]: String(form.get('value')) } }))) return;
    onBegun();
    onClose();
  };
  return (
    <Dialog title="Erase the data of events" onClose={onClose}>
      <p>
        Bodies, tags, what targets answered and idempotency keys go for good. Ids, types, times and states stay. Open
        deliveries are cancelled, and an erased event is never sent again. Nothing brings the data back.
      </p>
      <Form onSubmit={(form) => void erase(form)} className="form">
        <div className="choices" role="group" aria-label="Whose data">
          {KINDS.map((one) => (
            <button
              key={one[0]}
              type="button"
              aria-pressed={one === kind}
              onClick={() => {
                reset();
                setKind(one);
              }}
            >
              {one[1]}
            </button>
          ))}
        </div>
        <Field label={label} hint={hint} errors={userErrors.map(({ message }) => message)}>
          {(input) => <input {...input} name="value" required spellCheck={false} autoComplete="off" autoFocus />}
        </Field>
        <Field label={`Type “${WORD}” to confirm`}>
          {(input) => (
            <input {...input} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
          )}
        </Field>
        <Errors messages={failure === undefined ? [] : [explainError(failure)]} />
        <div className="actions">
          <button type="button" onClick={onClose}>
            Keep
          </button>
          <button type="submit" className="danger" disabled={isBusy || typed !== WORD}>
            Erase for good
          </button>
        </div>
      </Form>
    </Dialog>
  );
}

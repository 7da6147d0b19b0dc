/** Opens the portal for the people of the organization, and shows its address once. */
import { useState } from 'react';
import { PORTAL_SCOPES, READING_SCOPES, type ApiScope } from '../../../domain/api-keys/scope.ts';
import { useChange } from '../../api/use-change.ts';
import { errorsAt, errorsElsewhere } from '../../api/user-errors.ts';
import { Dialog } from '../../ui/forms/dialog.tsx';
import { explainError } from '../../ui/failure.tsx';
import { Errors, Field } from '../../ui/forms/field.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { ShownOnce } from '../../ui/text/shown-once.tsx';
import { ScopeChoices } from '../scope-choices.tsx';
import { CREATE_PORTAL_SESSION } from './documents.ts';

const LENGTHS = [
  ['An hour', 3_600],
  ['8 hours', 28_800],
  ['A day', 86_400],
  ['A week', 604_800],
] as const;

export function NewSessionDialog({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: () => void }) {
  const { send, isBusy, userErrors, failure } = useChange(CREATE_PORTAL_SESSION);
  const [scopes, setScopes] = useState<ApiScope[]>([...READING_SCOPES]);
  const [made, setMade] = useState<string | null>(null);
  const create = async (form: FormData): Promise<void> => {
    const payload = await send({ input: { scopes, expiresInSeconds: Number(form.get('length')) } });
    if (!payload) return;
    setMade(payload.url ?? null);
    onMade();
  };
  if (made !== null) {
    return (
      <Dialog title="The new portal session" onClose={onClose}>
        <ShownOnce
          what="the address"
          text={made}
          words="Whoever opens it works in this organization until the session ends."
        >
          <button type="button" className="primary" onClick={onClose}>
            Done
          </button>
        </ShownOnce>
      </Dialog>
    );
  }
  return (
    <Dialog title="New portal session" onClose={onClose}>
      <Form onSubmit={(form) => void create(form)} className="form">
        <ScopeChoices
          offered={PORTAL_SCOPES}
          chosen={scopes}
          onChange={setScopes}
          errors={errorsAt(userErrors, 'scopes')}
        />
        <Field label="Ends after" errors={errorsAt(userErrors, 'expiresInSeconds')}>
          {(input) => (
            <select {...input} name="length" className="short">
              {LENGTHS.map(([name, seconds]) => (
                <option key={seconds} value={seconds}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Errors messages={errorsElsewhere(userErrors, ['scopes', 'expiresInSeconds'])} />
        {failure !== undefined && <p role="alert">{explainError(failure)}</p>}
        <div className="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={isBusy || scopes.length === 0}>
            {isBusy ? 'Creating…' : 'Create the session'}
          </button>
        </div>
      </Form>
    </Dialog>
  );
}

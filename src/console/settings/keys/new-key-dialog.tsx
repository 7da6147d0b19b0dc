/** Makes an API key, and shows it once. */
import { useState } from 'react';
import type { ApiScope } from '../../../domain/api-keys/scope.ts';
import { useChange } from '../../api/use-change.ts';
import { errorsAt, errorsElsewhere } from '../../api/user-errors.ts';
import { Dialog } from '../../ui/forms/dialog.tsx';
import { explainError } from '../../ui/failure.tsx';
import { Errors, Field } from '../../ui/forms/field.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { ShownOnce } from '../../ui/text/shown-once.tsx';
import { ScopeChoices } from '../scope-choices.tsx';
import { SCOPES } from '../scope-words.ts';
import { CREATE_API_KEY } from './documents.ts';

const FIELDS = ['name', 'scopes', 'rateLimitPerMinute', 'expiresAt', 'publicKey'];

export function NewKeyDialog({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: () => void }) {
  const { send, isBusy, userErrors, failure } = useChange(CREATE_API_KEY);
  const [scopes, setScopes] = useState<ApiScope[]>([]);
  const [secret, setSecret] = useState<string | null>(null);
  const create = async (form: FormData): Promise<void> => {
    const [limit, expiresAt, publicKey] = ['limit', 'expiresAt', 'publicKey'].map((name) => String(form.get(name)));
    const input = {
      name: String(form.get('name')),
      scopes,
      ...(limit !== '' && { rateLimitPerMinute: Number(limit) }),
      ...(expiresAt !== '' && { expiresAt: new Date(expiresAt!).toISOString() }),
      ...(publicKey !== '' && { publicKey: publicKey! }),
    };
    const payload = await send({ input });
    if (!payload) return;
    setSecret(payload.secret ?? null);
    onMade();
  };
  if (secret !== null) {
    return (
      <Dialog title="The new API key" onClose={onClose}>
        <ShownOnce what="the API key" text={secret}>
          <button type="button" className="primary" onClick={onClose}>
            Done
          </button>
        </ShownOnce>
      </Dialog>
    );
  }
  return (
    <Dialog title="New API key" onClose={onClose}>
      <Form onSubmit={(form) => void create(form)} className="form">
        <Field label="Name" hint="What it is for." errors={errorsAt(userErrors, 'name')}>
          {(input) => <input {...input} name="name" required maxLength={128} autoFocus />}
        </Field>
        <ScopeChoices offered={SCOPES} chosen={scopes} onChange={setScopes} errors={errorsAt(userErrors, 'scopes')} />
        <Field
          label="Operations per minute"
          hint="Empty: the default of the deployment."
          errors={errorsAt(userErrors, 'rateLimitPerMinute')}
        >
          {(input) => <input {...input} name="limit" inputMode="numeric" pattern="[0-9]*" className="short" />}
        </Field>
        <Field
          label="Expires"
          hint="In your time zone. Empty: when your own API key expires, or never."
          errors={errorsAt(userErrors, 'expiresAt')}
        >
          {(input) => <input {...input} name="expiresAt" type="datetime-local" />}
        </Field>
        <Field
          label="Public key of its owner"
          hint="64 hex characters, Ed25519. With it, every mutation must be signed. Empty: none has to be."
          errors={errorsAt(userErrors, 'publicKey')}
        >
          {(input) => <input {...input} name="publicKey" className="code" spellCheck={false} autoComplete="off" />}
        </Field>
        <Errors messages={errorsElsewhere(userErrors, FIELDS)} />
        {failure !== undefined && <p role="alert">{explainError(failure)}</p>}
        <div className="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={isBusy || scopes.length === 0}>
            {isBusy ? 'Creating…' : 'Create the API key'}
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
